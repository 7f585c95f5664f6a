/**
 * Renders Chat Completions answers for a scripted upstream: single stream records to be mixed freely, and whole turns.
 * Identifiers and times are fixed, so the same turn is the same bytes.
 */
import { respond, stream, type Script } from "./upstreamScript.ts"

/** One tool call of a turn. `args` is the JSON text of the arguments, sent as it is (it may be broken on purpose). */
export interface ChatCall {
  readonly id: string
  readonly name: string
  readonly args: string
  /** In how many stream records the arguments come; 1 by default. */
  readonly pieces?: number
}

/** Token counters as the wire has them: `prompt` includes `cached`, `completion` includes `reasoning`. */
export interface ChatUsage {
  readonly prompt: number
  readonly completion: number
  readonly cached?: number
  readonly reasoning?: number
}

/** A turn by its meaning: what a model says, in this order. */
export interface ChatTurn {
  readonly reasoning?: string
  readonly text?: string
  /** Reasoning as OpenRouter's `reasoning_details`, each in a record of its own, instead of `reasoning`. */
  readonly details?: ReadonlyArray<{ readonly [key: string]: unknown }>
  /** In how many records text and reasoning come each; 3 by default. */
  readonly pieces?: number
  readonly calls?: ReadonlyArray<ChatCall>
  /** By default `tool_calls` with calls and `stop` without. */
  readonly finish?: string
  /** Absent: a small fixed usage; `false`: the provider reports none. */
  readonly usage?: ChatUsage | false
}

const head = { id: "chatcmpl-scripted", created: 1_700_000_000, model: "scripted-model" }

/** One SSE record: `data: <json>` and a blank line. */
export const record = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

/** The end mark of a stream. */
export const done = "data: [DONE]\n\n"

/** A comment record, as some relays send to keep a connection alive. */
export const comment = (text: string): string => `: ${text}\n\n`

/** A stream record with this delta in its only choice. */
export const delta = (content: { readonly [key: string]: unknown }): string =>
  record({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta: content, finish_reason: null }] })

/** The usual first record: the role and no content. */
export const role: string = delta({ role: "assistant", content: "" })

/** A record with a piece of the answer's text. */
export const text = (piece: string): string => delta({ content: piece })

/** A record with a piece of reasoning. */
export const reasoning = (piece: string): string => delta({ reasoning_content: piece })

/** The record that opens call number `index` of the turn. */
export const callStart = (index: number, id: string, name: string, args = ""): string =>
  delta({ tool_calls: [{ index, id, type: "function", function: { name, arguments: args } }] })

/** A record with a piece of call `index`'s arguments. */
export const callArgs = (index: number, args: string): string =>
  delta({ tool_calls: [{ index, function: { arguments: args } }] })

/** The record that names the finish reason. */
export const finish = (reason: string): string =>
  record({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta: {}, finish_reason: reason }] })

const wireUsage = (usage: ChatUsage) => ({
  prompt_tokens: usage.prompt,
  completion_tokens: usage.completion,
  total_tokens: usage.prompt + usage.completion,
  ...(usage.cached === undefined ? {} : { prompt_tokens_details: { cached_tokens: usage.cached } }),
  ...(usage.reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: usage.reasoning } })
})

/** The usage record: no choices, after the finish reason. */
export const usage = (counts: ChatUsage): string =>
  record({ ...head, object: "chat.completion.chunk", choices: [], usage: wireUsage(counts) })

/** Cuts text into at most `pieces` parts of about the same length, never inside a character. */
export const cut = (whole: string, pieces: number): ReadonlyArray<string> => {
  const characters = [...whole]
  const size = Math.max(1, Math.ceil(characters.length / Math.max(1, pieces)))
  const out: Array<string> = []
  for (let at = 0; at < characters.length; at += size) out.push(characters.slice(at, at + size).join(""))
  return out
}

const defaultUsage: ChatUsage = { prompt: 120, completion: 12, cached: 20 }

const finishOf = (turn: ChatTurn): string => turn.finish ?? ((turn.calls ?? []).length > 0 ? "tool_calls" : "stop")

/** All records of a streamed turn, the end mark included. */
export const records = (turn: ChatTurn): ReadonlyArray<string> => {
  const pieces = turn.pieces ?? 3
  const calls = (turn.calls ?? []).flatMap((call, index) => [
    callStart(index, call.id, call.name),
    ...cut(call.args, call.pieces ?? 1).map((piece) => callArgs(index, piece))
  ])
  return [
    role,
    ...cut(turn.reasoning ?? "", pieces).map(reasoning),
    ...(turn.details ?? []).map((detail) => delta({ reasoning_details: [detail] })),
    ...cut(turn.text ?? "", pieces).map(text),
    ...calls,
    finish(finishOf(turn)),
    ...(turn.usage === false ? [] : [usage(turn.usage ?? defaultUsage)]),
    done
  ]
}

/** The turn as a streamed answer, one write per record. */
export const streamed = (turn: ChatTurn): Script => stream(records(turn))

/** The turn as one JSON body. */
export const whole = (turn: ChatTurn): Script =>
  respond(200, {
    ...head,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: turn.text ?? null,
          ...(turn.reasoning === undefined ? {} : { reasoning_content: turn.reasoning }),
          ...(turn.details === undefined ? {} : { reasoning_details: turn.details }),
          ...(turn.calls === undefined
            ? {}
            : {
                tool_calls: turn.calls.map((call) => ({
                  id: call.id,
                  type: "function",
                  function: { name: call.name, arguments: call.args }
                }))
              })
        },
        finish_reason: finishOf(turn)
      }
    ],
    ...(turn.usage === false ? {} : { usage: wireUsage(turn.usage ?? defaultUsage) })
  })

/** The turn in the form the request asked for (`stream: true` or not). */
export const answer = (request: { readonly body: unknown }, turn: ChatTurn): Script =>
  typeof request.body === "object" && request.body !== null && "stream" in request.body && request.body.stream === true
    ? streamed(turn)
    : whole(turn)

/** An error body in OpenAI's shape. */
export const error = (
  status: number,
  message: string,
  options: {
    readonly type?: string
    readonly code?: string | number
    readonly headers?: { readonly [name: string]: string }
  } = {}
): Script =>
  respond(
    status,
    { error: { message, type: options.type ?? "invalid_request_error", param: null, code: options.code ?? null } },
    options.headers
  )
