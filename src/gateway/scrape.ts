/** `GET /metrics`: the process's metrics and how the gateway is at this moment, as text for Prometheus. */
import { HttpServerResponse } from "@effect/platform"
import { Effect, Metric, SubscriptionRef } from "effect"
import type { ProfileHealth } from "../domain/Health.ts"
import type { BreakerView } from "../resilience/CircuitBreaker.ts"
import type { Family, Sample } from "../telemetry/prometheus.ts"
import type { Exchange } from "./Exchange.ts"
import type { Tools } from "./pipeline.ts"
import { exchangeHeaders } from "./respond.ts"

const stateNames = { Closed: "closed", Open: "open", HalfOpen: "half_open" } as const

/** Series that would be the same add up: two workspaces may mean different providers by the names of one. */
const summed = (samples: ReadonlyArray<Sample>): ReadonlyArray<Sample> => {
  const sums = new Map<string, Sample>()
  for (const { labels, value } of samples) {
    const key = Object.values(labels).join("\0")
    sums.set(key, { labels, value: value + (sums.get(key)?.value ?? 0) })
  }
  return [...sums.values()]
}

const gauge = (name: string, help: string, samples: ReadonlyArray<Sample>): Family => ({
  name,
  help,
  type: "gauge",
  samples
})

const stateSamples = ({ model, profile, state }: BreakerView): ReadonlyArray<Sample> =>
  Object.entries(stateNames).map(([tag, name]) => ({
    labels: { profile, model, state: name },
    value: tag === state._tag ? 1 : 0
  }))

/** Whether a provider is up, where that is known. */
const healthSamples = (board: Iterable<readonly [string, ProfileHealth]>): ReadonlyArray<Sample> =>
  [...board].flatMap(([profile, { status }]) =>
    status === "unknown" ? [] : [{ labels: { profile }, value: status === "up" ? 1 : 0 }]
  )

/** What is no sum of events but a state, read when somebody asks. */
const states = ({ breaker, health, lifecycle, limiter }: Tools): Effect.Effect<ReadonlyArray<Family>> =>
  Effect.gen(function* () {
    const breakers = yield* breaker.states
    const limited = yield* limiter.states
    const board = yield* SubscriptionRef.get(health.ref)
    const ofLimited = (count: "running" | "waiting") =>
      summed(limited.map((view) => ({ labels: { profile: view.profile }, value: view[count] })))
    return [
      gauge("claudex_requests_in_flight", "Requests that are being answered.", [
        { labels: {}, value: lifecycle.inFlight() }
      ]),
      gauge("claudex_profile_running", "Requests at a profile that has limits.", ofLimited("running")),
      gauge("claudex_profile_waiting", "Requests that wait for their turn at a profile.", ofLimited("waiting")),
      gauge(
        "claudex_profile_up",
        "Whether a profile's provider is up, as requests and looks at it told.",
        healthSamples(board)
      ),
      gauge(
        "claudex_breakers",
        "Circuit breakers, by the state in which they are.",
        summed(breakers.flatMap(stateSamples))
      )
    ]
  })

/** Loaded when somebody first asks: most gateways are never scraped. */
export const scrape = (tools: Tools, exchange: Exchange): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.gen(function* () {
    const { contentType, familiesOf, prometheusText } = yield* Effect.promise(
      () => import("../telemetry/prometheus.ts")
    )
    const text = prometheusText([...familiesOf(Metric.unsafeSnapshot()), ...(yield* states(tools))])
    exchange.status = 200
    return HttpServerResponse.text(text, { contentType, headers: exchangeHeaders(exchange) })
  })
