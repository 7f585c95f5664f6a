/**
 * Sends traces, logs and metrics to an OTLP collector, a few seconds after they came and in batches. What happens here
 * never reaches a request: noting is synchronous, a collector that does not answer costs records and one line of the log.
 */
import { HttpClient, HttpClientRequest, type HttpClientResponse } from "@effect/platform"
import { Clock, Effect, Exit, Logger, Metric, type Scope, Stream } from "effect"
import type { RequestRecord } from "../domain/RequestRecord.ts"
import { logsBody, metricsBody, type Source, tracesBody } from "./otlp.ts"
import { logRecordOf } from "./otlpLogs.ts"
import { metricsOf } from "./otlpMetrics.ts"
import { spansOf } from "./otlpTraces.ts"

export interface Target extends Source {
  /** `/v1/traces`, `/v1/logs` and `/v1/metrics` are below it. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Exporter {
  readonly note: (record: RequestRecord) => void
  /** Notes every line that it gets. */
  readonly logger: Logger.Logger<unknown, void>
}

const interval = "5 seconds"
/** Every so many rounds. */
const metricsEvery = 6
/** What waits for a collector that is away; the oldest goes first. */
const most = 2_048
/** How long a collector may take, and at the end all of it. */
const patience = "10 seconds"
const lastPatience = "2 seconds"
/** What is read of its answers, in bytes: nothing is learned from them. */
const room = 64 * 1024
/** A collector that failed is left alone for so many rounds: each time twice as many, up to five minutes. */
const longestPause = 60

/** Keeps the newest. */
const bounded = <A>(items: Array<A>): Array<A> => {
  if (items.length > most) items.splice(0, items.length - most)
  return items
}

/** Whether the same may be taken later, as the OTLP specification says. */
const mayPass = ({ status }: HttpClientResponse.HttpClientResponse): boolean => [429, 502, 503, 504].includes(status)

/** Reads an answer to its end, so that the connection can be used again; one that goes on and on is let go. */
const readOut = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<void> =>
  Effect.suspend(() => {
    let size = 0
    const isShort = (bytes: Uint8Array) => (size += bytes.length) <= room
    return Effect.ignore(Stream.runForEachWhile(response.stream, (bytes) => Effect.sync(() => isShort(bytes))))
  })

/** Runs until the scope closes, and sends then what is left. */
export const makeExporter = (target: Target): Effect.Effect<Exporter, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const client = HttpClient.withTracerPropagation(yield* HttpClient.HttpClient, false)
    const clock = yield* Effect.clock
    const started = clock.unsafeCurrentTimeMillis()
    let records: Array<RequestRecord> = []
    let lines: Array<object> = []
    let round = 0
    let failures = 0
    let resting = 0
    const refused = new Set<string>()

    /** Undefined when it was taken, or never will be; else what kept it from being taken for now. */
    const send = (signal: "traces" | "logs" | "metrics", body: object): Effect.Effect<string | undefined> =>
      HttpClientRequest.post(`${target.endpoint}/v1/${signal}`, { headers: target.headers }).pipe(
        HttpClientRequest.bodyUnsafeJson(body),
        client.execute,
        Effect.tap(readOut),
        Effect.scoped,
        Effect.timeout(patience),
        Effect.match({
          onFailure: (error) => error._tag,
          onSuccess: (response) =>
            response.status < 400 ? undefined : mayPass(response) ? `status ${response.status}` : "refused"
        }),
        Effect.flatMap((problem) => {
          if (problem !== "refused") return Effect.succeed(problem)
          const isKnown = refused.has(signal)
          refused.add(signal)
          const warning = Effect.logWarning(`The OTLP collector refuses our ${signal}; they are dropped.`)
          return Effect.as(isKnown ? Effect.void : warning, undefined)
        }),
        Effect.withTracerEnabled(false)
      )

    /** What is not taken, or cut off by the end, waits for another time. */
    const orKeep = (sent: Effect.Effect<string | undefined>, keep: () => void): Effect.Effect<string | undefined> =>
      Effect.onExit(sent, (exit) =>
        Effect.sync(() => (Exit.isSuccess(exit) && exit.value === undefined ? undefined : keep()))
      )

    const sendTraces = Effect.suspend(() => {
      const batch = records
      if (batch.length === 0) return Effect.succeed(undefined)
      records = []
      return orKeep(send("traces", tracesBody(target, batch.flatMap(spansOf))), () => {
        records = bounded([...batch, ...records])
      })
    })

    const sendLogs = Effect.suspend(() => {
      const batch = lines
      if (batch.length === 0) return Effect.succeed(undefined)
      lines = []
      return orKeep(send("logs", logsBody(target, batch)), () => {
        lines = bounded([...batch, ...lines])
      })
    })

    const sendMetrics = Effect.suspend(() => {
      const metrics = metricsOf(Metric.unsafeSnapshot(), started, clock.unsafeCurrentTimeMillis())
      return send("metrics", metricsBody(target, metrics))
    })

    const noteProblem = (problem: string | undefined): Effect.Effect<void> => {
      const before = failures
      failures = problem === undefined ? 0 : failures + 1
      resting = problem === undefined ? 0 : Math.min(2 ** (failures - 1) - 1, longestPause)
      if (problem !== undefined && before === 0) {
        return Effect.logWarning(`The OTLP collector does not answer (${problem}); it is tried again now and then.`)
      }
      return problem === undefined && before > 0 ? Effect.logInfo("The OTLP collector answers again.") : Effect.void
    }

    /** One after the other: if the first is not taken, the others would not be. */
    const sendAll = (withMetrics: boolean): Effect.Effect<void> =>
      Effect.gen(function* () {
        const problem = (yield* sendTraces) ?? (yield* sendLogs) ?? (withMetrics ? yield* sendMetrics : undefined)
        yield* noteProblem(problem)
      })

    const turn = Effect.suspend(() => {
      round += 1
      if (resting > 0) {
        resting -= 1
        return Effect.void
      }
      return sendAll(round % metricsEvery === 0)
    })

    // after the fiber below has ended
    yield* Effect.addFinalizer(() => Effect.timeoutOption(Effect.interruptible(sendAll(true)), lastPatience))
    yield* Effect.forkScoped(Effect.forever(Effect.zipRight(Clock.sleep(interval), turn)))

    return {
      note: (record) => {
        records.push(record)
        bounded(records)
      },
      logger: Logger.make((entry) => {
        lines.push(logRecordOf(entry))
        bounded(lines)
      })
    }
  })
