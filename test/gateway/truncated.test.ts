/** Answers that break off, over real connections: whatever came, the client never takes it for a finished turn. */
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { type Answer, eventsOf, hello, inTime, type Kind, start, streamed } from "./support.ts"

const tools = [{ name: "Write", input_schema: { type: "object", properties: { path: { type: "string" } } } }]

const records = [
  ChatScript.role,
  ChatScript.reasoning("hm"),
  ChatScript.text("half a sentence 你好"),
  ChatScript.callStart(0, "call_1", "Write", '{"path":'),
  ChatScript.callArgs(0, '"/tmp/a"'),
  ChatScript.callArgs(0, "}")
]
const turn = Buffer.from(records.join(""))
/** Behind each record, inside its line break and inside its last word. */
const cuts = [
  ...new Set(
    records.flatMap((_, index) => {
      const edge = Buffer.byteLength(records.slice(0, index + 1).join(""))
      return [edge - 9, edge - 1, edge]
    })
  )
]

const wholeBody = JSON.stringify({
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "half a sentence" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 7, completion_tokens: 3 }
})

const endings: ReadonlyArray<readonly [string, UpstreamScript.Step]> = [
  ["a reset", UpstreamScript.destroy],
  ["a clean end", UpstreamScript.end]
]

/** No success, or one that ends in an error event; nothing the client could execute or take for the end. */
const expectBroken = (answer: Answer) => {
  if (answer.status !== 200) {
    expect(answer.status).toBe(502)
    expect(JSON.parse(answer.text)).toMatchObject({ type: "error", error: { type: "api_error" } })
    return
  }
  const events = eventsOf(answer.text)
  const types = events.map((event) => event.type)
  expect(answer.headers["content-type"]).toContain("text/event-stream")
  expect(types.at(-1)).toBe("error")
  for (const never of ["message_delta", "message_stop"]) expect(types).not.toContain(never)
  // the deltas of the call's arguments are the provider's own bytes and no more
  const args = events.flatMap((event) => {
    const delta = event["delta"] as { readonly partial_json?: string } | undefined
    return delta?.partial_json ?? []
  })
  expect('{"path":"/tmp/a"}'.startsWith(args.join(""))).toBe(true)
}

const kinds: ReadonlyArray<Kind> = ["node", "portable"]

