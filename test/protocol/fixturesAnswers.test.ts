import { readFileSync, readdirSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import type { Protocol } from "../../src/protocol/policy.ts"
import { wholeAnswer } from "../../src/protocol/translate.ts"
import { streamViolations } from "../../src/testing/anthropicGrammar.ts"
import { accumulateSse } from "../../src/testing/anthropicMessage.ts"
import { scriptStops } from "../../src/testing/chatScript.ts"
import type { JsonObject } from "../../src/testing/json.ts"
import { type Chunking, cut } from "../../src/testing/sseBytes.ts"
import { blocksOf, withoutGenerated } from "./laws/support/compare.ts"
import { contextFor, play, richPolicy } from "./laws/support/exchange.ts"

interface Expected {
  readonly note: string
  readonly thinkTags?: boolean
  readonly http?: number
  readonly message?: JsonObject
  readonly error?: { readonly type: string; readonly contains: string }
}

interface Scenario {
  readonly protocol: Protocol
  readonly scenario: string
}

const folderOf = (protocol: Protocol): URL => new URL(`../fixtures/${protocol}/`, import.meta.url)

const scenarios: ReadonlyArray<Scenario> = (["chat", "responses"] as const).flatMap((protocol) =>
  readdirSync(folderOf(protocol))
    .filter((name) => name.endsWith(".sse"))
    .map((name) => ({ protocol, scenario: name.slice(0, -4) }))
)

const bytesOf = ({ protocol, scenario }: Scenario): Uint8Array =>
  readFileSync(new URL(`${scenario}.sse`, folderOf(protocol)))

const expectedOf = ({ protocol, scenario }: Scenario): Expected =>
  JSON.parse(readFileSync(new URL(`${scenario}.json`, folderOf(protocol)), "utf8"))

const contextOf = ({ protocol }: Scenario, { thinkTags = false }: Expected) =>
  contextFor({
    protocol,
    policy: { ...richPolicy, thinkTags },
    tools: ["Read", "Bash", "Write"],
    stopSequences: protocol === "chat" ? scriptStops : []
  })

/** The message as the fixtures write it: reasoning without its envelope, texts in their own blocks. */
const readable = (message: JsonObject | undefined): JsonObject => ({
  ...message,
  content: blocksOf(message ?? {}).map((block) =>
    Object.fromEntries(Object.entries(withoutGenerated(block)).filter(([key]) => key !== "signature" && key !== "data"))
  )
})

const chunkings: ReadonlyArray<readonly [string, Chunking]> = [
  ["at once", "whole"],
  ["byte by byte", "bytes"],
  ["in three pieces", [20_000, 41_234]]
]

const expectMessage = (message: JsonObject | undefined, wanted: JsonObject): void => {
  const got = readable(message)
  expect(Object.fromEntries(Object.keys(wanted).map((key) => [key, got[key]]))).toEqual(wanted)
}

describe.each(scenarios)("$protocol/$scenario", (scenario) => {
  const expected = expectedOf(scenario)

  it.each(chunkings)(`arriving %s: ${expected.note}`, (_, how) => {
    const { sse, failure } = play(contextOf(scenario, expected), cut(bytesOf(scenario), how))
    const { message, complete, error } = accumulateSse(sse)
    expect(sse === "" ? [] : streamViolations(sse)).toEqual([])
    expect(complete).toBe(expected.error === undefined)
    expect(failure?.type).toBe(expected.error?.type)
    expect(failure?.message ?? "").toContain(expected.error?.contains ?? "")
    expect(error?.["type"]).toBe(expected.http === undefined ? expected.error?.type : undefined)
    expectMessage(complete ? message : undefined, expected.message ?? {})
  })

  it("gives a client that wants a whole message the same", () => {
    const body = new TextDecoder().decode(bytesOf(scenario))
    const answer = wholeAnswer(contextOf(scenario, expected), body)
    const message = Either.getOrUndefined(answer)?.message
    const plain: JsonObject | undefined = message === undefined ? undefined : JSON.parse(JSON.stringify(message))
    expect(Either.getOrUndefined(Either.flip(answer))?.type).toBe(expected.error?.type)
    // Cut arguments can be shown as cut only in a stream; a whole message has no place for them.
    const wanted = JSON.parse(
      JSON.stringify(expected.message ?? {}).replaceAll(/\{"\(incomplete\)":"(?:[^"\\]|\\.)*"\}/g, "{}")
    )
    expectMessage(plain, wanted)
  })
})

describe("the fixtures", () => {
  it("are all described", () => {
    expect(scenarios.length).toBeGreaterThan(50)
    expect(scenarios.filter((scenario) => expectedOf(scenario).note === "")).toEqual([])
  })

  it("end in an HTTP error exactly where they say so", () => {
    for (const scenario of scenarios) {
      const expected = expectedOf(scenario)
      const { sse, failure } = play(contextOf(scenario, expected), [bytesOf(scenario)])
      expect({ scenario, http: sse === "" ? failure?.status : undefined }).toEqual({ scenario, http: expected.http })
    }
  })
})
