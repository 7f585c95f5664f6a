/** What is spoilt: fixtures, and answers and requests written by the dice, as text. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { FastCheck as fc } from "effect"
import { seal } from "../../src/protocol/reasoning.ts"
import { anthropicRequest, brokenRequest } from "../../src/testing/anthropicRequests.ts"
import { inputSchema } from "../../src/testing/anthropicTools.ts"
import { chatStyle, renderChatBody, renderChatStream } from "../../src/testing/chatRender.ts"
import { badEnd, decidedArguments, goodEnd, ruinedArguments, turnScript } from "../../src/testing/chatScript.ts"
import { type Dice, isJsonObject, type Json, oneOf } from "../../src/testing/json.ts"
import { frame, framing } from "../../src/testing/sseBytes.ts"
import { anyText, toolName } from "../../src/testing/text.ts"
import { message, records as anthropicRecords } from "../../src/testing/upstreamAnthropic.ts"
import {
  failed,
  record,
  records as responsesRecords,
  whole as responsesWhole
} from "../../src/testing/upstreamResponses.ts"
import type { Step } from "../../src/testing/upstreamScript.ts"

type Source = (random: Dice) => string

/** One value of an arbitrary, decided by the dice. */
const sample =
  <A>(arbitrary: fc.Arbitrary<A>) =>
  (random: Dice): ReadonlyArray<A> =>
    fc.sample(arbitrary, { seed: random.roll(0x7fff_ffff), numRuns: 1 })

const sampled = (arbitrary: fc.Arbitrary<string>): Source => {
  const one = sample(arbitrary)
  return (random) => one(random).join("")
}

/** Both are run from the root of the repository. */
const fixtures = join("test", "fixtures")

const files = (folder: string, ending: string): ReadonlyArray<string> =>
  readdirSync(join(fixtures, folder))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => readFileSync(join(fixtures, folder, name), "utf8"))

const among = (texts: ReadonlyArray<string>): Source => {
  return (random) => texts[random.roll(texts.length)] ?? ""
}

const mixed =
  (...sources: readonly [Source, ...ReadonlyArray<Source>]): Source =>
  (random) =>
    random.pick(sources)(random)

// --- answers

const script = turnScript({
  end: oneOf(goodEnd, badEnd),
  name: oneOf(fc.constantFrom("Read", "Bash"), toolName),
  args: oneOf(decidedArguments, ruinedArguments, anyText)
})

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

const chatStreams = fc
  .tuple(script, chatStyle, framing)
  .map(([turn, style, how]) => utf8.decode(frame(renderChatStream(turn, style), how).bytes))

const chatBodies = fc.tuple(script, chatStyle).map(([turn, style]) => JSON.stringify(renderChatBody(turn, style)))

/** Fields that few servers send, for the readers behind them. */
const rareChat = [
  {
    choices: [
      {
        delta: {
          content: "x",
          annotations: [{ type: "url_citation", url_citation: { url: "https://a.b", title: "t" } }]
        }
      }
    ]
  },
  { citations: ["https://a.b", "https://c.d"], choices: [{ delta: { content: "[1]" } }] },
  { search_results: [{ url: "https://a.b", title: "t", date: "2026" }], choices: [{ delta: { content: "y" } }] },
  {
    choices: [
      {
        delta: {
          reasoning_details: [
            { type: "reasoning.encrypted", data: "opaque", id: "r1", format: "google-gemini-v1", index: 0 },
            { type: "reasoning.summary", summary: "s", index: 1 },
            { type: "reasoning.text", text: "t", signature: "sig", index: 2 }
          ]
        }
      }
    ]
  },
  {
    choices: [
      {
        delta: {
          tool_calls: [
            {
              index: 0,
              id: "c1",
              function: { name: "Read", arguments: '{"file_path":' },
              extra_content: { google: { thought_signature: "sig" } }
            }
          ]
        }
      }
    ]
  },
  {
    choices: [
      {
        delta: {
          content: [
            { type: "thinking", thinking: [{ type: "text", text: "t" }] },
            { type: "text", text: "u" }
          ]
        }
      }
    ]
  },
  { choices: [{ delta: { content: "<think>a</think>b" }, finish_reason: "stop", stop_reason: "STOP" }] }
].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)

