/**
 * The JSON form of OTLP (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding), as far as it is written here:
 * 64-bit numbers are decimal text, ids are hexadecimal, enumerations are numbers. Pure.
 *
 * Our own and not `@effect/opentelemetry`'s: that package brings 34 MB of peers to everybody who installs claudex, and marks
 * every failed span as interrupted.
 */

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean }

export interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

const valueOf = (value: string | number | boolean): AnyValue =>
  typeof value === "string"
    ? { stringValue: value }
    : typeof value === "boolean"
      ? { boolValue: value }
      : Number.isSafeInteger(value)
        ? { intValue: String(value) }
        : { doubleValue: value }

/** What is undefined is left out. */
export const attributesOf = (attributes: Attributes): ReadonlyArray<KeyValue> =>
  Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: valueOf(value) }]))

/** Epoch milliseconds as epoch nanoseconds. */
export const nanosOf = (milliseconds: number): string => String(BigInt(Math.round(milliseconds)) * 1_000_000n)

/** Who sends. */
export interface Source {
  readonly resource: Attributes
  readonly version: string
}

const scopeOf = ({ version }: Source) => ({ name: "claudex", version })
const resourceOf = ({ resource }: Source) => ({ attributes: attributesOf(resource) })

/** The bodies of the three requests. */
export const tracesBody = (source: Source, spans: ReadonlyArray<object>): object => ({
  resourceSpans: [{ resource: resourceOf(source), scopeSpans: [{ scope: scopeOf(source), spans }] }]
})
export const logsBody = (source: Source, logRecords: ReadonlyArray<object>): object => ({
  resourceLogs: [{ resource: resourceOf(source), scopeLogs: [{ scope: scopeOf(source), logRecords }] }]
})
export const metricsBody = (source: Source, metrics: ReadonlyArray<object>): object => ({
  resourceMetrics: [{ resource: resourceOf(source), scopeMetrics: [{ scope: scopeOf(source), metrics }] }]
})
