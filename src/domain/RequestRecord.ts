/**
 * What is kept of one request for an answer: who was asked and why, what came of it, what it cost. Holds no prompt, no
 * answer and no secret. Times are epoch milliseconds, durations milliseconds.
 */
import { Option, Schema } from "effect"

const Failure = Schema.Struct({
  /** HTTP status and Anthropic error type as the client would get them. */
  status: Schema.Number,
  type: Schema.String,
  message: Schema.String
})

/** One candidate that was asked, or passed over. */
export const AttemptRecord = Schema.Struct({
  profile: Schema.String,
  /** The provider's own name of the model. */
  model: Schema.String,
  /** Why it was its turn: "the client's profile", "backup of grok", "again". */
  reason: Schema.String,
  started: Schema.Number,
  duration_ms: Schema.Number,
  /** `skipped` was not asked at all. */
  outcome: Schema.Literal("answered", "failed", "skipped", "cancelled"),
  error: Schema.optional(Failure),
  /** What followed from a failure: "asked again", "next candidate", "told the client", and why. */
  next: Schema.optional(Schema.String)
})
export type AttemptRecord = typeof AttemptRecord.Type

export const LossRecord = Schema.Struct({
  kind: Schema.String,
  /** JSON path in the client's body. */
  path: Schema.String,
  what: Schema.String,
  why: Schema.String
})

/** Tokens, as in `Usage`. */
export const UsageRecord = Schema.Struct({
  input_tokens: Schema.Number,
  cache_read_tokens: Schema.Number,
  cache_write_tokens: Schema.Number,
  output_tokens: Schema.Number,
  reasoning_tokens: Schema.optional(Schema.Number)
})

/** One request for an answer: who asked for what, whom claudex asked, and what came of it. */
export const RequestRecord = Schema.Struct({
  /** The `request-id` of the answer. */
  id: Schema.String,
  time: Schema.Number,
  session: Schema.optional(Schema.String),
  /** Of a subagent. */
  agent: Schema.optional(Schema.String),
  /** The profile in the path. */
  profile: Schema.String,
  /** The model as the client named it. */
  asked: Schema.String,
  /** Who answered, with which model. */
  served_by: Schema.optional(Schema.String),
  served: Schema.optional(Schema.String),
  stream: Schema.Boolean,
  status: Schema.Number,
  attempts: Schema.Array(AttemptRecord),
  losses: Schema.Array(LossRecord),
  request_bytes: Schema.optional(Schema.Number),
  usage: Schema.optional(UsageRecord),
  /** US dollars by the catalog's prices; absent when a price or the usage is not known. */
  cost_usd: Schema.optional(Schema.Number),
  first_byte_ms: Schema.optional(Schema.Number),
  duration_ms: Schema.Number,
  /** Why it failed, also where the answer broke off after a success status. */
  error: Schema.optional(Schema.String),
  client_gone: Schema.Boolean,
  /** The provider's id of the request. */
  upstream_id: Schema.optional(Schema.String)
})
/** What is kept of one request. */
export type RequestRecord = typeof RequestRecord.Type

const readLine = Schema.decodeUnknownOption(Schema.parseJson(RequestRecord))

/** The whole records among lines of JSON; what is no record is passed over. */
export const recordsIn = (lines: ReadonlyArray<string>): ReadonlyArray<RequestRecord> =>
  lines.flatMap((line) => (line === "" ? [] : Option.toArray(readLine(line))))
