/** Reasoning between tags in the text of local models: §4.9.3. */
import { describe, expect, test } from "vitest"
import { thinkTags } from "../../src/protocol/thinkTags.ts"
import type { TurnEvent } from "../../src/protocol/turn.ts"

const text = (value: string): TurnEvent => ({ type: "text", text: value })
const reasoning = (value: string): TurnEvent => ({ type: "reasoning", text: value })
const stop: TurnEvent = { type: "stop", finish: { reason: "stop" } }

const pass = (...events: ReadonlyArray<TurnEvent>): ReadonlyArray<TurnEvent> => {
  const out: Array<TurnEvent> = []
  events.forEach(thinkTags((event) => out.push(event)))
  return out
}

/** Reasoning and text, each joined. */
const split = (...pieces: ReadonlyArray<string>) => {
  const out = pass(...pieces.map(text), stop)
  const all = (type: "text" | "reasoning") => out.flatMap((event) => (event.type === type ? [event.text] : [])).join("")
  return [all("reasoning"), all("text")]
}

describe("§4.9.3", () => {
  test.each<[string, string, string, string]>([
    ["inside is reasoning, after is text", "<think>a</think>b", "a", "b"],
    ["also <thinking>", "<thinking>a</thinking>b", "a", "b"],
    ["and MiniMax's own", "<mm:think>a</mm:think>b", "a", "b"],
    ["white space before the tag is allowed", " \n<think>a</think>b", "a", "b"],
    ["leading newlines of the text are trimmed", "<think>\na\n</think>\n\r\n\nb\n", "\na\n", "b\n"],
    ["a tag in the middle of the text is text", "use <think>a</think>", "", "use <think>a</think>"],
    ["a second tag too", "<think>a</think>b<think>c</think>", "a", "b<think>c</think>"],
    ["no closing tag: what was inside stays reasoning", "<think>a</thin", "a</thin", ""],
    ["the other closing tag does not close", "<think>a</thinking>b</think>c", "a</thinking>b", "c"],
    ["what only begins like a tag is text", "<thin ice", "", "<thin ice"],
    ["also when it is all there is", " <thi", "", " <thi"],
    ["text without tags is untouched", "\n a", "", "\n a"],
    ["an empty thought is none", "<think></think>b", "", "b"],
    ["a tag is a tag by its exact letters", "<Think>a</Think>", "", "<Think>a</Think>"]
  ])("%s", (_rule, given, inside, after) => {
    expect(split(given)).toEqual([inside, after])
    // and so for every way to cut it into characters
    expect(split(...given)).toEqual([inside, after])
  })

  test("what cannot be a tag any more is not held back", () => {
    expect(pass(text("<"), text("d"), text("iv>"))).toEqual([text("<d"), text("iv>")])
    expect(pass(text("<think>abc"), text("def</t"))).toEqual([reasoning("abc"), reasoning("def")])
  })

  test("when the provider also sends reasoning, the scan is off for the turn", () => {
    expect(pass(reasoning("r"), text("<think>a</think>"), stop)).toEqual([
      reasoning("r"),
      text("<think>a</think>"),
      stop
    ])
  })

  test("held text is passed on before whatever ends the wait, in order", () => {
    const call: TurnEvent = { type: "call-start", key: 0, name: "Read" }
    expect(pass(text("<th"), call, text("ink>"))).toEqual([text("<th"), call, text("ink>")])
    expect(pass(text("<think>a</th"), call)).toEqual([reasoning("a"), reasoning("</th"), call])
  })

  test("the start and usage decide nothing", () => {
    const usage: TurnEvent = {
      type: "usage",
      usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 }
    }
    expect(pass({ type: "start" }, usage, text("<think>"), usage, text("a</think>b"))).toEqual([
      { type: "start" },
      usage,
      usage,
      reasoning("a"),
      text("b")
    ])
  })
})
