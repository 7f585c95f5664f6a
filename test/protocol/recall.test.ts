/** Reasoning that is taken down while an answer passes, and put back where a client dropped it (§4.9.2). */
import { describe, expect, test } from "vitest"
import type { Thoughts } from "../../src/protocol/anthropic/thoughts.ts"
import type { ReasoningPart } from "../../src/protocol/conversation.ts"
import { withRecalled } from "../../src/protocol/recall.ts"
import { seal, unseal } from "../../src/protocol/reasoning.ts"
import { turnStream, wholeAnswer } from "../../src/protocol/translate.ts"
import type { Json } from "../../src/testing/json.ts"
import { assistant, decode, result, text, use, user } from "./requests.ts"
import { calls, type Chunk, completion, contextOf, delta, done, finish, say, sse } from "./turns.ts"

const replay = { provider: "generic", model: "m", protocol: "chat" as const, payload: {} }
const part: ReasoningPart = { type: "reasoning", text: "hm", replay }

const recallOf = (...ids: ReadonlyArray<string>) => {
  const asked: Array<string> = []
  const recall = ({ id }: { readonly id: string }) => {
    asked.push(id)
    return ids.includes(id) ? [part] : undefined
  }
  return { asked, recall }
}

describe("putting it back", () => {
  const turn = (...blocks: ReadonlyArray<Json>) =>
    decode({ messages: [user("q"), assistant(...blocks), user(result("x"), result("y"))] })

  test("reasoning that is remembered stands before the turn's other parts", () => {
    const given = turn(text("a"), use("x"), use("y"))
    const { messages } = withRecalled(given, recallOf("x").recall)
    expect(messages[1]).toEqual({
      role: "assistant",
      parts: [
        part,
        { type: "text", text: "a" },
        expect.objectContaining({ id: "x" }),
        expect.objectContaining({ id: "y" })
      ]
    })
    expect(messages[0]).toBe(given.messages[0])
  })

  test("any call of the turn may be the one that is remembered, once", () => {
    const { asked, recall } = recallOf("y")
    expect(JSON.stringify(withRecalled(turn(use("x"), use("y")), recall)).split('"hm"')).toHaveLength(2)
    expect(asked).toEqual(["x", "y"])
  })

  test("what the client sent back counts: nobody is asked then, nor where nothing was called", () => {
    const { asked, recall } = recallOf("x")
    const thinking = { type: "thinking", thinking: "own", signature: seal(replay) }
    const given = turn(thinking, use("x"), use("y"))
    expect(withRecalled(given, recall)).toEqual(given)
    const idle = decode({ messages: [user("q"), assistant("a"), user("b")] })
    expect(withRecalled(idle, recall)).toEqual(idle)
    expect(asked).toEqual([])
  })
})

/** What is told of a stream, and of the same answer whole. */
const taken = (chunks: ReadonlyArray<Chunk>): ReadonlyArray<Thoughts> => {
  const told: Array<Thoughts> = []
  const turn = turnStream(contextOf(), (thoughts) => told.push(thoughts))
  turn.push(new TextEncoder().encode(sse(chunks)))
  turn.end()
  return told
}

describe("taking it down", () => {
  const read = { index: 0, id: "a", name: "Read", args: '{"p":1}' }

  test("all reasoning of the turn, with the first call as the client knows it", () => {
    const details = [{ type: "reasoning.encrypted", data: "e" }]
    const chunks = [
      delta({ reasoning_content: "h" }),
      delta({ reasoning_content: "m" }),
      say("text"),
      calls({ ...read, id: "functions.Read:0" }, { index: 1, id: "b", name: "Bash", args: "{}" }),
      delta({ reasoning_details: details }),
      finish("tool_calls"),
      done
    ]
    const [thoughts] = taken(chunks)
    expect(thoughts?.call).toEqual({ id: "cdx_ZnVuY3Rpb25zLlJlYWQ6MA", name: "Read", input: { p: 1 } })
    expect(thoughts?.blocks.map(({ text: words }) => words)).toEqual(["hm", ""])
    expect(thoughts?.blocks.map(({ envelope }) => unseal(envelope)?.payload)).toEqual([{}, { details }])
  })

  test("of a whole answer too", () => {
    const told: Array<Thoughts> = []
    const message = { reasoning_content: "hm", tool_calls: [{ id: "a", function: { name: "Read", arguments: "{}" } }] }
    wholeAnswer(contextOf(), JSON.stringify(completion(message, "tool_calls")), (thoughts) => told.push(thoughts))
    expect(told).toMatchObject([{ call: { id: "a", name: "Read", input: {} }, blocks: [{ text: "hm" }] }])
  })

  test.each<[string, ReadonlyArray<Chunk>]>([
    ["a turn without calls", [delta({ reasoning_content: "hm" }), say("a"), finish("stop"), done]],
    ["a turn without reasoning", [calls(read), finish("tool_calls"), done]],
    ["a turn that broke off", [delta({ reasoning_content: "hm" }), calls(read)]]
  ])("nothing of %s", (_what, chunks) => {
    expect(taken(chunks)).toEqual([])
  })
})
