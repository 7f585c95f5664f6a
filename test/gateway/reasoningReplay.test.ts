/** One conversation that goes from one provider to another and back, each as strict as the real one (problems 7, 10). */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChatScript, ScriptedUpstream, UpstreamScript } from "../../src/testing/index.ts"
import type { RecordedRequest } from "../../src/testing/upstream.node.ts"
import type { Script } from "../../src/testing/upstreamScript.ts"
import { eventsOf, start, streamed } from "./support.ts"

const session = { metadata: { user_id: JSON.stringify({ session_id: "0b5c" }) } }
const tools = ["Read", "Bash"].map((name) => ({ name, input_schema: { type: "object", properties: {} } }))

type Fields = Readonly<Record<string, unknown>>

const messagesOf = (request: { readonly body: unknown }): ReadonlyArray<Fields> =>
  JSON.parse(JSON.stringify(request.body)).messages

const callsIn = (message: Fields): ReadonlyArray<Fields> => JSON.parse(JSON.stringify(message["tool_calls"] ?? []))

/** Refuses a history whose calls and results do not pair up, or that lacks what the provider demands with calls. */
const strict =
  (demand: (message: Fields) => boolean, answer: (request: RecordedRequest) => Script) =>
  (request: RecordedRequest): Script => {
    const messages = messagesOf(request)
    const fault = messages.findIndex((message, at) => {
      const calls = callsIn(message)
      const answered = messages.slice(at + 1, at + 1 + calls.length).map((result) => result["tool_call_id"])
      return calls.length > 0 && (!demand(message) || calls.some(({ id }) => !answered.includes(id)))
    })
    return fault === -1 ? answer(request) : ChatScript.error(400, `message ${fault} is not accepted`)
  }

const details = [
  { type: "reasoning.text", text: "First I read.", signature: "c2ln/+=", format: "anthropic-claude-v1", index: 0 },
  { type: "reasoning.encrypted", data: "ZW5jcnlwdGVk", id: "rs_1", index: 1 }
]

/** Two parallel calls with reasoning, as a stream. */
const first = UpstreamScript.stream([
  ChatScript.delta({ reasoning_details: [{ ...details[0], text: "First I " }] }),
  ChatScript.delta({ reasoning_details: [{ type: "reasoning.text", text: "read.", index: 0 }] }),
  ChatScript.delta({ reasoning_details: [details[1]] }),
  ChatScript.callStart(0, "call_a0", "Read", "{}"),
  ChatScript.callStart(1, "call_a1", "Bash", "{}"),
  ChatScript.finish("tool_calls"),
  ChatScript.done
])
const second = ChatScript.streamed({
  reasoning: "Then I look.",
  calls: [
    { id: "call_b0", name: "Bash", args: "{}" },
    { id: "call_b1", name: "Read", args: "{}" }
  ]
})

/** The blocks of a streamed answer, as the client sends them back. */
const blocksOf = (sse: string): ReadonlyArray<Fields> => {
  const blocks: Array<Record<string, unknown>> = []
  for (const { type, ...event } of eventsOf(sse)) {
    const index = Number(event["index"])
    if (type === "content_block_start") blocks[index] = { ...Object(event["content_block"]) }
    if (type !== "content_block_delta") continue
    const { type: kind, ...delta } = Object(event["delta"])
    const block = blocks[index] ?? {}
    if (kind === "input_json_delta") continue
    for (const [key, value] of Object.entries(delta)) block[key] = String(block[key] ?? "") + String(value)
  }
  return blocks
}

const resultsOf = (blocks: ReadonlyArray<Fields>) =>
  blocks.flatMap((block) =>
    block["type"] === "tool_use" ? [{ type: "tool_result", tool_use_id: block["id"], content: "ok" }] : []
  )

describe("a conversation that changes its provider", () => {
  it.scoped("is accepted by both, and each gets back what it wrote, byte for byte", () =>
    Effect.gen(function* () {
      const b = yield* ScriptedUpstream.make
      const other = {
        name: "b",
        provider_type: "OpenAICompatible",
        base_url: `${b.url}/v1`,
        default_model: "model-b",
        api_key: "k",
        dialect: "deepseek"
      }
      const { ask, upstream: a } = yield* start({ profile: { dialect: "openrouter" }, profiles: [other] })
      const plain = (request: RecordedRequest) => ChatScript.answer(request, { text: "done" })
      yield* a.fallback(strict(() => true, plain))
      yield* b.fallback(strict((message) => "reasoning_content" in message, plain))

      const history: Array<Fields> = [{ role: "user", content: "go" }]
      const turn = (profile: string) =>
        Effect.gen(function* () {
          const body = streamed({ ...session, tools, messages: history })
          const answer = yield* ask({ path: `/proxy/${profile}/v1/messages`, body })
          expect(answer.status, answer.text).toBe(200)
          const blocks = blocksOf(answer.text)
          history.push({ role: "assistant", content: blocks }, { role: "user", content: resultsOf(blocks) })
        })

      yield* a.enqueue(first)
      yield* turn("p")
      expect(messagesOf(yield* a.take)).toHaveLength(1)

      yield* b.enqueue(second)
      yield* turn("b")
      // text that another model thought stands in for the reasoning that is demanded; its opaque parts do not travel
      const toB = messagesOf(yield* b.take)
      expect(toB[1]).toMatchObject({ role: "assistant", reasoning_content: "First I read." })
      expect(JSON.stringify(toB)).not.toContain("ZW5jcnlwdGVk")
      expect(toB[1]).not.toHaveProperty("reasoning_details")

      yield* turn("p")
      const toA = messagesOf(yield* a.take)
      expect(toA.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool", "assistant", "tool", "tool"])
      expect(toA[1]).toMatchObject({ reasoning_details: details })
      expect(toA[4]).not.toHaveProperty("reasoning_details")

      history.splice(-2, 2, { role: "user", content: "again" })
      yield* turn("b")
      const back = messagesOf(yield* b.take)
      expect(back[4]).toMatchObject({ role: "assistant", reasoning_content: "Then I look." })
    })
  )
})