describe.each(kinds)("an answer that breaks off on the %s wire", (kind) => {
  it.scoped.each(endings)("with %s is an error, wherever it is cut", ([, ending]) =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      for (const cut of cuts) {
        const script = UpstreamScript.stream([turn.subarray(0, cut), ending])
        yield* upstream.enqueue(script, script)
        expectBroken(yield* ask({ body: streamed({ tools }) }))
        const whole = yield* ask({ body: hello({ tools }) })
        expect(whole.status).toBe(502)
        expectBroken(whole)
      }
    })
  )

  it.scoped.each(endings)("with %s in the middle of a JSON body is an error", ([, ending]) =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      for (const length of [1, 40, wholeBody.length - 30, wholeBody.length - 1]) {
        const script = {
          ...UpstreamScript.respond(200, ""),
          steps: [UpstreamScript.write(wholeBody.slice(0, length)), ending]
        }
        yield* upstream.enqueue(script, script)
        for (const body of [hello(), streamed()]) {
          const answer = yield* ask({ body })
          expect(answer.status).toBe(502)
          expectBroken(answer)
        }
      }
    })
  )

  it.scoped("because fewer bytes came than were announced is an error", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      const short = {
        ...UpstreamScript.stream([turn, UpstreamScript.destroy]),
        headers: { "content-type": "text/event-stream", "content-length": String(turn.length + 1000) }
      }
      yield* upstream.enqueue(short, short)
      for (const body of [hello({ tools }), streamed({ tools })]) expectBroken(yield* ask({ body }))
    })
  )

  it.scoped("with a reset behind its finish reason is complete: the turn had ended", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      const ended = UpstreamScript.stream([...records, ChatScript.finish("tool_calls"), UpstreamScript.destroy])
      yield* upstream.enqueue(ended)
      const events = eventsOf((yield* ask({ body: streamed({ tools }) })).text)
      expect(events.at(-1)).toEqual({ type: "message_stop" })
      expect(events.at(-2)).toMatchObject({ type: "message_delta", delta: { stop_reason: "tool_use" } })
    })
  )

  it.scoped("inside of its compression is an error", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      const packed = gzipSync(wholeBody)
      const cut = {
        ...UpstreamScript.respond(200, packed.subarray(0, packed.length - 20), { "content-encoding": "gzip" })
      }
      yield* upstream.enqueue(cut, cut)
      for (const body of [hello(), streamed()]) expectBroken(yield* ask({ body }))
    })
  )

  it.scoped("or is left open behind its end is complete, whether it was to be whole or a stream", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      const document = (ending: UpstreamScript.Step, headers: Readonly<Record<string, string>> = {}) => ({
        ...UpstreamScript.respond(200, "", headers),
        steps: [UpstreamScript.write(wholeBody), ending]
      })
      const tooLong = { "content-length": String(wholeBody.length + 1000) }
      const turnOf = (...ends: ReadonlyArray<string>) =>
        UpstreamScript.stream([ChatScript.text("half a sentence"), ...ends, UpstreamScript.stall])
      for (const script of [
        document(UpstreamScript.stall),
        document(UpstreamScript.stall, tooLong),
        document(UpstreamScript.destroy, tooLong),
        document(UpstreamScript.destroy),
        turnOf(ChatScript.finish("stop")),
        turnOf(ChatScript.done),
        turnOf(ChatScript.finish("stop"), ChatScript.done)
      ]) {
        yield* upstream.enqueue(script, script)
        for (const body of [hello(), streamed()]) {
          const answer = yield* inTime(ask({ body }))
          expect([answer.status, answer.complete]).toEqual([200, true])
          expect(answer.text).toContain("half a sentence")
          expect(answer.text).toContain("end_turn")
        }
      }
    })
  )

  it.scoped("or is left open and refuses has its words when they are complete, and its status anyway", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      const words = JSON.stringify({ error: { message: "tools: bad schema" } })
      for (const ending of [UpstreamScript.stall, UpstreamScript.destroy]) {
        for (const [said, told] of [
          [words, /bad schema/],
          [words.slice(0, -1), /^(?!.*bad schema)/]
        ] as const) {
          yield* upstream.enqueue({ ...UpstreamScript.respond(400, ""), steps: [UpstreamScript.write(said), ending] })
          const { status, text } = yield* inTime(ask({ body: hello() }))
          expect([status, text]).toEqual([400, expect.stringMatching(told)])
        }
      }
    })
  )

  it.scoped("behind its finish reason is complete, and counts what was reported", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      const usage = ChatScript.usage({ prompt: 91, cached: 40, completion: 17 })
      const complete = [...records, ChatScript.finish("tool_calls"), usage, ChatScript.done]
      for (const script of [
        UpstreamScript.stream(complete),
        UpstreamScript.stream(complete.slice(0, -1)),
        UpstreamScript.stream([...records, usage, ChatScript.finish("tool_calls"), ChatScript.done])
      ]) {
        yield* upstream.enqueue(script, script)
        const events = eventsOf((yield* ask({ body: streamed({ tools }) })).text)
        expect(events.at(-1)).toEqual({ type: "message_stop" })
        const counts = { input_tokens: 51, cache_read_input_tokens: 40, output_tokens: 17 }
        expect(events.at(-2)).toMatchObject({ type: "message_delta", usage: counts })
        expect(JSON.parse((yield* ask({ body: hello({ tools }) })).text)).toMatchObject({
          stop_reason: "tool_use",
          usage: counts
        })
      }
    })
  )
})