const some =
  (records: ReadonlyArray<string>, most: number): Source =>
  (random) =>
    Array.from({ length: random.roll(most + 1) }, () => records[random.roll(records.length)] ?? "").join("")

const appended =
  (...sources: ReadonlyArray<Source>): Source =>
  (random) =>
    sources.map((source) => source(random)).join("")

export const chatAnswers: Source = mixed(
  among(files("chat", ".sse")),
  sampled(chatStreams),
  sampled(chatStreams),
  sampled(chatBodies),
  appended(some(rareChat, 3), sampled(chatStreams))
)

const text = sample(anyText)
const args = sample(decidedArguments)
const said = (random: Dice): string => text(random).join("")

/** A turn of the scripted upstreams, which Responses and Anthropic servers can both be made to say. */
const turnOf = (random: Dice, proper: boolean) => {
  const calls = Array.from({ length: random.roll(3) }, (_, at) => ({
    id: random.pick([`call_${at}`, "toolu_01", "call-1|x", ""]),
    name: random.pick(["Read", "Bash", "mcp__srv__find", ""]),
    args: proper ? random.pick(['{"file_path":"/a"}', "{}"]) : args(random).join(""),
    pieces: 1 + random.roll(4)
  }))
  return {
    text: said(random),
    calls,
    pieces: 1 + random.roll(3),
    ...(random.roll(2) === 0 ? {} : { reasoning: said(random) }),
    ...(random.roll(4) === 0 ? { usage: false as const } : {})
  }
}

const rareItems = [
  {
    type: "web_search_call",
    id: "ws_1",
    status: "completed",
    action: { type: "search", query: "q", sources: [{ url: "https://a.b" }] }
  },
  { type: "custom_tool_call", id: "ctc_1", call_id: "call_9", name: "Bash", input: "ls -l" },
  { type: "function_call", id: "fc_2", call_id: "call_2", name: "Read", arguments: '{"file_path":"/a"}' },
  { type: "message", id: "msg_2", role: "assistant", content: [{ type: "refusal", refusal: "no" }] },
  {
    type: "message",
    id: "msg_3",
    content: [
      {
        type: "output_text",
        text: "cited",
        annotations: [{ type: "url_citation", url: "https://a.b", title: "t", start_index: 0, end_index: 5 }]
      }
    ]
  },
  {
    type: "reasoning",
    id: "rs_2",
    summary: [{ type: "summary_text", text: "s" }],
    content: [{ type: "reasoning_text", text: "r" }],
    encrypted_content: "gAAA"
  },
  { type: "mcp_call", id: "mcp_1" }
]

const rareResponses = [
  ...rareItems.flatMap((item, output_index) => [
    record("response.output_item.added", { output_index, item }),
    record("response.output_item.done", { output_index, item })
  ]),
  record("response.refusal.delta", { output_index: 0, content_index: 0, delta: "no" }),
  record("response.refusal.done", { output_index: 0, content_index: 0, refusal: "no" }),
  record("response.custom_tool_call_input.delta", { output_index: 1, delta: "ls" }),
  record("response.custom_tool_call_input.done", { output_index: 1, input: "ls -l" }),
  record("response.function_call_arguments.delta", { output_index: 2, item_id: "fc_2", delta: '{"a' }),
  record("response.function_call_arguments.done", { output_index: 2, item_id: "fc_2", arguments: '{"a":1}' }),
  record("response.reasoning_text.delta", { output_index: 5, content_index: 0, delta: "r" }),
  record("response.output_text.annotation.added", {
    output_index: 0,
    content_index: 0,
    annotation: { type: "url_citation", url: "https://a.b", title: "t" }
  }),
  record("codex.rate_limits", { rate_limits: { limit_reached: true, allowed: false, primary: { used_percent: 100 } } }),
  record("response.failed", {
    response: { status: "failed", error: { code: "rate_limit_exceeded", message: "slow" } }
  }),
  record("response.completed", {
    response: { status: "completed", output: rareItems, usage: { input_tokens: 3, output_tokens: 4 } }
  }),
  record("response.incomplete", { response: { incomplete_details: { reason: "max_output_tokens" } } }),
  record("error", { code: "server_error", message: "boom" }),
  failed("boom"),
  "data: [DONE]\n\n"
]

