/** Profiles whose provider speaks Responses, and the ChatGPT backend as one row of the table (§3.3). */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { policyFor } from "../../src/provider/quirks.ts"
import { responsesBodyViolations } from "../../src/testing/responsesBody.ts"
import { isJsonObject, type JsonObject } from "../../src/testing/json.ts"
import { UpstreamScript } from "../../src/testing/index.ts"
import { profileOf } from "../provider/support.ts"
import { canary, eventsOf, eventually, hello, start, streamed } from "./support.ts"

const item = (value: JsonObject): JsonObject => ({ status: "completed", ...value })
const reasoning = item({
  type: "reasoning",
  id: "rs_1",
  summary: [{ type: "summary_text", text: "let me look" }],
  encrypted_content: "b2Zmc2V0/+=="
})
const call = item({ type: "function_call", id: "fc_1", call_id: "call_1", name: "Read", arguments: '{"path":"a"}' })
const message = item({
  type: "message",
  id: "msg_1",
  role: "assistant",
  content: [{ type: "output_text", text: "good morning", annotations: [] }]
})
const usage = { input_tokens: 11, output_tokens: 3, total_tokens: 14 }
const response = (...output: ReadonlyArray<JsonObject>): JsonObject => ({
  id: "resp_1",
  object: "response",
  status: "completed",
  output,
  usage
})

const record = (data: JsonObject) => `event: ${String(data["type"])}\ndata: ${JSON.stringify(data)}\n\n`

/** Each item as it begins and as it ends, then the end of the answer with nothing in it, as the Codex backend sends it. */
const streamOf = (...output: ReadonlyArray<JsonObject>) =>
  UpstreamScript.stream([
    record({ type: "response.created", response: { id: "resp_1", status: "in_progress" } }),
    ...output.flatMap((value, output_index) => [
      record({ type: "response.output_item.added", output_index, item: { ...value, content: [], arguments: "" } }),
      record({ type: "response.output_item.done", output_index, item: value })
    ]),
    record({ type: "response.completed", response: response() })
  ])

const openai = { provider_type: "OpenAIResponses", dialect: "openai", default_model: "gpt-5.2" }
const chatgpt = {
  provider_type: "OpenAIResponses",
  dialect: "chatgpt",
  default_model: "gpt-5.2-codex",
  custom_headers: { "chatgpt-account-id": "account-1" }
}

const tools = [{ name: "Read", input_schema: { type: "object", properties: { path: { type: "string" } } } }]

const judged = (body: unknown, profile: Readonly<Record<string, unknown>>) =>
  responsesBodyViolations(body, policyFor(profileOf(profile), String(profile["default_model"]), "responses"))

const fields = (body: unknown): JsonObject => (isJsonObject(body) ? body : {})

const unverified = {
  error: {
    message:
      "The encrypted content b2Zm... could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
    type: "invalid_request_error",
    code: "invalid_encrypted_content"
  }
}

