/** Stop sequences that the provider was not told about: the scan of §4.2.1. */
import { describe, expect, test } from "vitest"
import { gatewayError } from "../../src/protocol/errors.ts"
import { stopSequences } from "../../src/protocol/stopSequences.ts"
import type { TurnEvent } from "../../src/protocol/turn.ts"
import { calls, contextOf, done, finish, read, say } from "./turns.ts"

const text = (value: string): TurnEvent => ({ type: "text", text: value })
const stop: TurnEvent = { type: "stop", finish: { reason: "stop" } }
const stopped = (sequence: string): TurnEvent => ({ type: "stop", finish: { reason: "stop", sequence } })

const pass = (sequences: ReadonlyArray<string>, ...events: ReadonlyArray<TurnEvent>): ReadonlyArray<TurnEvent> => {
  const out: Array<TurnEvent> = []
  events.forEach(stopSequences(sequences, (event) => out.push(event)))
  return out
}

/** The text that was told, and the sequence that ended it. */
const told = (sequences: ReadonlyArray<string>, ...pieces: ReadonlyArray<string>) => {
  const out = pass(sequences, ...pieces.map(text), stop)
  const last = out.at(-1)
  const shown = out.flatMap((event) => (event.type === "text" ? [event.text] : [])).join("")
  return [shown, last?.type === "stop" ? last.finish.sequence : "no stop"]
}

test.each<[string, ReadonlyArray<string>, string, string, string | undefined]>([
  ["the turn ends before the sequence, and it is named", ["END"], "a END b", "a ", "END"],
  ["the first match counts, not the first of the list", ["b", "a"], "xab", "x", "a"],
  ["of two at one place the one that is complete first", ["END", "EN"], "xEND", "x", "EN"],
  ["of two that end together the longer one", ["b", "ab"], "xab", "x", "ab"],
  ["a longer one around it comes too late", ["ab", "cabd"], "cabd", "c", "ab"],
  ["a sequence at the very start leaves no text", ["END"], "END b", "", "END"],
  ["what only begins like one is text", ["END"], "EN", "EN", undefined],
  ["overlapping beginnings are found", ["aab"], "aaab", "a", "aab"],
  ["no match", ["END"], "a b", "a b", undefined]
])("%s", (_rule, sequences, given, shown, sequence) => {
  expect(told(sequences, given)).toEqual([shown, sequence])
})

test("a sequence is found over any cut, and always the same one", () => {
  expect(told(["cabd", "ab"], "cab", "d")).toEqual(["c", "ab"])
  expect(told(["cabd", "ab"], ..."cabd")).toEqual(["c", "ab"])
  expect(told(["cabd", "ab"], "cabd")).toEqual(["c", "ab"])
  expect(told(["END"], ..."a END b")).toEqual(["a ", "END"])
  expect(told(["a\n\nHuman:"], ..."xa\n\nHuman: y")).toEqual(["x", "a\n\nHuman:"])
})

test("only what could become a sequence is held back, and it is never retracted", () => {
  expect(pass(["END"], text("a E"), text("N"), text("x"))).toEqual([text("a "), text("ENx")])
})

test("held text is passed on before anything else is told", () => {
  const call: TurnEvent = { type: "call-start", key: 0, name: "Read" }
  expect(pass(["END"], text("E"), call, text("ND"), stop)).toEqual([text("E"), call, text("ND"), stop])
})

test("start and usage pass by", () => {
  expect(pass(["END"], { type: "start" }, text("E"), { type: "start" }, text("ND"))).toEqual([
    { type: "start" },
    { type: "start" },
    stopped("END")
  ])
})

test("after the stop nothing follows, not even the provider's own end", () => {
  expect(pass(["END"], text("END"), text("b"), stop)).toEqual([stopped("END")])
})

describe("a sequence in text beside a call", () => {
  const call = (key: number): TurnEvent => ({ type: "call-start", key, name: "Read" })
  const args = (key: number, json: string): TurnEvent => ({ type: "call-args", key, json })
  const end = (key: number): TurnEvent => ({ type: "call-end", key })

  test("the call is heard out, nothing else is told, and the provider's end is the turn's", () => {
    const reasoning: TurnEvent = { type: "reasoning", text: "r" }
    const later = [text("b"), args(0, "{}"), reasoning, call(1), args(1, "{}"), end(1), stop]
    expect(pass(["END"], call(0), text("aEND"), ...later)).toEqual([call(0), text("a"), args(0, "{}"), stopped("END")])
  })

  test("with its last call the turn ends at once", () => {
    expect(pass(["END"], call(0), call(1), text("END"), end(1), args(0, "{}"), end(0), args(0, " "), stop)).toEqual([
      call(0),
      call(1),
      end(1),
      args(0, "{}"),
      end(0),
      stopped("END")
    ])
  })

  test("calls that are over do not hold the turn up", () => {
    expect(pass(["END"], call(0), end(0), text("aEND"), text("b"))).toEqual([
      call(0),
      end(0),
      text("a"),
      stopped("END")
    ])
  })

  test("a limit that ends the call stays a limit, and a failure a failure", () => {
    const cut: TurnEvent = { type: "stop", finish: { reason: "length" } }
    expect(pass(["END"], call(0), text("END"), cut)).toEqual([
      call(0),
      { type: "stop", finish: { reason: "length", sequence: "END" } }
    ])
    const fail: TurnEvent = { type: "fail", error: gatewayError("api_error", "broke off") }
    expect(pass(["END"], call(0), text("END"), fail)).toEqual([call(0), fail])
  })

  test("the client gets the whole call and no failed turn", () => {
    const context = contextOf({ stopSequences: ["END"], enforceStop: ["END"] })
    const half = { index: 0, id: "a", name: "Read", args: '{"p":' }
    const chunks = [calls(half), say("textEND more"), calls({ index: 0, args: "1}" }), finish("tool_calls"), done]
    expect(read(chunks, context)).toMatchObject({ content: ['Read {"p":1}', "text: text"], end: "tool_use" })
  })
})

test("reasoning and arguments are not scanned", () => {
  const reasoning: TurnEvent = { type: "reasoning", text: "END" }
  const args: TurnEvent = { type: "call-args", key: 0, json: '"END"' }
  expect(pass(["END"], reasoning, args, stop)).toEqual([reasoning, args, stop])
})

test("without sequences the sink is the next one itself", () => {
  const next = () => {}
  expect(stopSequences([], next)).toBe(next)
})
