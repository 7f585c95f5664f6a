/** What is read as bytes or as text, without knowing what it means: framing, places in JSON, envelopes. */
import { createHash } from "node:crypto"
import { deflateRawSync } from "node:zlib"
import { Either } from "effect"
import { modelEdits, type Survey, survey, thinkingOff } from "../../../src/protocol/anthropic/splice.ts"
import { stripOwn } from "../../../src/protocol/anthropic/strip.ts"
import { type Edit, withEdits } from "../../../src/protocol/jsonEdits.ts"
import { seal, unseal } from "../../../src/protocol/reasoning.ts"
import { sseParser } from "../../../src/protocol/sse.ts"
import { type Dice, isJsonObject } from "../../../src/testing/json.ts"
import { say, type Wrong } from "../../../src/testing/judge.ts"
import type { FuzzTarget } from "../engine.ts"
import { anthropicRequests, anyAnswers } from "../material.ts"
import { chunked, spoiltBytes, spoiltJson, spoiltStream } from "../mutate.ts"
import { parse, payloads } from "../oracles.ts"

// --- framing

const records = (chunks: ReadonlyArray<Uint8Array>): string => {
  const seen: Array<{ event: string; data: string }> = []
  const parser = sseParser(
    (event, data) => seen.push({ event, data }),
    () => {}
  )
  const utf8 = new TextDecoder()
  for (const chunk of chunks) parser.push(utf8.decode(chunk, { stream: true }))
  parser.push(utf8.decode())
  parser.end()
  return JSON.stringify(seen)
}

/** Records without any payload are none. */
const simply = (text: string): string => JSON.stringify(payloads(text).filter(({ data }) => data !== ""))

const framing: FuzzTarget = {
  name: "sse",
  cases: 1000,
  make: spoiltStream(anyAnswers),
  judge: (input, random) => {
    const whole = records([input])
    const text = new TextDecoder().decode(input)
    return [
      ...say(whole === records(chunked(input, random)), "another cut of the bytes, other records"),
      ...say(whole === simply(text), "other records than a simple reader finds")
    ]
  }
}

// --- places in JSON

const overlaps = (edits: ReadonlyArray<Edit>): boolean => {
  const ordered = [...edits].sort((one, other) => one.from - other.from)
  return ordered.some(({ from, to }, at) => from > to || from < (ordered[at - 1]?.to ?? 0))
}

/** The bytes outside of some spans. */
const outside = (bytes: Uint8Array, spans: Survey["models"]): string => {
  const kept = [...spans].sort((one, other) => one.from - other.from)
  const edges = [0, ...kept.flatMap(({ from, to }) => [from, to]), bytes.length]
  const parts = edges.flatMap((from, at) => (at % 2 === 0 ? [bytes.subarray(from, edges[at + 1])] : []))
  return Buffer.concat(parts).toString("latin1")
}

const strict = new TextDecoder("utf-8", { fatal: true })

/** The value, if the bytes are JSON in proper UTF-8. */
const meant = (bytes: Uint8Array): unknown => {
  try {
    return parse(strict.decode(bytes))
  } catch {
    return undefined
  }
}

const newModel = 'other/"model"-ü'

const spliceWrongs = (input: Uint8Array, found: Survey, value: unknown): Wrong => {
  const out = withEdits(input, modelEdits(input, found, newModel))
  const again = Either.getOrUndefined(survey(out))
  if (again === undefined) return ["the changed body cannot be read again"]
  const result = meant(out)
  return [
    ...say(outside(input, found.models) === outside(out, again.models), "more than the model changed"),
    ...say(found.models.length === 0 || again.model === newModel, `the model is ${again.model}`),
    ...say(
      !isJsonObject(value) ||
        typeof value["model"] !== "string" ||
        JSON.stringify(result) === JSON.stringify({ ...value, model: newModel }),
      "the changed body means something else"
    )
  ]
}

const stripWrongs = (input: Uint8Array, found: Survey, value: unknown, random: Dice): Wrong => {
  const options = { unsigned: random.roll(2) === 0 }
  const losses: Array<string> = []
  const lose = (_: unknown, path: string) => void losses.push(path)
  const stripped = found.messages.map((span) => stripOwn(input, span, options, lose))
  const bare = stripped.some((one) => one.bare)
  const edits = [...stripped.flatMap((one) => one.edits), ...(bare ? thinkingOff(input, found, lose) : [])]
  if (overlaps(edits)) return ["changes that overlap"]
  const out = withEdits(input, edits)
  const again = Either.getOrUndefined(survey(out))
  const more =
    again === undefined ? [] : again.messages.flatMap((span) => stripOwn(out, span, options, () => undefined).edits)
  return [
    ...say(found.mayHoldOwn || edits.length === 0, "something of ours without a mark"),
    ...say((edits.length === 0) === (losses.length === 0), `${edits.length} changes, ${losses.length} losses`),
    ...say(again !== undefined, "what is left cannot be read again"),
    ...say(value === undefined || meant(out) !== undefined, "what is left is no JSON"),
    ...say(more.length === 0, "a second look finds more of ours")
  ]
}

const surveyWrongs = (input: Uint8Array, random: Dice): Wrong => {
  const value = meant(input)
  return Either.match(survey(input), {
    onLeft: (at) => [
      ...say(Number.isInteger(at) && at >= 0 && at <= input.length, `a fault at ${at} of ${input.length} bytes`),
      ...say(!isJsonObject(value), "refused, although it is a JSON object")
    ],
    onRight: (found) => [
      ...(isJsonObject(value)
        ? [
            ...say(
              typeof value["model"] !== "string" || found.model === value["model"],
              `the model is read as ${found.model}`
            ),
            ...say(found.stream === (value["stream"] === true), `stream is read as ${found.stream}`)
          ]
        : say(value === undefined, "taken, although it is no object")),
      ...spliceWrongs(input, found, value),
      ...stripWrongs(input, found, value, random)
    ]
  })
}

// --- envelopes

const replayOf = (random: Dice) => ({
  provider: random.pick(["openai", "é", ""]),
  model: "m",
  protocol: random.pick(["chat", "responses"] as const),
  payload: random.pick<unknown>([null, { details: [{ text: "hm".repeat(random.roll(90)) }] }, [1, "\ud800"], "text"])
})

const digits = (bytes: Uint8Array): string => `cdx1.${Buffer.from(bytes).toString("base64url")}`

/** An envelope around any bytes whose checksum is right: whoever wants to can make one. */
const forged = (content: Uint8Array): string => {
  const sum = createHash("sha256").update(content).digest().subarray(0, 4)
  return digits(Buffer.concat([sum, content]))
}

const envelope: FuzzTarget = {
  name: "envelope",
  cases: 500,
  make: (random) => {
    const text = seal(replayOf(random))
    return random.roll(4) === 0
      ? spoiltJson((dice) => JSON.stringify({ v: 1, p: "p", m: "m", k: "chat", d: replayOf(dice) }))(random)
      : spoiltBytes(() => text)(random)
  },
  judge: (input) => {
    const text = new TextDecoder().decode(input)
    const found = unseal(text)
    // whatever else a checksum was put before, it is read as something of that form or not at all
    for (const content of [input, deflateRawSync(input)]) {
      const read = unseal(forged(content))
      if (read !== undefined && typeof read.provider !== "string") return ["a replay without a provider"]
    }
    return say(found === undefined || seal(found) === text, "what was opened is not what was sealed")
  }
}

export const byteTargets: ReadonlyArray<FuzzTarget> = [
  framing,
  { name: "splice", cases: 500, make: spoiltBytes(anthropicRequests), judge: surveyWrongs },
  envelope
]
