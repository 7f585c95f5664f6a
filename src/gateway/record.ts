/** What is kept of a request once it is over. Pure. */
import { costOf } from "../domain/Cost.ts"
import type { RequestRecord } from "../domain/RequestRecord.ts"
import type { Usage } from "../domain/Usage.ts"
import { maskSecrets } from "../protocol/errors.ts"
import type { Loss } from "../protocol/loss.ts"
import type { Exchange } from "./Exchange.ts"

/** Names come from the client, words from the provider: neither may make a record long. */
const longestName = 256
const longestWords = 600
const mostLosses = 200

const shorten = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text)

/** Names repeat from request to request, and masking one takes as long as the rest of a record. */
const maskedNames = new Map<string, string>()
const mostNames = 256

/** A name that somebody else chose, and which may be a credential in the wrong place. */
const nameOf = (text: string): string => {
  const name = shorten(text, longestName)
  const known = maskedNames.get(name)
  if (known !== undefined) return known
  const masked = maskSecrets(name)
  if (maskedNames.size >= mostNames) maskedNames.clear()
  maskedNames.set(name, masked)
  return masked
}

/** Of the forms that providers give ids: nothing to look for. Each request has another one. */
const idForm = /^(?:(?:req|msg|resp|gen)_|chatcmpl-|[0-9a-f]{8}-[0-9a-f]{4}-)/

const upstreamIdOf = (text: string): string => {
  const id = shorten(text, longestName)
  return idForm.test(id) ? id : maskSecrets(id)
}

/** Error messages are masked where they are made (gatewayError.ts). */
const wordsOf = (text: string): string => shorten(text, longestWords)

const lossRecord = ({ kind, path, what, why }: Loss): RequestRecord["losses"][number] => ({
  kind,
  path: wordsOf(path),
  what: wordsOf(what),
  why: wordsOf(why)
})

const usageRecord = (usage: Usage): NonNullable<RequestRecord["usage"]> => ({
  input_tokens: usage.inputTokens,
  cache_read_tokens: usage.cacheReadTokens,
  cache_write_tokens: usage.cacheWriteTokens,
  output_tokens: usage.outputTokens,
  ...(usage.reasoningTokens === undefined ? {} : { reasoning_tokens: usage.reasoningTokens })
})

/** Undefined for what asks no model, or without the token: health, lists, counting. `now` in epoch milliseconds. */
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
  if (named === undefined || exchange.asksModel !== true) return undefined
  const answered = attempts.some(({ outcome }) => outcome === "answered") && failure === undefined
  return {
    id: exchange.id,
    time: started,
    ...(session === undefined ? {} : { session: nameOf(session) }),
    ...(agent === undefined ? {} : { agent: nameOf(agent) }),
    // who was asked is no stranger, whatever the name looks like
    profile: attempts.some(({ profile }) => profile === named) ? named : nameOf(named),
    asked: nameOf(exchange.asked ?? ""),
    ...(answered ? { served_by: exchange.profile ?? nameOf(named) } : {}),
    ...(answered && served !== undefined ? { served: nameOf(served) } : {}),
    stream: exchange.stream === true,
    status: exchange.status ?? 500,
    attempts: attempts.map((attempt) => ({
      ...attempt,
      model: nameOf(attempt.model),
      ...(attempt.error === undefined ? {} : { error: { ...attempt.error, message: wordsOf(attempt.error.message) } })
    })),
    losses: losses.slice(0, mostLosses).map(lossRecord),
    ...(size === undefined ? {} : { request_bytes: size }),
    ...(usage === undefined ? {} : { usage: usageRecord(usage) }),
    ...(usage === undefined || price === undefined ? {} : { cost_usd: costOf(usage, price) }),
    ...(firstByte === undefined ? {} : { first_byte_ms: firstByte - started }),
    // the clock may have been set back
    duration_ms: Math.max(0, now - started),
    ...(failure === undefined ? {} : { error: wordsOf(failure) }),
    client_gone: exchange.clientGone === true,
    ...(exchange.upstreamId === undefined ? {} : { upstream_id: upstreamIdOf(exchange.upstreamId) })
  }
}
