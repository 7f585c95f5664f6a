/** What the vendor's own client needs in order not to throw (§1.7), shown with that client on real answers. */
import { describe, expect, test } from "vitest"
import { turnStream } from "../../../src/protocol/translate.ts"
import { readWithBetaSdk, readWithSdk } from "../laws/support/sdk.ts"
import { calls, type Chunk, contextOf, delta, done, finish, read, say, sse } from "../turns.ts"

const readers = [
  ["messages", readWithSdk],
  ["beta.messages", readWithBetaSdk]
] as const

describe.each(readers)("client.%s", (_name, reader) => {
  const verdict = (chunks: ReadonlyArray<Chunk>) => reader(read(chunks).sse)

  test("text, reasoning and calls arrive as they were told, indices in start order (§1.7.7)", async () => {
    const chunks = [
      delta({ reasoning_content: "hm" }),
      say("hé"),
      say("llo"),
      calls({ index: 0, id: "a", name: "Read", args: '{"n":' }),
      calls({ index: 1, id: "b", name: "Bash", args: '{"m":2}' }),
      calls({ index: 0, args: "1}" }),
      finish("tool_calls"),
      { choices: [], usage: { prompt_tokens: 12, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 4 } } },
      done
    ]
    expect(await verdict(chunks)).toMatchObject({
      type: "message",
      message: {
        model: "claude-test[1m]",
        stop_reason: "tool_use",
        stop_sequence: null,
        content: [
          { type: "thinking", thinking: "hm", signature: expect.stringMatching(/^cdx1\./) },
          { type: "text", text: "héllo" },
          { type: "tool_use", id: "a", name: "Read", input: { n: 1 } },
          { type: "tool_use", id: "b", name: "Bash", input: { m: 2 } }
        ],
        // §1.7.8: the counters of message_delta replace those of message_start
        usage: { input_tokens: 8, cache_read_input_tokens: 4, cache_creation_input_tokens: 0, output_tokens: 5 }
      }
    })
  })

  test("a call without arguments has the input {} (§1.7.9)", async () => {
    expect(await verdict([calls({ index: 0, id: "a", name: "Read", args: "" }), finish("stop"), done])).toMatchObject({
      message: { content: [{ input: {} }], stop_reason: "tool_use" }
    })
  })

  test("an answer without any block is a message", async () => {
    expect(await verdict([finish("stop"), done])).toMatchObject({ type: "message", message: { content: [] } })
  })

  test("pings between events change nothing", async () => {
    const turn = turnStream(contextOf())
    const push = (chunk: Chunk) => turn.push(new TextEncoder().encode(sse([chunk])))
    const text =
      turn.commit() + push(say("a")) + turn.ping() + push(say("b")) + turn.ping() + push(finish("stop")) + push(done)
    expect(await reader(text)).toMatchObject({ message: { content: [{ type: "text", text: "ab" }] } })
  })

  test("a cut stream rejects with the error, never with half a message (§1.7.3, §1.7.11)", async () => {
    expect(await verdict([say("a")])).toMatchObject({
      type: "api-error",
      body: { error: { type: "api_error", message: "acme: the upstream stream ended early" } }
    })
  })

  test("a call that broke off rejects too: its prefix would be completed silently (§1.7.9)", async () => {
    const broken = [calls({ index: 0, id: "a", name: "Bash", args: '{"command":"rm -rf /ho' }), finish("stop"), done]
    expect(await verdict(broken)).toMatchObject({ type: "api-error", body: { error: { type: "api_error" } } })
  })
})
