/**
 * What the gateway counts, as Effect metrics in the process's own registry: updated from the records of requests that are
 * over. Names and attributes follow the OpenTelemetry conventions for generative AI where there is one
 * (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/); a metric's unit is its attribute `unit`.
 *
 * Profiles and models are labels only where a profile was asked, and only so many: a client may name models at will, and
 * every name would stay in memory for ever.
 */
import { Metric, MetricBoundaries, MetricKey, MetricLabel } from "effect"
import type { RequestRecord } from "../domain/RequestRecord.ts"

type Labels = Readonly<Record<string, string>>

const noLabels: ReadonlyArray<MetricLabel.MetricLabel> = []

/** Takes one more value; amounts for counters, observations for histograms. */
type Update = (value: number) => void

const labelled = (labels: Labels): ReadonlyArray<MetricLabel.MetricLabel> =>
  Object.entries(labels).map(([key, value]) => MetricLabel.make(key, value))

/** Labels are part of a metric's key: put upon the metric itself, they would be looked up with every value. */
const counter =
  (name: string, unit: string, description: string) =>
  (labels: Labels): Update => {
    const key = MetricKey.counter(name, { description, incremental: true })
    const metric = Metric.fromMetricKey(MetricKey.taggedWithLabels(key, labelled({ ...labels, unit })))
    return (value) => metric.unsafeUpdate(value, noLabels)
  }

const histogram =
  (name: string, unit: string, boundaries: ReadonlyArray<number>, description: string) =>
  (labels: Labels): Update => {
    const key = MetricKey.histogram(name, MetricBoundaries.fromIterable(boundaries), description)
    const metric = Metric.fromMetricKey(MetricKey.taggedWithLabels(key, labelled({ ...labels, unit })))
    return (value) => metric.unsafeUpdate(value, noLabels)
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

/** What is counted of one pair of profile and model, by the metric and what else tells its series apart. */
interface Series {
  readonly who: Who
  readonly updates: Map<string, Update>
}

const add = (
  { updates, who }: Series,
  name: keyof typeof metrics,
  value: number,
  mark: string,
  labelsFor: (who: Who) => Labels
): void => {
  const key = name + mark
  const known = updates.get(key)
  if (known !== undefined) return known(value)
  const update = metrics[name](labelsFor(who))
  updates.set(key, update)
  update(value)
}

const countUsage = (series: Series, { cost_usd, usage }: RequestRecord): void => {
  if (cost_usd !== undefined) add(series, "cost", cost_usd, "", (who) => ({ ...who }))
  if (usage === undefined) return
  const addTokens = (type: string, value: number) => add(series, "tokens", value, type, (who) => ({ ...who, type }))
  addTokens("input", usage.input_tokens)
  addTokens("cache_read", usage.cache_read_tokens)
  addTokens("cache_write", usage.cache_write_tokens)
  addTokens("output", usage.output_tokens)
  const addUsage = (type: string, value: number) =>
    add(series, "usage", value, type, (who) => ({ ...operation(who), "gen_ai.token.type": type }))
  addUsage("input", usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens)
  addUsage("output", usage.output_tokens)
}

const countAttempt = (series: Series, { error, outcome }: RequestRecord["attempts"][number]): void =>
  add(series, "attempts", 1, error === undefined ? outcome : `${outcome} ${error.type}`, (who) => ({
    ...who,
    outcome,
    ...(error === undefined ? {} : { "error.type": error.type })
  }))

/** Counts records, one after the other. For one gateway. */
export const makeCounting = (): ((record: RequestRecord) => void) => {
  const known = new Map<string, Series>()
  const rest: Series = { who: others, updates: new Map() }

  /** Of the pair itself while there is room, then of all others as one. */
  const seriesOf = (profile: string, model: string): Series => {
    const key = `${profile}\0${model}`
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size >= capacity) return rest
    const series: Series = { who: { profile, model }, updates: new Map() }
    known.set(key, series)
    return series
  }

  return (record) => {
    const { profile, model } = whoOf(record)
    const series = seriesOf(profile, model)
    const status = endOf(record)
    const errorType = errorTypeOf(record)
    add(series, "requests", 1, status, (who) => ({ ...who, status }))
    add(series, "duration", record.duration_ms / 1000, errorType ?? "", (who) => ({
      ...operation(who),
      ...(errorType === undefined ? {} : { "error.type": errorType })
    }))
    if (record.first_byte_ms !== undefined) add(series, "firstToken", record.first_byte_ms / 1000, "", operation)
    for (const attempt of record.attempts) countAttempt(seriesOf(attempt.profile, attempt.model), attempt)
    for (const { kind } of record.losses) {
      add(series, "losses", 1, kind, (who) => ({ profile: who.profile, kind }))
    }
    countUsage(series, record)
  }
}
