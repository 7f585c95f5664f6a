import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Logger, Metric, Scope, TestClock } from "effect"
import { makeExporter, type Target } from "../../src/telemetry/Exporter.ts"
import { traceIdOf } from "../../src/telemetry/otlpTraces.ts"
import { breathe, eventually } from "../gateway/support.ts"
import { makeCollector } from "./collector.ts"
import { record } from "./records.ts"

const targetAt = (endpoint: string): Target => ({
  endpoint,
  headers: { "x-team": "t-1" },
  version: "1.2.3",
  resource: { "service.name": "claudex" }
})

/** An exporter with a life of its own, and every line that it logs. */
const open = (endpoint: string) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => void lines.push(String(message)))
    const scope = yield* Scope.make()
    const exporter = yield* makeExporter(targetAt(endpoint)).pipe(
      Scope.extend(scope),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )
    return { ...exporter, lines, close: Scope.close(scope, Exit.void) }
  })

/** How many requests are on their way: while one is, time stands still, or its deadline would pass. */
let busy = 0

const http = FetchHttpClient.layer.pipe(
  Layer.provide(
    Layer.succeed(FetchHttpClient.Fetch, async (input, init) => {
      busy += 1
      try {
        const response = await globalThis.fetch(input, init)
        return new Response(await response.text(), response)
      } finally {
        busy -= 1
      }
    })
  )
)

/** Lets rounds pass until it is so. */
const rounds = (condition: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (condition()) return Effect.void
    const next = busy > 0 ? breathe : Effect.zipRight(breathe, TestClock.adjust("5 seconds"))
    return Effect.zipRight(next, rounds(condition))
  })

describe("the exporter", () => {
  it.scoped("sends what was noted a few seconds later, and metrics now and then", () =>
    Effect.gen(function* () {
      const collector = yield* makeCollector()
      const exporter = yield* open(collector.url)
      exporter.note(record({ id: "req_a" }))
      yield* Effect.log("a line").pipe(Effect.provide(Logger.replace(Logger.defaultLogger, exporter.logger)))
      Metric.counter("exported_things").unsafeUpdate(1, [])
      yield* rounds(() => collector.textsOf("metrics").length > 0)
      expect(collector.textsOf("traces")).toHaveLength(1)
      expect(collector.textsOf("traces")[0]).toContain(traceIdOf("req_a"))
      expect(collector.textsOf("logs")[0]).toContain('"body":{"stringValue":"a line"}')
      expect(collector.textsOf("metrics")[0]).toContain('"name":"exported_things"')
      expect(collector.received[0]?.headers).toMatchObject({ "content-type": "application/json", "x-team": "t-1" })
      expect(collector.received[0]?.headers["traceparent"]).toBeUndefined()
      expect(collector.received[0]?.body).toMatchObject({
        resourceSpans: [
          {
            resource: { attributes: [{ key: "service.name", value: { stringValue: "claudex" } }] },
            scopeSpans: [{ scope: { name: "claudex", version: "1.2.3" } }]
          }
        ]
      })
      yield* exporter.close
    }).pipe(Effect.provide(http))
  )

  it.scoped("sends what is left when it ends", () =>
    Effect.gen(function* () {
      const collector = yield* makeCollector()
      const exporter = yield* open(collector.url)
      exporter.note(record({ id: "req_last" }))
      yield* exporter.close
      expect(collector.textsOf("traces").join()).toContain(traceIdOf("req_last"))
      expect(collector.textsOf("metrics")).toHaveLength(1)
    }).pipe(Effect.provide(http))
  )

  it.scoped("keeps what a busy collector does not take, and says once that it is away and once that it is back", () =>
    Effect.gen(function* () {
      let isAway = true
      const collector = yield* makeCollector(() => (isAway ? 503 : 200))
      const exporter = yield* open(collector.url)
      exporter.note(record({ id: "req_kept" }))
      yield* rounds(() => collector.received.length >= 4)
      isAway = false
      const before = collector.received.length
      yield* rounds(() => exporter.lines.length >= 2)
      expect(collector.textsOf("traces").slice(before).join()).toContain(traceIdOf("req_kept"))
      expect(exporter.lines).toEqual([
        "The OTLP collector does not answer (status 503); it is tried again now and then.",
        "The OTLP collector answers again."
      ])
      yield* exporter.close
    }).pipe(Effect.provide(http))
  )

  it.scoped("drops what the collector refuses, and says so once", () =>
    Effect.gen(function* () {
      const collector = yield* makeCollector(() => 400)
      const exporter = yield* open(collector.url)
      exporter.note(record())
      yield* rounds(() => collector.textsOf("traces").length === 1)
      exporter.note(record())
      yield* rounds(() => collector.textsOf("traces").length === 2 && collector.textsOf("metrics").length > 0)
      yield* eventually(() => exporter.lines.length >= 2)
      expect(exporter.lines.filter((line) => line.includes("traces"))).toHaveLength(1)
      yield* exporter.close
      // the second one was not kept either
      expect(collector.textsOf("traces")).toHaveLength(2)
    }).pipe(Effect.provide(http))
  )

  it.scoped("asks a dead collector ever more seldom, and keeps no more than so much for it", () =>
    Effect.gen(function* () {
      const collector = yield* makeCollector(() => 503)
      const exporter = yield* open(collector.url)
      for (let at = 0; at < 3_000; at += 1) exporter.note(record({ id: `req_${at}`, attempts: [] }))
      yield* rounds(() => collector.received.length >= 3)
      const last = collector.textsOf("traces").at(-1) ?? ""
      expect(last).toContain(traceIdOf("req_2999"))
      expect(last).not.toContain(traceIdOf("req_0"))
      expect(last.split('"parentSpanId"').length - 1).toBe(0)
      expect(last.split('"traceId"').length - 1).toBe(2_048)
      yield* exporter.close
    }).pipe(Effect.provide(http))
  )

  it.scoped("lets go of an answer that does not end, and takes its status", () =>
    Effect.gen(function* () {
      const collector = yield* makeCollector((_, response) => {
        response.writeHead(200)
        const more = () => {
          while (response.write(Buffer.alloc(64 * 1024))) continue
        }
        response.on("drain", more).on("error", () => {})
        more()
        return undefined
      })
      const exporter = yield* open(collector.url)
      for (const id of ["req_a", "req_b"]) {
        const before = collector.closed()
        exporter.note(record({ id }))
        yield* TestClock.adjust("5 seconds")
        yield* eventually(() => collector.closed() > before)
      }
      expect(collector.textsOf("traces")).toHaveLength(2)
      expect(exporter.lines).toEqual([])
      yield* exporter.close
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it.scoped("gives up a collector that says nothing, also at the end", () =>
    Effect.gen(function* () {
      const collector = yield* makeCollector(() => undefined)
      const exporter = yield* open(collector.url)
      exporter.note(record({ id: "req_kept" }))
      yield* TestClock.adjust("5 seconds")
      yield* eventually(() => collector.received.length === 1)
      yield* TestClock.adjust("10 seconds")
      yield* eventually(() => exporter.lines.length === 1)
      expect(exporter.lines[0]).toContain("does not answer")
      const closing = yield* Effect.fork(exporter.close)
      yield* eventually(() => collector.received.length >= 2)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(closing)
    }).pipe(Effect.provide(http))
  )
})
