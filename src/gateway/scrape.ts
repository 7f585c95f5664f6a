/** `GET /metrics`: the process's metrics and how the gateway is at this moment, as text for Prometheus. */
import { HttpServerResponse } from "@effect/platform"
import { Effect, Metric } from "effect"
import type { BreakerView } from "../resilience/CircuitBreaker.ts"
import type { Family, Sample } from "../telemetry/prometheus.ts"
import type { Exchange } from "./Exchange.ts"
import type { Tools } from "./pipeline.ts"
import { exchangeHeaders } from "./respond.ts"

const stateNames = { Closed: "closed", Open: "open", HalfOpen: "half_open" } as const

/** Several breakers may have the same names: those of workspaces that mean different providers by one profile. */
const breakerSamples = (breakers: ReadonlyArray<BreakerView>): ReadonlyArray<Sample> => {
  const samples = new Map<string, Sample>()
  for (const { model, profile, state } of breakers) {
    for (const [tag, name] of Object.entries(stateNames)) {
      const labels = { profile, model, state: name }
      const key = Object.values(labels).join("\0")
      const value = (samples.get(key)?.value ?? 0) + (tag === state._tag ? 1 : 0)
      samples.set(key, { labels, value })
    }
  }
  return [...samples.values()]
}

/** What is no sum of events but a state, read when somebody asks. */
const states = ({ breaker, lifecycle }: Tools): Effect.Effect<ReadonlyArray<Family>> =>
  Effect.map(breaker.states, (breakers) => [
    {
      name: "claudex_requests_in_flight",
      help: "Requests that are being answered.",
      type: "gauge",
      samples: [{ labels: {}, value: lifecycle.inFlight() }]
    },
    {
      name: "claudex_breakers",
      help: "Circuit breakers, by the state in which they are.",
      type: "gauge",
      samples: breakerSamples(breakers)
    }
  ])

/** Loaded when somebody first asks: most gateways are never scraped. */
export const scrape = (tools: Tools, exchange: Exchange): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.gen(function* () {
    const { contentType, familiesOf, prometheusText } = yield* Effect.promise(
      () => import("../telemetry/prometheus.ts")
    )
    tools.meter.settle()
    const text = prometheusText([...familiesOf(Metric.unsafeSnapshot()), ...(yield* states(tools))])
    exchange.status = 200
    return HttpServerResponse.text(text, { contentType, headers: exchangeHeaders(exchange) })
  })
