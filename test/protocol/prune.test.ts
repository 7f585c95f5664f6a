/** Optional arguments that come as empty strings (user problem 15). */
import { FastCheck as fc } from "effect"
import { describe, expect, test } from "vitest"
import { optionalTexts, pruneEmpty } from "../../src/protocol/prune.ts"
import type { TurnEvent } from "../../src/protocol/turn.ts"
import { runs } from "../support/runs.ts"
import { decode, exchangeOf } from "./requests.ts"
import { calls, completion, contextOf, done, finish, read, readWhole, say } from "./turns.ts"
import { holds } from "../support/holds.ts"

const schema = {
  type: "object",
  properties: {
    file_path: { type: "string" },
    pages: { type: "string" },
    note: { type: ["string", "null"] },
    limit: { type: "number" },
    mode: { enum: ["", "fast"], type: "string" },
    fixed: { const: "", type: "string" }
  },
  required: ["file_path"]
}
const tools = [
  { name: "Read", input_schema: schema },
  { name: "Bash", input_schema: { type: "object", properties: { command: { type: "string" } }, required: ["command"] } }
]
const context = contextOf({ ...exchangeOf({ tools }, { pruneEmptyArguments: true }).context })

const given = { file_path: "", pages: "", note: "", limit: 1, mode: "", fixed: "", unknown: "" }
const kept = { file_path: "", limit: 1, mode: "", fixed: "", unknown: "" }
const call = (args: string, name = "Read") => ({ index: 0, id: "a", name, args })

describe("[4.3 post-processing]", () => {
  test("what the schema lets be left out and calls a string is left out when it is empty, and nothing else", () => {
    const whole = { tool_calls: [{ id: "a", function: { name: "Read", arguments: JSON.stringify(given) } }] }
    const wanted = [`Read ${JSON.stringify(kept)}`]
    expect(readWhole(completion(whole, "tool_calls"), context).content).toEqual(wanted)
    expect(read([calls(call(JSON.stringify(given))), finish("tool_calls"), done], context).content).toEqual(wanted)
  })

  test("also when the arguments come in pieces", () => {
    const pieces = [...JSON.stringify(given)].map((args) => calls({ index: 0, args }))
    const chunks = [calls(call("")), ...pieces, finish("tool_calls"), done]
    expect(read(chunks, context).content).toEqual([`Read ${JSON.stringify(kept)}`])
  })

  test("arguments without anything to leave out stay the same text", () => {
    const args = '{ "file_path" : "a",\n"pages":"1-2" }'
    expect(read([calls(call(args)), finish("tool_calls")], context).sse).toContain(JSON.stringify(args))
  })

  test("only where the policy says so", () => {
    expect(exchangeOf({ tools }).context.optionalTexts).toBeUndefined()
    const args = '{"pages":""}'
    expect(read([calls(call(args)), finish("tool_calls")]).content).toEqual([`Read ${args}`])
  })

  test("text behind a whole call does not wait for the end of the turn", () => {
    const answer = read([calls(call('{"pages":""}')), say("a"), finish("tool_calls"), done], context)
    expect(answer.content).toEqual(["Read {}", "text: a"])
  })

  test("a call that was cut stays cut", () => {
    const answer = read([calls(call('{"file_path":"/a","pa')), finish("length"), done], context)
    expect(answer).toMatchObject({ content: [expect.stringContaining("(incomplete)")], end: "max_tokens" })
  })
})

describe("which arguments are held back", () => {
  const optional = optionalTexts(decode({ tools }).tools)

  const pass = (...events: ReadonlyArray<TurnEvent>): ReadonlyArray<TurnEvent> => {
    const out: Array<TurnEvent> = []
    events.forEach(pruneEmpty(optional, (event) => out.push(event)))
    return out
  }
  const start = (key: number, name: string): TurnEvent => ({ type: "call-start", key, name })
  const args = (key: number, json: string): TurnEvent => ({ type: "call-args", key, json })
  const stop: TurnEvent = { type: "stop", finish: { reason: "calls" } }

  test("those of tools with such arguments; others are told as they come", () => {
    expect(pass(start(0, "Bash"), args(0, "{"))).toEqual([start(0, "Bash"), args(0, "{")])
    expect(pass(start(0, "Read"), args(0, "{"))).toEqual([start(0, "Read")])
    expect(pass(start(0, "Read"), args(0, "{"), args(0, '"pages":""}'), stop)).toEqual([
      start(0, "Read"),
      args(0, "{}"),
      stop
    ])
  })

  test("a call that ends is told at once", () => {
    const end: TurnEvent = { type: "call-end", key: 0 }
    expect(pass(start(0, "Read"), args(0, '{"pages":""}'), end)).toEqual([start(0, "Read"), args(0, "{}"), end])
  })

  test("for every input the same input without the empty ones", async () => {
    const input = fc.dictionary(
      fc.constantFrom("file_path", "pages", "note", "limit", "x"),
      fc.constantFrom("", "a", 1, null)
    )
    await holds(
      fc.property(input, fc.integer({ min: 0, max: 40 }), (value, at) => {
        const json = JSON.stringify(value)
        const out = pass(start(0, "Read"), args(0, json.slice(0, at)), args(0, json.slice(at)), stop)
        const told = out.flatMap((event) => (event.type === "call-args" ? [event.json] : [])).join("")
        const wanted = Object.entries(value).filter(([key, v]) => v !== "" || (key !== "pages" && key !== "note"))
        expect(JSON.parse(told)).toEqual(Object.fromEntries(wanted))
      }),
      { numRuns: runs }
    )
  })
})
