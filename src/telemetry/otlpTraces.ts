/**
 * A request's record as the spans of a trace, made when it is over: one for the request as the client saw it, and below it
 * one for each candidate that was asked or passed over. Attributes follow the conventions for generative AI
 * (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/). Token counts stand on the request alone, so that
 * nobody who adds them up pays twice. Pure.
 */
import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex } from "@noble/hashes/utils"
import type { RequestRecord } from "../domain/RequestRecord.ts"
import { errorTypeOf } from "./metrics.ts"
import { type Attributes, attributesOf, type KeyValue, nanosOf } from "./otlp.ts"

const kinds = { server: 2, client: 3 } as const
const failedStatus = 2

export interface Span {
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  /** Epoch nanoseconds. */
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<KeyValue>
  readonly events: ReadonlyArray<{ readonly timeUnixNano: string; readonly name: string }>
  /** Absent for what went well: a status that says so is for the user to set. */
  readonly status?: { readonly code: number; readonly message: string }
}

/** The same request has the same ids however often it is sent. */
const idOf = (text: string, bytes: number): string => bytesToHex(sha256(text).subarray(0, bytes))

/** The trace of a request, by its `request-id`. */
export const traceIdOf = (id: string): string => idOf(id, 16)

const operation = "chat"

const usageOf = ({ usage }: RequestRecord): Attributes =>
  usage === undefined
    ? {}
    : {
        // the whole prompt, what came from a cache included
        "gen_ai.usage.input_tokens": usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens
      }

const requestSpan = (record: RequestRecord, traceId: string, spanId: string): Span => {
  const { error, first_byte_ms: firstByte, time } = record
  const errorType = errorTypeOf(record)
  return {
    traceId,
    spanId,
    name: `${operation} ${record.asked}`.trim(),
    kind: kinds.server,
    startTimeUnixNano: nanosOf(time),
    endTimeUnixNano: nanosOf(time + record.duration_ms),
    attributes: attributesOf({
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": record.served_by ?? record.profile,
      "gen_ai.request.model": record.asked,
      "gen_ai.response.model": record.served,
      "gen_ai.conversation.id": record.session,
      ...usageOf(record),
      "error.type": errorType,
      "http.response.status_code": record.status,
      "http.request.body.size": record.request_bytes,
      "claudex.request.id": record.id,
      "claudex.profile": record.profile,
      "claudex.agent.id": record.agent,
      "claudex.stream": record.stream,
      "claudex.attempts": record.attempts.length,
      "claudex.losses": record.losses.length,
      "claudex.cost_usd": record.cost_usd,
      "claudex.upstream.id": record.upstream_id
    }),
    events: firstByte === undefined ? [] : [{ timeUnixNano: nanosOf(time + firstByte), name: "first byte" }],
    ...(errorType === undefined ? {} : { status: { code: failedStatus, message: error ?? errorType } })
  }
}

const attemptSpan = (
  attempt: RequestRecord["attempts"][number],
  traceId: string,
  parentSpanId: string,
  spanId: string
): Span => {
  const { duration_ms, error, model, next, outcome, profile, reason, started } = attempt
  return {
    traceId,
    spanId,
    parentSpanId,
    name: `${operation} ${model}`.trim(),
    kind: kinds.client,
    startTimeUnixNano: nanosOf(started),
    endTimeUnixNano: nanosOf(started + duration_ms),
    attributes: attributesOf({
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": profile,
      "gen_ai.request.model": model,
      "error.type": error?.type,
      "http.response.status_code": error?.status,
      "claudex.profile": profile,
      "claudex.attempt.reason": reason,
      "claudex.attempt.outcome": outcome,
      "claudex.attempt.next": next
    }),
    events: [],
    ...(error === undefined ? {} : { status: { code: failedStatus, message: error.message } })
  }
}

/** The request's span, then those of its attempts in their order. */
export const spansOf = (record: RequestRecord): ReadonlyArray<Span> => {
  const traceId = traceIdOf(record.id)
  const root = idOf(`${record.id}/`, 8)
  return [
    requestSpan(record, traceId, root),
    ...record.attempts.map((attempt, at) => attemptSpan(attempt, traceId, root, idOf(`${record.id}/${at}`, 8)))
  ]
}
