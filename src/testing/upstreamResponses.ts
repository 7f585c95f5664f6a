/**
 * Renders Responses answers for a scripted upstream, from the same turns as `ChatScript`: single stream records to be
 * mixed freely, and whole turns (wire specification §3.2, §3.4). Identifiers and times are fixed.
 */
import { cut, type ChatCall, type ChatTurn, type ChatUsage } from "./upstreamChat.ts"
import { respond, stream, type Script } from "./upstreamScript.ts"

type Fields = Readonly<Record<string, unknown>>

/** A turn by its meaning: what a model says, in this order. */
export interface ResponsesTurn extends Omit<ChatTurn, "finish" | "details"> {
  /** The encrypted content of the reasoning; without it and without reasoning there is no such item. */
  readonly sealed?: string
  /** Why the answer was cut, e.g. `max_output_tokens`. */
  readonly incomplete?: string
}

const head = { id: "resp_scripted", object: "response", created_at: 1_700_000_000, model: "scripted-model" }

/** One SSE record with its event's name. */
export const record = (type: string, fields: Fields = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

/** The usual first records: the response was taken. */
export const opening: ReadonlyArray<string> = ["response.created", "response.in_progress"].map((type) =>
  record(type, { response: { ...head, status: "in_progress", error: null, output: [] } })
)

/** The item that `reasoning` and `sealed` of a turn make, as the provider wants it back (plus its status). */
export const reasoningItem = ({ reasoning = "", sealed }: ResponsesTurn, name = "rs_scripted"): Fields => ({
  id: name,
  type: "reasoning",
  summary: reasoning === "" ? [] : [{ type: "summary_text", text: reasoning }],
  ...(sealed === undefined ? {} : { encrypted_content: sealed })
})

const messageItem = (text: string): Fields => ({
  id: "msg_scripted",
  type: "message",
  status: "completed",
  role: "assistant",
  content: [{ type: "output_text", text, annotations: [] }]
})

const callItem = ({ args, id, name }: ChatCall): Fields => ({
  id: `fc_${id}`,
  type: "function_call",
  status: "completed",
  call_id: id,
  name,
  arguments: args
})

/** An item with the records that come between its beginning and its end. */
interface Streamed {
  readonly item: Fields
  readonly start: Fields
  readonly deltas: (at: { readonly output_index: number; readonly item_id: unknown }) => ReadonlyArray<string>
}

const streamedReasoning = (turn: ResponsesTurn, pieces: number): Streamed => {
  const item = reasoningItem(turn)
  const { reasoning = "" } = turn
  const start = { id: item["id"], type: "reasoning", summary: [] }
  if (reasoning === "") return { item, start, deltas: () => [] }
  return {
    item,
    start,
    deltas: (at) => {
      const part = { ...at, summary_index: 0 }
      const whole = { type: "summary_text", text: reasoning }
      return [
        record("response.reasoning_summary_part.added", { ...part, part: { type: "summary_text", text: "" } }),
        ...cut(reasoning, pieces).map((delta) => record("response.reasoning_summary_text.delta", { ...part, delta })),
        record("response.reasoning_summary_text.done", { ...part, text: reasoning }),
        record("response.reasoning_summary_part.done", { ...part, part: whole })
      ]
    }
  }
}

/** A record with a piece of the text of the answer's only message. */
export const text = (piece: string, output_index = 0): string =>
  record("response.output_text.delta", { output_index, item_id: "msg_scripted", content_index: 0, delta: piece })

const streamedMessage = (said: string, pieces: number): Streamed => ({
  item: messageItem(said),
  start: { ...messageItem(""), status: "in_progress", content: [] },
  deltas: (at) => {
    const part = { ...at, content_index: 0 }
    const whole = { type: "output_text", text: said, annotations: [] }
    return [
      record("response.content_part.added", { ...part, part: { ...whole, text: "" } }),
      ...cut(said, pieces).map((piece) => text(piece, at.output_index)),
      record("response.output_text.done", { ...part, text: said }),
      record("response.content_part.done", { ...part, part: whole })
    ]
  }
})

const streamedCall = (call: ChatCall): Streamed => ({
  item: callItem(call),
  start: { ...callItem(call), status: "in_progress", arguments: "" },
  deltas: (at) => [
    ...cut(call.args, call.pieces ?? 1).map((delta) =>
      record("response.function_call_arguments.delta", { ...at, delta })
    ),
    record("response.function_call_arguments.done", { ...at, arguments: call.args })
  ]
})

const itemsOf = (turn: ResponsesTurn): ReadonlyArray<Streamed> => {
  const pieces = turn.pieces ?? 3
  const reasons = (turn.reasoning ?? "") !== "" || turn.sealed !== undefined
  return [
    ...(reasons ? [streamedReasoning(turn, pieces)] : []),
    ...((turn.text ?? "") === "" ? [] : [streamedMessage(turn.text ?? "", pieces)]),
    ...(turn.calls ?? []).map(streamedCall)
  ]
}

const defaultUsage: ChatUsage = { prompt: 120, completion: 12, cached: 20 }

const wireUsage = ({ cached = 0, completion, prompt, reasoning = 0 }: ChatUsage): Fields => ({
  input_tokens: prompt,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: completion,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: prompt + completion
})

const bodyOf = (turn: ResponsesTurn): Fields => ({
  ...head,
  status: turn.incomplete === undefined ? "completed" : "incomplete",
  error: null,
  incomplete_details: turn.incomplete === undefined ? null : { reason: turn.incomplete },
  output: itemsOf(turn).map(({ item }) => item),
  usage: turn.usage === false ? null : wireUsage(turn.usage ?? defaultUsage)
})

/** All records of a streamed turn. There is no end mark: the last event says that it is the last. */
export const records = (turn: ResponsesTurn): ReadonlyArray<string> => [
  ...opening,
  ...itemsOf(turn).flatMap(({ deltas, item, start }, output_index) => [
    record("response.output_item.added", { output_index, item: start }),
    ...deltas({ output_index, item_id: item["id"] }),
    record("response.output_item.done", { output_index, item })
  ]),
  record(turn.incomplete === undefined ? "response.completed" : "response.incomplete", { response: bodyOf(turn) })
]

/** The turn as a streamed answer, one write per record. */
export const streamed = (turn: ResponsesTurn): Script => stream(records(turn))

/** The turn as one JSON body. */
export const whole = (turn: ResponsesTurn): Script => respond(200, bodyOf(turn))

/** The turn in the form the request asked for (`stream: true` or not). */
export const answer = (request: { readonly body: unknown }, turn: ResponsesTurn): Script =>
  typeof request.body === "object" && request.body !== null && "stream" in request.body && request.body.stream === true
    ? streamed(turn)
    : whole(turn)

/** The record of a stream that failed. */
export const failed = (message: string, code = "server_error"): string =>
  record("response.failed", { response: { ...head, status: "failed", error: { code, message }, output: [] } })
