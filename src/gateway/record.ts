/** What is kept of a request once it is over. Pure. */
import { costOf } from "../domain/Cost.ts"
import type { RequestRecord } from "../domain/RequestRecord.ts"
import type { Usage } from "../domain/Usage.ts"
import type { Exchange } from "./Exchange.ts"

/** Names come from the client, words from the provider: neither may make a record long. */
const longestName = 256
const longestWords = 600
const mostLosses = 200

const shorten = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text)

const usageRecord = (usage: Usage): NonNullable<RequestRecord["usage"]> => ({
  input_tokens: usage.inputTokens,
  cache_read_tokens: usage.cacheReadTokens,
  cache_write_tokens: usage.cacheWriteTokens,
  output_tokens: usage.outputTokens,
  ...(usage.reasoningTokens === undefined ? {} : { reasoning_tokens: usage.reasoningTokens })
})

/** Undefined for what asks for no answer: health, lists, counting. `now` in epoch milliseconds. */
export const recordOf = (exchange: Exchange, now: number): RequestRecord | undefined => {
  const {
    agent,
    attempts,
    failure,
    firstByte,
    losses = [],
    named,
    price,
    served,
    session,
    size,
    started,
    usage
  } = exchange
  if (named === undefined) return undefined
  const answered = attempts.some(({ outcome }) => outcome === "answered") && failure === undefined
  return {
    id: exchange.id,
    time: started,
    ...(session === undefined ? {} : { session: shorten(session, longestName) }),
    ...(agent === undefined ? {} : { agent: shorten(agent, longestName) }),
    profile: shorten(named, longestName),
    asked: shorten(exchange.asked ?? "", longestName),
    ...(answered ? { served_by: exchange.profile ?? named } : {}),
    ...(answered && served !== undefined ? { served: shorten(served, longestName) } : {}),
    stream: exchange.stream === true,
    status: exchange.status ?? 500,
    attempts: attempts.map((attempt) => ({
      ...attempt,
      model: shorten(attempt.model, longestName),
      ...(attempt.error === undefined
        ? {}
        : { error: { ...attempt.error, message: shorten(attempt.error.message, longestWords) } })
    })),
    losses: losses.slice(0, mostLosses),
    ...(size === undefined ? {} : { request_bytes: size }),
    ...(usage === undefined ? {} : { usage: usageRecord(usage) }),
    ...(usage === undefined || price === undefined ? {} : { cost_usd: costOf(usage, price) }),
    ...(firstByte === undefined ? {} : { first_byte_ms: firstByte - started }),
    duration_ms: now - started,
    ...(failure === undefined ? {} : { error: shorten(failure, longestWords) }),
    client_gone: exchange.clientGone === true,
    ...(exchange.upstreamId === undefined ? {} : { upstream_id: shorten(exchange.upstreamId, longestName) })
  }
}
