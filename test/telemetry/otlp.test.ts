import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc, Metric, MetricBoundaries, MetricLabel } from "effect"
import { attributesOf, nanosOf } from "../../src/telemetry/otlp.ts"
import { metricsOf } from "../../src/telemetry/otlpMetrics.ts"
import { targetOf } from "../../src/telemetry/otlpTarget.ts"
import { spansOf } from "../../src/telemetry/otlpTraces.ts"
import { attempt, record } from "./records.ts"

const valuesOf = (attributes: ReadonlyArray<{ readonly key: string; readonly value: object }>) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

describe("spans", () => {
  const failed = attempt({
    profile: "p",
    model: "m-1",
    started: 1_100,
    duration_ms: 300,
    outcome: "failed",
    error: { status: 529, type: "overloaded_error", message: "p: overloaded" },
    next: "the next one was asked"
  })
  const answered = attempt({ profile: "b", model: "m-2", started: 1_450, duration_ms: 500, reason: "backup of p" })
  const one = record({
    session: "s-1",
    served_by: "b",
    served: "m-2",
    attempts: [failed, answered],
    usage: { input_tokens: 10, cache_read_tokens: 20, cache_write_tokens: 5, output_tokens: 7 },
    first_byte_ms: 600,
    cost_usd: 0.5
  })

  it("are the request and below it its attempts, with their own times", () => {
    const [root, ...children] = spansOf(one)
    expect(root?.parentSpanId).toBeUndefined()
    expect(root?.name).toBe("chat claude-sonnet-4-5")
    expect([root?.startTimeUnixNano, root?.endTimeUnixNano]).toEqual(["1000000000", "2000000000"])
    expect(root?.events).toEqual([{ timeUnixNano: "1600000000", name: "first byte" }])
    expect(root?.status).toBeUndefined()
    expect(valuesOf(root?.attributes ?? [])).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "b",
      "gen_ai.request.model": "claude-sonnet-4-5",
      "gen_ai.response.model": "m-2",
      "gen_ai.conversation.id": "s-1",
      "gen_ai.usage.input_tokens": "35",
      "gen_ai.usage.output_tokens": "7",
      "gen_ai.usage.cache_read.input_tokens": "20",
      "claudex.request.id": "req_1",
      "claudex.cost_usd": 0.5
    })
    expect(children.map(({ parentSpanId }) => parentSpanId)).toEqual([root?.spanId, root?.spanId])
    expect(children.map(({ startTimeUnixNano, endTimeUnixNano }) => [startTimeUnixNano, endTimeUnixNano])).toEqual([
      ["1100000000", "1400000000"],
      ["1450000000", "1950000000"]
    ])
    expect(children[0]?.status).toEqual({ code: 2, message: "p: overloaded" })
    expect(valuesOf(children[0]?.attributes ?? [])).toMatchObject({
      "gen_ai.provider.name": "p",
      "gen_ai.request.model": "m-1",
      "error.type": "overloaded_error",
      "claudex.attempt.next": "the next one was asked"
    })
    // else whoever adds them up pays twice
    expect(children.flatMap(({ attributes }) => attributes).filter(({ key }) => key.includes("usage"))).toEqual([])
  })

  it("have ids of their own, the same whenever the same request is sent", () => {
    const spans = [...spansOf(one), ...spansOf(record({ id: "req_2" }))]
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(2)
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
    for (const { spanId, traceId } of spans) {
      expect(traceId).toMatch(/^[0-9a-f]{32}$/)
      expect(spanId).toMatch(/^[0-9a-f]{16}$/)
    }
    expect(spansOf(one)).toEqual(spansOf(one))
  })

  it("tell what a request failed of", () => {
    const [root] = spansOf(record({ status: 429, error: "rate_limit_error: later", attempts: [] }))
    expect(root?.status).toEqual({ code: 2, message: "rate_limit_error: later" })
    expect(valuesOf(root?.attributes ?? [])).toMatchObject({ "error.type": "rate_limit_error" })
  })
})

