/** What the provider of the bench says, in each protocol, with the fields that the real services send along. */
import { word, words } from "./bodies.ts"

export interface Speech {
  readonly head: string
  readonly chunk: (index: number) => string
  /** After this many chunks. */
  readonly tail: (count: number) => string
  readonly whole: string
}

/** A thousand different chunks, made once. */
const chunks = (make: (index: number) => string): Speech["chunk"] => {
  const made = Array.from({ length: 1_000 }, (_, index) => make(index))
  return (index) => made[index % made.length] ?? ""
}

const envelope = (choices: ReadonlyArray<unknown>, rest: object = {}): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    object: "chat.completion.chunk",
    created: 1_741_569_952,
    model: "bench-model-2026-01-01",
    service_tier: "default",
    system_fingerprint: "fp_44added55e",
    choices,
    ...rest
  })}\n\n`

const delta = (value: object, finish: string | null = null): string =>
  envelope([{ index: 0, delta: value, logprobs: null, finish_reason: finish }])

const usage = { prompt_tokens: 20, completion_tokens: 100, total_tokens: 120 }

const chat: Speech = {
  head: delta({ role: "assistant", content: "", refusal: null }),
  chunk: chunks((index) => delta({ content: word(index) })),
  tail: () => `${delta({}, "stop")}${envelope([], { usage })}data: [DONE]\n\n`,
  whole: JSON.stringify({
    id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    object: "chat.completion",
    created: 1_741_569_952,
    model: "bench-model-2026-01-01",
    choices: [{ index: 0, message: { role: "assistant", content: word(0), refusal: null }, finish_reason: "stop" }],
    usage
  })
}

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

const itemId = "msg_67ccd2bf17f0819081ff3bb2cf6508e60bb6a6b452d3795b"

const item = (status: string, content: ReadonlyArray<object>): object => ({
  id: itemId,
  type: "message",
  status,
  role: "assistant",
  content
})

const spoken = (text: string): object => ({ type: "output_text", text, annotations: [], logprobs: [] })

const response = (status: string, output: ReadonlyArray<object>): object => ({
  id: "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
  object: "response",
  created_at: 1_741_476_542,
  status,
  error: null,
  incomplete_details: null,
  model: "bench-model-2026-01-01",
  output,
  parallel_tool_calls: true,
  reasoning: { effort: null, summary: null },
  store: false,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_p: 1,
  usage:
    status === "completed"
      ? {
          input_tokens: 20,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: 100,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 120
        }
      : null
})

const part = { item_id: itemId, output_index: 0, content_index: 0 }

const responses: Speech = {
  head: [
    event("response.created", { sequence_number: 0, response: response("in_progress", []) }),
    event("response.in_progress", { sequence_number: 1, response: response("in_progress", []) }),
    event("response.output_item.added", { sequence_number: 2, output_index: 0, item: item("in_progress", []) }),
    event("response.content_part.added", { sequence_number: 3, ...part, part: spoken("") })
  ].join(""),
  chunk: chunks((index) =>
    event("response.output_text.delta", {
      sequence_number: index + 4,
      ...part,
      delta: word(index),
      logprobs: [],
      obfuscation: "kXbR9vQ2mA".slice(index % 8)
    })
  ),
  tail: (count) => {
    const text = words(count)
    const done = item("completed", [spoken(text)])
    return [
      event("response.output_text.done", { sequence_number: count + 4, ...part, text, logprobs: [] }),
      event("response.content_part.done", { sequence_number: count + 5, ...part, part: spoken(text) }),
      event("response.output_item.done", { sequence_number: count + 6, output_index: 0, item: done }),
      event("response.completed", { sequence_number: count + 7, response: response("completed", [done]) })
    ].join("")
  },
  whole: JSON.stringify(response("completed", [item("completed", [spoken(word(0))])]))
}

const message = (content: ReadonlyArray<object>, stop_reason: string | null): object => ({
  id: "msg_01XFDUDYJgAACzvnptvVoYEL",
  type: "message",
  role: "assistant",
  model: "bench-model",
  content,
  stop_reason,
  stop_sequence: null,
  usage: { input_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 100 }
})

const pass: Speech = {
  head:
    event("message_start", { message: message([], null) }) +
    event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }) +
    event("ping", {}),
  chunk: chunks((index) =>
    event("content_block_delta", { index: 0, delta: { type: "text_delta", text: word(index) } })
  ),
  tail: () =>
    event("content_block_stop", { index: 0 }) +
    event("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 100 } }) +
    event("message_stop", {}),
  whole: JSON.stringify(message([{ type: "text", text: word(0) }], "end_turn"))
}

export const speech = { chat, responses, pass } satisfies Readonly<Record<string, Speech>>
