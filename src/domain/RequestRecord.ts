/**
 * What is kept of one request for an answer: who was asked and why, what came of it, what it cost. Holds no prompt, no
 * answer and no secret. Times are epoch milliseconds, durations milliseconds.
 */
import { Option, Schema } from "effect"
import { field } from "./field.ts"

const Failure = Schema.Struct({
  status: field(Schema.Number, "The HTTP status, as the client would get it."),
  type: field(Schema.String, "The Anthropic error type, as the client would get it."),
  message: field(Schema.String, "The reason, without secrets.")
})

/** One candidate that was asked, or passed over. */
export const AttemptRecord = Schema.Struct({
  profile: field(Schema.String, "Who was asked."),
  model: field(Schema.String, "The provider's own name of the model."),
  reason: field(Schema.String, "Why it was its turn: the client's profile, backup of grok, again."),
  started: field(Schema.Number, "When it began; epoch milliseconds."),
  duration_ms: field(Schema.Number, "How long it took."),
  outcome: field(
    Schema.Literal("answered", "failed", "skipped", "cancelled"),
    "What came of it; skipped was not asked at all."
  ),
  error: Schema.optional(field(Failure, "Why it failed.")),
  next: Schema.optional(
    field(Schema.String, "What followed from a failure: asked again, next candidate, told the client, and why.")
  )
})
export type AttemptRecord = typeof AttemptRecord.Type

export const LossRecord = Schema.Struct({
  kind: field(
    Schema.String,
    "One of dropped, clamped, downgraded, weakened, replaced, renamed, moved, enforced and added."
  ),
  path: field(Schema.String, "The place in the client's body; empty for the whole request."),
  what: field(Schema.String, "What was lost or changed."),
  why: field(Schema.String, "The reason.")
})

/** Tokens, as in `Usage`. */
export const UsageRecord = Schema.Struct({
  input_tokens: field(Schema.Number, "Of the prompt, that no cache knew."),
  cache_read_tokens: field(Schema.Number, "Of the prompt, read from the provider's cache."),
  cache_write_tokens: field(Schema.Number, "Of the prompt, written to the provider's cache."),
  output_tokens: field(Schema.Number, "Of the answer, reasoning included."),
  reasoning_tokens: Schema.optional(field(Schema.Number, "How many of those were reasoning."))
})

/** One request for an answer: who asked for what, whom claudex asked, and what came of it. */
export const RequestRecord = Schema.Struct({
  id: field(Schema.String, "The request-id of the answer."),
  time: field(Schema.Number, "When it came; epoch milliseconds."),
  session: Schema.optional(field(Schema.String, "Claude Code's session.")),
  agent: Schema.optional(field(Schema.String, "The subagent that asked.")),
  profile: field(Schema.String, "The profile in the path."),
  asked: field(Schema.String, "The model as the client named it."),
  served_by: Schema.optional(field(Schema.String, "The profile that answered.")),
  served: Schema.optional(field(Schema.String, "The model that answered.")),
  stream: field(Schema.Boolean, "Whether a stream was asked for."),
  status: field(Schema.Number, "The HTTP status of the answer."),
  attempts: field(Schema.Array(AttemptRecord), "Everybody who was asked or passed over, in order."),
  losses: field(Schema.Array(LossRecord), "What the provider did not get as the client sent it."),
  request_bytes: Schema.optional(field(Schema.Number, "The size of the client's body.")),
  usage: Schema.optional(field(UsageRecord, "Tokens, where the provider told them.")),
  cost_usd: Schema.optional(
    field(Schema.Number, "US dollars by list prices; absent when a price or the usage is not known.")
  ),
  first_byte_ms: Schema.optional(field(Schema.Number, "Until the first byte of the answer.")),
  duration_ms: field(Schema.Number, "Until the end of the answer."),
  error: Schema.optional(
    field(Schema.String, "Why it failed, also where the answer broke off after a success status.")
  ),
  client_gone: field(Schema.Boolean, "Whether the client gave up."),
  upstream_id: Schema.optional(field(Schema.String, "The provider's id of the request."))
})
/** What is kept of one request. */
export type RequestRecord = typeof RequestRecord.Type

const readLine = Schema.decodeUnknownOption(Schema.parseJson(RequestRecord))

/** The whole records among lines of JSON; what is no record is passed over. */
export const recordsIn = (lines: ReadonlyArray<string>): ReadonlyArray<RequestRecord> =>
  lines.flatMap((line) => (line === "" ? [] : Option.toArray(readLine(line))))