describe("OTLP values", () => {
  it("are texts for whole numbers of 64 bits, and for times in nanoseconds", () => {
    expect(attributesOf({ a: 1, b: 0.5, c: "x", d: true, e: undefined })).toEqual([
      { key: "a", value: { intValue: "1" } },
      { key: "b", value: { doubleValue: 0.5 } },
      { key: "c", value: { stringValue: "x" } },
      { key: "d", value: { boolValue: true } }
    ])
    expect(nanosOf(1_795_651_200_123.4)).toBe("1795651200123000000")
  })

  it("of a histogram are one count between any two bounds, which together are all", () => {
    let run = 0
    const bounds = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(bounds, fc.array(fc.integer({ min: -60, max: 60 }), { maxLength: 30 }), (unsorted, observed) => {
        const name = `otlp_histogram_${(run += 1)}`
        const sorted = unsorted.toSorted((left, right) => left - right)
        const histogram = Metric.histogram(name, MetricBoundaries.fromIterable(sorted)).register()
        for (const one of observed) histogram.unsafeUpdate(one, [])
        const own = Metric.unsafeSnapshot().filter(({ metricKey }) => metricKey.name === name)
        const edges = [Number.NEGATIVE_INFINITY, ...sorted, Number.POSITIVE_INFINITY]
        const bucketCounts = edges
          .slice(1)
          .map((edge, at) => String(observed.filter((one) => one > (edges[at] ?? 0) && one <= edge).length))
        expect(metricsOf(own, 1, 2)).toMatchObject([
          {
            name,
            unit: "1",
            histogram: {
              aggregationTemporality: 2,
              dataPoints: [
                {
                  startTimeUnixNano: "1000000",
                  timeUnixNano: "2000000",
                  count: String(observed.length),
                  explicitBounds: sorted,
                  bucketCounts
                }
              ]
            }
          }
        ])
      }),
      { numRuns: 100 }
    )
  })

  it("of one metric stand together, and its unit is no attribute", () => {
    for (const kind of ["a", "b"]) {
      const labels = [MetricLabel.make("unit", "USD"), MetricLabel.make("kind", kind)]
      Metric.taggedWithLabels(Metric.counter("otlp.spent", { incremental: true }), labels).unsafeUpdate(2, [])
    }
    const own = Metric.unsafeSnapshot().filter(({ metricKey }) => metricKey.name === "otlp.spent")
    const [metric, ...others] = metricsOf(own, 1, 2)
    expect(others).toEqual([])
    expect(metric).toMatchObject({
      name: "otlp.spent",
      unit: "USD",
      sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ asDouble: 2 }, { asDouble: 2 }] }
    })
    expect(JSON.stringify(metric)).not.toContain('"key":"unit"')
  })
})

describe("where telemetry goes", () => {
  const identity = { instance: "i-1", version: "1.2.3", pid: 42 }

  it("is nowhere unless something is set", () => {
    expect(targetOf("", {}, identity)).toBeUndefined()
    expect(targetOf("http://c:4318", { OTEL_SDK_DISABLED: "true" }, identity)).toBeUndefined()
  })

  it("is what the configuration says, before the standard variable", () => {
    const standard = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://standard:4318/" }
    expect(targetOf("", standard, identity)).toMatchObject({ endpoint: "http://standard:4318" })
    expect(targetOf("https://own/otlp/", standard, identity)).toMatchObject({ endpoint: "https://own/otlp" })
  })

  it("is told with the headers and the resource of the standard variables", () => {
    const variables = {
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc, x-team = a=b ,,nonsense",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test,service.name=other",
      OTEL_SERVICE_NAME: "mine"
    }
    expect(targetOf("http://c:4318", variables, identity)).toEqual({
      endpoint: "http://c:4318",
      headers: { authorization: "Bearer abc", "x-team": "a=b" },
      version: "1.2.3",
      resource: {
        "service.name": "mine",
        "service.version": "1.2.3",
        "service.instance.id": "i-1",
        "process.pid": 42,
        "deployment.environment.name": "test"
      }
    })
  })

  it("is refused with the reason and without the address when claudex cannot send there", () => {
    const grpc = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }
    expect(targetOf("", grpc, identity)).toContain("gRPC")
    for (const wrong of ["c:4318", "ftp://user:secret@c", "nonsense"]) {
      const problem = targetOf(wrong, {}, identity)
      expect(problem).toContain("[telemetry] otlp_endpoint")
      expect(problem).not.toContain(wrong)
    }
  })
})
