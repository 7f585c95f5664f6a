/**
 * What the gateway counts, as Effect metrics in the process's own registry: updated from the records of requests that are
 * over. Names and attributes follow the OpenTelemetry conventions for generative AI where there is one
 * (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/); a metric's unit is its attribute `unit`.
 *
 * Profiles and models are labels only where a profile was asked, and only so many: a client may name models at will, and
 * every name would stay in memory for ever.
 */
import { Metric, MetricBoundaries, MetricLabel } from "effect"
import type { RequestRecord } from "../domain/RequestRecord.ts"

type Labels = Readonly<Record<string, string>>

/** Takes one more value; amounts for counters, observations for histograms. */
type Update = (value: number) => void

const labelled = (labels: Labels): ReadonlyArray<MetricLabel.MetricLabel> =>
  Object.entries(labels).map(([key, value]) => MetricLabel.make(key, value))

const counter =
  (name: string, unit: string, description: string) =>
  (labels: Labels): Update => {
    const metric = Metric.taggedWithLabels(
      Metric.counter(name, { description, incremental: true }),
      labelled({ ...labels, unit })
    )
    return (value) => metric.unsafeUpdate(value, [])
  }

const histogram =
  (name: string, unit: string, boundaries: ReadonlyArray<number>, description: string) =>
  (labels: Labels): Update => {
    const metric = Metric.taggedWithLabels(
      Metric.histogram(name, MetricBoundaries.fromIterable(boundaries), description),
      labelled({ ...labels, unit })
    )
    return (value) => metric.unsafeUpdate(value, [])
  }

/** From `first`, each so many times the one before. */
const steps = (first: number, factor: number, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, at) => first * factor ** at)

/** The boundaries that the conventions advise. */
const tokenSteps = steps(1, 4, 14)
const durationSteps = steps(0.01, 2, 14)
/** Those of the conventions end at 10 s; a model that thinks takes longer. */
const firstTokenSteps = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60]

const metrics = {
  requests: counter(
    "claudex.requests",
    "{request}",
    "Requests for an answer, by how they ended: a status class, broken after a success status, or given up by the client."
  ),
  attempts: counter("claudex.attempts", "{attempt}", "Candidates that were asked or passed over, by what came of it."),
  tokens: counter(
    "claudex.tokens",
    "{token}",
    "Tokens as the providers counted them; the three kinds of input add up."
  ),
  cost: counter("claudex.cost", "USD", "What answers cost by the catalog's prices, where price and usage are known."),
  losses: counter("claudex.losses", "{loss}", "What translations could not carry as it was."),
  usage: histogram("gen_ai.client.token.usage", "{token}", tokenSteps, "Number of input and output tokens used."),
  duration: histogram("gen_ai.client.operation.duration", "s", durationSteps, "GenAI operation duration."),
  firstToken: histogram(
    "gen_ai.server.time_to_first_token",
    "s",
    firstTokenSteps,
    "Time to the first byte of an answer, with every attempt before it."
  )
}

/** By how a request ended. */
export const endOf = ({ client_gone, error, status }: RequestRecord): string => {
  if (client_gone) return "gone"
  const isSuccess = status >= 200 && status < 300
  return isSuccess && error !== undefined ? "broken" : `${Math.floor(status / 100)}xx`
}

/** The types of the Anthropic API. */
const errorTypes =
  /^(?:(?:invalid_request|authentication|billing|permission|not_found|conflict|rate_limit|api|timeout|overloaded)_error|request_too_large)(?=:)/

/** The type of what failed; undefined when nothing did. `_OTHER` is the conventions' word for what has none. */
export const errorTypeOf = ({ client_gone, error }: RequestRecord): string | undefined => {
  if (client_gone) return "cancelled"
  return error === undefined ? undefined : (errorTypes.exec(error)?.[0] ?? "_OTHER")
}

interface Who {
  readonly profile: string
  readonly model: string
}

const other = "other"
const others: Who = { profile: other, model: other }

/** Whoever answered, else whoever was asked last. */
const whoOf = ({ attempts, served, served_by }: RequestRecord): Who => {
  const last = attempts.at(-1)
  if (served_by !== undefined) return { profile: served_by, model: served ?? last?.model ?? other }
  return last === undefined ? others : { profile: last.profile, model: last.model }
}

const operation = ({ model, profile }: Who): Labels => ({
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": profile,
  "gen_ai.request.model": model
})

/** So many pairs of profile and model have series of their own. */
const capacity = 100

/** Counts records, one after the other. For one gateway. */
export const makeCounting = (): ((record: RequestRecord) => void) => {
  const known = new Set<string>()
  const updates = new Map<string, Update>()

  /** The pair itself while there is room, then all others as one. */
  const bounded = (who: Who): Who => {
    const key = `${who.profile}\0${who.model}`
    if (known.has(key)) return who
    if (known.size >= capacity) return others
    known.add(key)
    return who
  }

  /** A series is looked up by its labels once: in the registry that costs more than counting. */
  const add = (name: keyof typeof metrics, labels: Labels, value: number): void => {
    const key = `${name}\0${Object.values(labels).join("\0")}`
    const update = updates.get(key) ?? metrics[name](labels)
    updates.set(key, update)
    update(value)
  }

  const countUsage = (record: RequestRecord, who: Who): void => {
    const { cost_usd, usage } = record
    if (cost_usd !== undefined) add("cost", { ...who }, cost_usd)
    if (usage === undefined) return
    const { cache_read_tokens, cache_write_tokens, input_tokens, output_tokens } = usage
    add("tokens", { ...who, type: "input" }, input_tokens)
    add("tokens", { ...who, type: "cache_read" }, cache_read_tokens)
    add("tokens", { ...who, type: "cache_write" }, cache_write_tokens)
    add("tokens", { ...who, type: "output" }, output_tokens)
    const prompt = input_tokens + cache_read_tokens + cache_write_tokens
    add("usage", { ...operation(who), "gen_ai.token.type": "input" }, prompt)
    add("usage", { ...operation(who), "gen_ai.token.type": "output" }, output_tokens)
  }

  return (record) => {
    const who = bounded(whoOf(record))
    const errorType = errorTypeOf(record)
    const error: Labels = errorType === undefined ? {} : { "error.type": errorType }
    add("requests", { ...who, status: endOf(record) }, 1)
    add("duration", { ...operation(who), ...error }, record.duration_ms / 1000)
    if (record.first_byte_ms !== undefined) add("firstToken", operation(who), record.first_byte_ms / 1000)
    for (const { error: failed, model, outcome, profile } of record.attempts) {
      const type: Labels = failed === undefined ? {} : { "error.type": failed.type }
      add("attempts", { ...bounded({ profile, model }), outcome, ...type }, 1)
    }
    for (const { kind } of record.losses) add("losses", { profile: who.profile, kind }, 1)
    countUsage(record, who)
  }
}