describe("a provider that speaks Responses", () => {
  it.scoped("answers whole requests, and gets its reasoning back with the history", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: openai })
      yield* upstream.enqueue(UpstreamScript.respond(200, response(reasoning, call)))
      const first = hello({ tools })
      const answer = yield* ask({ body: first })
      expect(answer.status).toBe(200)
      const content = JSON.parse(answer.text).content
      expect(content).toMatchObject([
        { type: "thinking", thinking: "let me look" },
        { type: "tool_use", id: "call_1", name: "Read", input: { path: "a" } }
      ])
      const sent = yield* upstream.take
      expect(sent).toMatchObject({ method: "POST", url: "/v1/responses" })
      expect(sent.headers["authorization"]).toBe(`Bearer ${canary}`)
      expect(judged(sent.body, openai)).toEqual([])
      expect(sent.body).not.toHaveProperty("stream")

      yield* upstream.enqueue(UpstreamScript.respond(200, response(message)))
      const history = [
        ...first.messages,
        { role: "assistant", content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "x" }] }
      ]
      yield* ask({ body: { ...first, messages: history } })
      const next = yield* upstream.take
      expect(judged(next.body, openai)).toEqual([])
      const { status: _, ...kept } = reasoning
      expect(fields(next.body)["input"]).toEqual([
        { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
        kept,
        { type: "function_call", call_id: "call_1", name: "Read", arguments: '{"path":"a"}' },
        { type: "function_call_output", call_id: "call_1", output: "x" }
      ])
    })
  )

  for (const [how, refusal] of [
    ["refuses", UpstreamScript.respond(400, unverified)],
    ["fails a stream for", UpstreamScript.stream([record({ ...unverified.error, type: "error" })])]
  ] as const) {
    it.scoped(`that ${how} reasoning that it cannot read any more is asked once without it`, () =>
      Effect.gen(function* () {
        const { ask, health, journal, upstream } = yield* start({ profile: openai })
        yield* upstream.enqueue(UpstreamScript.respond(200, response(reasoning, call)))
        const first = hello({ tools })
        const content = JSON.parse((yield* ask({ body: first })).text).content
        const results = [{ type: "tool_result", tool_use_id: "call_1", content: "x" }]
        const next = {
          ...first,
          stream: how === "fails a stream for",
          messages: [...first.messages, { role: "assistant", content }, { role: "user", content: results }]
        }
        yield* upstream.take
        yield* upstream.enqueue(refusal)
        yield* upstream.enqueue(next.stream ? streamOf(message) : UpstreamScript.respond(200, response(message)))
        const answer = yield* ask({ body: next })
        expect(answer.text).toContain("good morning")
        expect(JSON.stringify((yield* upstream.take).body)).toContain(reasoning["encrypted_content"])
        const again = yield* upstream.take
        expect(fields(again.body)["input"]).toMatchObject([
          { type: "message" },
          { type: "function_call" },
          { type: "function_call_output" }
        ])
        expect(judged(again.body, openai)).toEqual([])
        yield* eventually(() => journal.recent(1)[0]?.attempts.length === 2)
        expect(journal.recent(1)[0]?.attempts[0]?.next).toBe("asked again without the reasoning of earlier answers")

        // and only once
        yield* upstream.enqueue(UpstreamScript.respond(400, unverified))
        yield* upstream.enqueue(UpstreamScript.respond(400, unverified))
        const failed = yield* ask({ body: { ...next, stream: false } })
        expect([failed.status, JSON.parse(failed.text).error.type]).toEqual([400, "invalid_request_error"])
        expect(health.of("p")?.status).toBe("up")
      })
    )
  }

  it.scoped("streams to a client that wants a stream", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: openai })
      yield* upstream.enqueue(streamOf(message))
      const answer = yield* ask({ body: streamed() })
      expect(eventsOf(answer.text).map(({ type }) => type)).toEqual([
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop"
      ])
      const sent = yield* upstream.take
      expect(sent.body).toMatchObject({ stream: true, store: false })
      expect(judged(sent.body, openai)).toEqual([])
    })
  )
})

describe("the ChatGPT backend", () => {
  it.scoped("streams even when the client wants a whole answer, which is put together here", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: chatgpt })
      yield* upstream.enqueue(streamOf(reasoning, message))
      const answer = yield* ask({ body: hello() })
      expect(answer.headers["content-type"]).toBe("application/json")
      expect(JSON.parse(answer.text)).toMatchObject({
        type: "message",
        content: [{ type: "thinking" }, { type: "text", text: "good morning" }],
        stop_reason: "end_turn",
        usage: { input_tokens: 11, output_tokens: 3 }
      })
    })
  )

  it.scoped("gets its headers, the fields it wants always, and none that it refuses", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: chatgpt })
      yield* upstream.enqueue(streamOf(message))
      const session = { metadata: { user_id: JSON.stringify({ session_id: "s-1" }) } }
      const midway = [
        { role: "user", content: "hi" },
        { role: "system", content: "be kind" },
        { role: "user", content: "go" }
      ]
      const body = hello({ temperature: 1, top_p: 0.5, top_k: 5, speed: "fast", messages: midway, ...session })
      const answer = yield* ask({ body })
      const sent = yield* upstream.take
      expect(sent.headers).toMatchObject({
        authorization: `Bearer ${canary}`,
        "chatgpt-account-id": "account-1",
        originator: "claudex",
        "openai-beta": "responses=experimental",
        accept: "text/event-stream",
        session_id: "s-1"
      })
      expect(judged(sent.body, chatgpt)).toEqual([])
      expect(sent.body).toEqual({
        model: "gpt-5.2-codex",
        instructions: "",
        input: [
          { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
          { type: "message", role: "developer", content: [{ type: "input_text", text: "be kind" }] },
          { type: "message", role: "user", content: [{ type: "input_text", text: "go" }] }
        ],
        tools: [],
        tool_choice: "auto",
        parallel_tool_calls: true,
        stream: true,
        store: false,
        include: ["reasoning.encrypted_content"],
        service_tier: "priority",
        prompt_cache_key: "s-1"
      })
      // max_tokens, temperature, top_p, top_k
      expect(Number(answer.headers["x-claudex-losses"])).toBeGreaterThanOrEqual(4)
    })
  )
})
