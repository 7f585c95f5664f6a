import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc, Metric, MetricBoundaries, MetricLabel } from "effect"
import parse from "parse-prometheus-text-format"
import { familiesOf, type Family, prometheusText } from "../../src/telemetry/prometheus.ts"

const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/).filter((text) => !text.startsWith("__"))
const value = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.constant(Number.NaN))
const labels = fc.dictionary(name, fc.string({ unit: "binary" }), { maxKeys: 4 })

const families: fc.Arbitrary<ReadonlyArray<Family>> = fc.uniqueArray(
  fc.record({
    name,
    // the parser drops spaces at the end of a line
    help: fc.string({ unit: "binary" }).map((text) => text.trim()),
    type: fc.constantFrom("counter" as const, "gauge" as const),
    samples: fc.uniqueArray(fc.record({ labels, value }), {
      minLength: 1,
      maxLength: 5,
      selector: (sample) => JSON.stringify(Object.entries(sample.labels).toSorted())
    })
  }),
  { minLength: 1, maxLength: 6, selector: (family) => family.name }
)

const readNumber = (text: string | undefined): number =>
  text === "+Inf" ? Number.POSITIVE_INFINITY : text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text)

/** The families among Effect's metrics that belong to one test. */
const readBack = (mark: string) => {
  const own = Metric.unsafeSnapshot().filter(({ metricKey }) => metricKey.name.startsWith(mark))
  return parse(prometheusText(familiesOf(own)))
}

describe("Prometheus text", () => {
  it("reads back as what was written, whatever the labels and the help say", () => {
    fc.assert(
      fc.property(families, (written) => {
        const read = parse(prometheusText(written)).map((family) => ({
          name: family.name,
          help: family.help,
          type: family.type.toLowerCase(),
          samples: family.metrics.map((series) => ({ labels: series.labels ?? {}, value: readNumber(series.value) }))
        }))
        // zero has no sign in the text
        const plain = written.map((family) => ({
          ...family,
          samples: family.samples.map((sample) => ({ labels: { ...sample.labels }, value: sample.value + 0 }))
        }))
        expect(read).toEqual(plain)
      }),
      { numRuns: 300 }
    )
  })

  it("has cumulative buckets, of which the last holds all, for any observations", () => {
    let run = 0
    const boundaries = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(boundaries, fc.array(fc.integer({ min: -60, max: 60 }), { maxLength: 30 }), (bounds, observed) => {
        const mark = `test_histogram_${(run += 1)}`
        const sorted = bounds.toSorted((left, right) => left - right)
        const histogram = Metric.histogram(mark, MetricBoundaries.fromIterable(sorted)).register()
        for (const one of observed) histogram.unsafeUpdate(one, [])
        const [family] = readBack(mark)
        const [series] = family?.metrics ?? []
        expect(family?.type).toBe("HISTOGRAM")
        expect(Number(series?.count)).toBe(observed.length)
        expect(Number(series?.sum)).toBe(observed.reduce((sum, one) => sum + one, 0))
        const expected = Object.fromEntries(
          [...sorted, Number.POSITIVE_INFINITY].map((bound) => [
            bound === Number.POSITIVE_INFINITY ? "+Inf" : String(bound),
            String(observed.filter((one) => one <= bound).length)
          ])
        )
        expect(series?.buckets).toEqual(expected)
      }),
      { numRuns: 100 }
    )
  })

  it("names metrics as Prometheus does: underscores, the unit, and _total behind what only grows", () => {
    const tags = (unit: string) => [MetricLabel.make("unit", unit), MetricLabel.make("error.type", 'a "b"\n\\')]
    const spent = Metric.counter("test.names.spent", { incremental: true })
    Metric.taggedWithLabels(spent, tags("USD")).unsafeUpdate(0.5, [])
    Metric.taggedWithLabels(Metric.counter("test.names.active"), tags("{thing}")).unsafeUpdate(-2, [])
    Metric.taggedWithLabels(Metric.gauge("test.names.size"), tags("By")).unsafeUpdate(7, [])
    Metric.frequency("test.names.words").unsafeUpdate("hello", [])
    const labelled = { error_type: 'a "b"\n\\' }
    expect(readBack("test.names")).toEqual([
      { name: "test_names_active", help: "", type: "GAUGE", metrics: [{ labels: labelled, value: "-2" }] },
      { name: "test_names_size_bytes", help: "", type: "GAUGE", metrics: [{ labels: labelled, value: "7" }] },
      { name: "test_names_spent_usd_total", help: "", type: "COUNTER", metrics: [{ labels: labelled, value: "0.5" }] },
      {
        name: "test_names_words_total",
        help: "",
        type: "COUNTER",
        metrics: [{ labels: { value: "hello" }, value: "1" }]
      }
    ])
  })

  it("keeps two metrics of one name and different types apart", () => {
    Metric.counter("test_twice").unsafeUpdate(1, [])
    Metric.summary({ name: "test_twice", maxAge: "1 hour", maxSize: 10, error: 0, quantiles: [0.5] }).unsafeUpdate(
      3,
      []
    )
    const read = readBack("test_twice")
    expect(read.map((family) => family.type).toSorted()).toEqual(["GAUGE", "SUMMARY"])
    expect(new Set(read.map((family) => family.name)).size).toBe(2)
  })
})
