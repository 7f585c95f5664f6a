/**
 * Metrics as text that Prometheus reads (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4). Pure.
 * OpenTelemetry's names become Prometheus's: dots to underscores, the unit behind the name, `_total` behind a counter.
 */
import { MetricKeyType, type MetricPair, MetricState, Option } from "effect"

export const contentType = "text/plain; version=0.0.4; charset=utf-8"

export interface Sample {
  /** Behind the family's name: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** All samples of one metric. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: "counter" | "gauge" | "histogram" | "summary"
  readonly samples: ReadonlyArray<Sample>
}

/** Letters, digits and underscores, and no digit first. */
const nameOf = (text: string): string => text.replace(/[^a-zA-Z0-9_]/g, "_").replace(/^(?=[0-9]|$)/, "_")

const numberOf = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")

const labelsOf = (labels: Sample["labels"]): string => {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value).replaceAll('"', '\\"')}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

const linesOf = ({ help, name, samples, type }: Family): ReadonlyArray<string> => [
  ...(help === "" ? [] : [`# HELP ${name} ${escaped(help)}`]),
  `# TYPE ${name} ${type}`,
  ...samples.map(({ labels, suffix = "", value }) => `${name}${suffix}${labelsOf(labels)} ${numberOf(value)}`)
]

/** The families as text; each name at most once. */
export const prometheusText = (families: ReadonlyArray<Family>): string =>
  families
    .flatMap(linesOf)
    .map((line) => `${line}\n`)
    .join("")

/** Words for units, where they have one; counts in braces have none. */
const unitWords: Readonly<Record<string, string>> = { s: "_seconds", ms: "_milliseconds", By: "_bytes", USD: "_usd" }

type Samples = Pick<Family, "type" | "samples">

/** What there is of one series. Undefined for a state that Effect does not have. */
const samplesOf = (
  state: MetricState.MetricState.Untyped,
  labels: Sample["labels"],
  isMonotonic: boolean
): Samples | undefined => {
  if (MetricState.isCounterState(state)) {
    return { type: isMonotonic ? "counter" : "gauge", samples: [{ labels, value: Number(state.count) }] }
  }
  if (MetricState.isGaugeState(state)) return { type: "gauge", samples: [{ labels, value: Number(state.value) }] }
  if (MetricState.isFrequencyState(state)) {
    const samples = [...state.occurrences].map(([value, count]) => ({ labels: { ...labels, value }, value: count }))
    return { type: "counter", samples }
  }
  const ends = (sum: number, count: number): ReadonlyArray<Sample> => [
    { suffix: "_sum", labels, value: sum },
    { suffix: "_count", labels, value: count }
  ]
  if (MetricState.isHistogramState(state)) {
    const finite = state.buckets.filter(([boundary]) => Number.isFinite(boundary))
    const buckets = [...finite, [Number.POSITIVE_INFINITY, state.count] as const].map(([boundary, value]) => ({
      suffix: "_bucket",
      labels: { ...labels, le: numberOf(boundary) },
      value
    }))
    return { type: "histogram", samples: [...buckets, ...ends(state.sum, state.count)] }
  }
  if (!MetricState.isSummaryState(state)) return undefined
  const quantiles = state.quantiles.map(([quantile, value]) => ({
    labels: { ...labels, quantile: String(quantile) },
    value: Option.getOrElse(value, () => Number.NaN)
  }))
  return { type: "summary", samples: [...quantiles, ...ends(state.sum, state.count)] }
}

const familyOf = ({ metricKey, metricState }: MetricPair.MetricPair.Untyped): Family | undefined => {
  const tags = [...metricKey.tags]
  const unit = tags.find(({ key }) => key === "unit")?.value ?? ""
  const labels = Object.fromEntries(
    tags.filter(({ key }) => key !== "unit").map(({ key, value }) => [nameOf(key), value])
  )
  const { keyType } = metricKey
  const found = samplesOf(metricState, labels, MetricKeyType.isCounterKey(keyType) && keyType.incremental)
  if (found === undefined) return undefined
  const name = `${nameOf(metricKey.name)}${unitWords[unit] ?? ""}${found.type === "counter" ? "_total" : ""}`
  return { ...found, name, help: Option.getOrElse(metricKey.description, () => "") }
}

/** Effect's metrics as families, in the order of their names; two that differ in their type alone stay apart. */
export const familiesOf = (pairs: ReadonlyArray<MetricPair.MetricPair.Untyped>): ReadonlyArray<Family> => {
  const families = new Map<string, Family & { readonly samples: Array<Sample> }>()
  for (const pair of pairs) {
    const one = familyOf(pair)
    if (one === undefined) continue
    const clashes = families.has(one.name) && families.get(one.name)?.type !== one.type
    const name = clashes ? `${one.name}_${one.type}` : one.name
    const known = families.get(name) ?? { ...one, name, samples: [] }
    known.samples.push(...one.samples)
    families.set(name, known)
  }
  return [...families.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1))
}
