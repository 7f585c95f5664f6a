import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import { wholeAnswer } from "../../src/protocol/translate.ts"
import { ResponsesScript } from "../../src/testing/index.ts"
import { responses } from "../protocol/responses/answers.ts"
import { readText } from "../protocol/turns.ts"

const turn: ResponsesScript.ResponsesTurn = {
  reasoning: "it is late",
  sealed: "enc",
  text: "Reading it. 😀",
  calls: [{ id: "call_1", name: "Read", args: '{"file_path":"/a"}', pieces: 2 }]
}

const bodyOf = ({ steps }: { readonly steps: ReadonlyArray<object> }): string =>
  steps
    .map((step) => ("bytes" in step && step.bytes instanceof Uint8Array ? Buffer.from(step.bytes).toString() : ""))
    .join("")

describe("scripted Responses turns", () => {
  it("say the same streamed and whole", () => {
    const streamed = readText(bodyOf(ResponsesScript.answer({ body: { stream: true } }, turn)), responses())
    expect(streamed.content).toEqual(["thinking: it is late", "text: Reading it. 😀", 'Read {"file_path":"/a"}'])
    expect(streamed.end).toBe("tool_use")
    const whole = Either.getOrThrow(wholeAnswer(responses(), bodyOf(ResponsesScript.answer({ body: {} }, turn))))
    expect(JSON.parse(JSON.stringify(whole.message.content))).toEqual(streamed.message["content"])
    expect(whole.usage).toMatchObject({ inputTokens: 100, cacheReadTokens: 20, outputTokens: 12 })
  })

  it("can be incomplete, silent about usage, or fail", () => {
    const cut = readText(
      ResponsesScript.records({ text: "so", incomplete: "max_output_tokens", usage: false }).join(""),
      responses()
    )
    expect([cut.content, cut.end]).toEqual([["text: so"], "max_tokens"])
    const failed = [...ResponsesScript.opening, ResponsesScript.failed("busy", "server_is_overloaded")].join("")
    expect(readText(failed, responses()).end).toBe("http 529 overloaded_error")
  })
})
