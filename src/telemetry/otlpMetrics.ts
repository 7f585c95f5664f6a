/** Effect's metrics as OTLP has them: one entry a name, its series as data points, sums and buckets since `start`. Pure. */
import { MetricKeyType, type MetricPair, MetricState, Option } from "effect"
import { attributesOf, nanosOf } from "./otlp.ts"

const cumulative = 2

interface DataPoint {
  readonly [field: string]: unknown
}

/** The kind of a metric, with what all its points have in common. */
interface Kind {
  readonly name: "sum" | "gauge" | "histogram"
  readonly fields: Readonly<Record<string, unknown>>
}

const gauge: Kind = { name: "gauge", fields: {} }
const histogram: Kind = { name: "histogram", fields: { aggregationTemporality: cumulative } }
const sum = (isMonotonic: boolean): Kind => ({
  name: "sum",
  fields: { aggregationTemporality: cumulative, isMonotonic }
})

/** How many fell between each boundary and the one before, and beyond the last. */
const bucketsOf = ({ buckets, count }: MetricState.MetricState.Histogram): DataPoint => {
  const finite = buckets.filter(([boundary]) => Number.isFinite(boundary))
  const upTo = [...finite.map(([, below]) => below), count]
  return {
    explicitBounds: finite.map(([boundary]) => boundary),
    bucketCounts: upTo.map((below, at) => String(below - (upTo[at - 1] ?? 0)))
  }
}

/** Undefined for what OTLP has no form for: Effect's frequencies and summaries, of which the gateway has none. */
const pointOf = (
  state: MetricState.MetricState.Untyped,
  isMonotonic: boolean
): readonly [Kind, DataPoint] | undefined => {
  if (MetricState.isCounterState(state)) return [sum(isMonotonic), { asDouble: Number(state.count) }]
  if (MetricState.isGaugeState(state)) return [gauge, { asDouble: Number(state.value) }]
  if (!MetricState.isHistogramState(state)) return undefined
  const range = state.count === 0 ? {} : { min: state.min, max: state.max }
  return [histogram, { count: String(state.count), sum: state.sum, ...range, ...bucketsOf(state) }]
}

/** `start` and `now` in epoch milliseconds. */
export const metricsOf = (
  pairs: ReadonlyArray<MetricPair.MetricPair.Untyped>,
  start: number,
  now: number
): ReadonlyArray<object> => {
  const metrics = new Map<string, { readonly kind: Kind; readonly about: object; readonly points: Array<DataPoint> }>()
  for (const { metricKey, metricState } of pairs) {
    const isMonotonic = MetricKeyType.isCounterKey(metricKey.keyType) && metricKey.keyType.incremental
    const found = pointOf(metricState, isMonotonic)
    if (found === undefined) continue
    const [kind, point] = found
    const tags = Object.fromEntries([...metricKey.tags].map(({ key, value }) => [key, value]))
    const { unit = "1", ...labels } = tags
    const key = `${metricKey.name}\0${kind.name}\0${unit}`
    const description = Option.getOrElse(metricKey.description, () => "")
    const metric = metrics.get(key) ?? { kind, about: { name: metricKey.name, description, unit }, points: [] }
    metrics.set(key, metric)
    metric.points.push({
      attributes: attributesOf(labels),
      startTimeUnixNano: nanosOf(start),
      timeUnixNano: nanosOf(now),
      ...point
    })
  }
  return [...metrics.values()].map(({ about, kind, points }) => ({
    ...about,
    [kind.name]: { ...kind.fields, dataPoints: points }
  }))
}
