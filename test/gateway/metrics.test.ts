import { describe, expect, it } from "@effect/vitest"
import { Data, Effect, Equal } from "effect"
import parse from "parse-prometheus-text-format"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { pair } from "./failoverSupport.ts"
import { canary, eventually, hello, start, streamed } from "./support.ts"

const scrape = { method: "GET", path: "/metrics" } as const

describe("GET /metrics", () => {
  it.scoped("is Prometheus text of what the gateway did and how it is", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ profile: { limits: { max_concurrent: 4 } } })
      const asked = Effect.map(gateway.ask(scrape), (answer) => {
        const families = parse(answer.text)
        const seriesOf = (name: string) => families.find((family) => family.name === name)?.metrics ?? []
        return { answer, families, seriesOf }
      })
      // the registry is that of the process, in which other gateways were
      const before = yield* asked
      yield* gateway.first.enqueue(
        UpstreamScript.respond(529, { error: { message: `overloaded, ${canary}` } }),
        ChatScript.whole({ text: "hi", usage: { prompt: 100, completion: 10, cached: 0, reasoning: 0 } })
      )
      yield* gateway.ask({ body: streamed() })
      yield* gateway.ask({ body: hello() })
      yield* eventually(() => gateway.journal.recent(9).length === 2)
      const { answer, families, seriesOf } = yield* asked
      expect(answer.status).toBe(200)
      expect(answer.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8")
      expect(answer.text).not.toContain(canary)
      const added = (name: string, labels: Readonly<Record<string, string>>) => {
        const [now, then] = [seriesOf(name), before.seriesOf(name)].map((series) =>
          Number(series.find((one) => Equal.equals(Data.struct(one.labels ?? {}), Data.struct(labels)))?.value ?? 0)
        )
        return (now ?? 0) - (then ?? 0)
      }
      const labels = { profile: "b", model: "backup-1" }
      const failed = { profile: "p", model: "model-1", outcome: "failed", error_type: "overloaded_error" }
      expect(added("claudex_requests_total", { ...labels, status: "2xx" })).toBe(1)
      expect(added("claudex_attempts_total", failed)).toBe(1)
      expect(added("claudex_tokens_total", { profile: "p", model: "model-1", type: "output" })).toBe(10)
      expect(seriesOf("claudex_requests_in_flight")).toHaveLength(1)
      expect(seriesOf("claudex_breakers")).toContainEqual({ labels: { ...labels, state: "closed" }, value: "1" })
      expect(seriesOf("claudex_profile_up")).toContainEqual({ labels: { profile: "p" }, value: "1" })
      expect(seriesOf("claudex_profile_running")).toEqual([{ labels: { profile: "p" }, value: "0" }])
      expect(families.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          "gen_ai_client_token_usage",
          "gen_ai_client_operation_duration_seconds",
          "gen_ai_server_time_to_first_token_seconds",
          "effect_fiber_active"
        ])
      )
    })
  )

  it.scoped("needs the token", () =>
    Effect.gen(function* () {
      const gateway = yield* start()
      expect((yield* gateway.ask({ ...scrape, anonymous: true })).status).toBe(401)
    })
  )
})