const written = (steps: ReadonlyArray<Step>): string =>
  steps.map((step) => (step.type === "write" ? utf8.decode(step.bytes) : "")).join("")

const responsesTurn = (random: Dice) => ({
  ...turnOf(random, false),
  ...(random.roll(2) === 0 ? {} : { sealed: "gAAAopaque" }),
  ...(random.roll(5) === 0 ? { incomplete: random.pick(["max_output_tokens", "content_filter", "other"]) } : {})
})

const responsesStreams: Source = (random) => responsesRecords(responsesTurn(random)).join("")

export const responsesAnswers: Source = mixed(
  responsesStreams,
  appended(some(rareResponses, 4), responsesStreams),
  some(rareResponses, 8),
  (random) => written(responsesWhole(responsesTurn(random)).steps)
)

const anthropicTurn = (random: Dice) => ({
  ...turnOf(random, true),
  ...(random.roll(2) === 0
    ? {}
    : { signature: random.pick(["EqQBCg", seal({ provider: "p", model: "m", protocol: "chat", payload: { a: 1 } })]) })
})

const rareAnthropic = [
  'event: ping\ndata: {"type":"ping"}\n\n',
  'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
  'data: {"type":"content_block_start","index":7,"content_block":{"type":"redacted_thinking","data":"cdx1.x"}}\n\n',
  'data: {"type":"content_block_start","index":8,"content_block":{"type":"tool_use","id":"t","name":"Read","input":{"a":1}}}\n\n',
  'data: {"type":"content_block_stop","index":8}\n\n',
  'data: {"type":"message_stop"}\n\n'
]

export const anthropicStreams: Source = (random) => anthropicRecords(anthropicTurn(random)).join("")

export const anthropicAnswers: Source = mixed(
  anthropicStreams,
  anthropicStreams,
  appended(some(rareAnthropic, 3), anthropicStreams),
  (random) => JSON.stringify(message(anthropicTurn(random)))
)

/** Answers of all protocols. */
export const anyAnswers: Source = mixed(chatAnswers, responsesAnswers, anthropicAnswers)

// --- requests

/** What Claude Code really sends, without what would make every case slow: one file is 50 kB, most of it tools. */
const recorded: ReadonlyArray<string> = files("claude-code", ".json").flatMap((file) => {
  const { requests }: { requests: ReadonlyArray<{ readonly body?: Json }> } = JSON.parse(file)
  return requests.flatMap(({ body }) => {
    if (!isJsonObject(body)) return []
    const tools = Array.isArray(body["tools"]) ? body["tools"].slice(0, 3) : []
    return [JSON.stringify({ ...body, ...(tools.length === 0 ? {} : { tools }) })]
  })
})

const sealedReasoning = seal({
  provider: "openai",
  model: "gpt",
  protocol: "responses",
  payload: { id: "rs", encrypted_content: "x" }
})

const signature = fc.constantFrom("", "EqQBCg", sealedReasoning)

export const anthropicRequests: Source = mixed(
  among(recorded),
  sampled(anthropicRequest({ signature }).map((body) => JSON.stringify(body))),
  sampled(anthropicRequest({ signature }).map((body) => JSON.stringify(body, undefined, 1))),
  sampled(brokenRequest.map((body) => JSON.stringify(body)))
)

export const anyRequest = sample(anthropicRequest({ signature }))

export const schemas: Source = sampled(inputSchema.map((schema) => JSON.stringify(schema)))

/** Schemas of tools as clients have them. */
export const recordedSchemas: Source = among(
  recorded.flatMap((body) => {
    const { tools = [] }: { tools?: ReadonlyArray<{ readonly input_schema?: Json }> } = JSON.parse(body)
    return tools.flatMap(({ input_schema: schema }) => (schema === undefined ? [] : [JSON.stringify(schema)]))
  })
)

export const anySchema: Source = mixed(schemas, schemas, recordedSchemas)
