import { describe, expect, it } from "@effect/vitest"
import { Metric } from "effect"
import type { RequestRecord } from "../../src/domain/RequestRecord.ts"
import { endOf, errorTypeOf, makeCounting } from "../../src/telemetry/metrics.ts"
import { familiesOf } from "../../src/telemetry/prometheus.ts"
import { attempt, record } from "./records.ts"

/** The samples of a metric whose profile begins so; the registry is that of the whole process. */
const samplesOf = (name: string, profile: string) =>
  (familiesOf(Metric.unsafeSnapshot()).find((family) => family.name === name)?.samples ?? []).filter(({ labels }) =>
    (labels["profile"] ?? labels["gen_ai_provider_name"] ?? "").startsWith(profile)
  )

const unasked = (profile: string): RequestRecord => {
  const {
    served: _,
    served_by: __,
    ...others
  } = record({ profile, attempts: [], status: 404, error: "not_found_error: no" })
  return others
}

describe("metrics", () => {
  it("tell how a request ended", () => {
    expect(endOf(record())).toBe("2xx")
    expect(endOf(record({ status: 529, error: "overloaded_error: later" }))).toBe("5xx")
    expect(endOf(record({ status: 404, error: "not_found_error: no" }))).toBe("4xx")
    expect(endOf(record({ error: "api_error: the stream ended early" }))).toBe("broken")
    expect(endOf(record({ client_gone: true, error: "api_error: x" }))).toBe("gone")
  })

  it("name an error by its type, and by nothing that somebody else made up", () => {
    expect(errorTypeOf(record())).toBeUndefined()
    expect(errorTypeOf(record({ error: "request_too_large: 70 MB" }))).toBe("request_too_large")
    expect(errorTypeOf(record({ error: "my_own_error: x" }))).toBe("_OTHER")
    expect(errorTypeOf(record({ client_gone: true }))).toBe("cancelled")
  })

  it("add up requests, attempts, tokens, cost and losses", () => {
    const count = makeCounting()
    const loss = { kind: "dropped", path: "top_k", what: "top_k is not sent", why: "the provider has none" }
    const usage = { input_tokens: 100, cache_read_tokens: 50, cache_write_tokens: 7, output_tokens: 20 }
    const failed = attempt({
      profile: "sum-a",
      outcome: "failed",
      error: { status: 529, type: "overloaded_error", message: "later" }
    })
    const answered = attempt({ profile: "sum-b", model: "m-b" })
    const one = record({
      profile: "sum-a",
      served_by: "sum-b",
      served: "m-b",
      attempts: [failed, answered],
      losses: [loss, loss],
      usage,
      cost_usd: 0.25,
      first_byte_ms: 250
    })
    count(one)
    count(one)
    const labels = { profile: "sum-b", model: "m-b" }
    expect(samplesOf("claudex_requests_total", "sum-")).toEqual([{ labels: { ...labels, status: "2xx" }, value: 2 }])
    expect(samplesOf("claudex_attempts_total", "sum-")).toEqual(
      expect.arrayContaining([
        { labels: { profile: "sum-a", model: "m", outcome: "failed", error_type: "overloaded_error" }, value: 2 },
        { labels: { ...labels, outcome: "answered" }, value: 2 }
      ])
    )
    expect(samplesOf("claudex_tokens_total", "sum-").map(({ labels: { type }, value }) => [type, value])).toEqual(
      expect.arrayContaining([
        ["input", 200],
        ["cache_read", 100],
        ["cache_write", 14],
        ["output", 40]
      ])
    )
    expect(samplesOf("claudex_cost_usd_total", "sum-")).toEqual([{ labels, value: 0.5 }])
    expect(samplesOf("claudex_losses_total", "sum-")).toEqual([
      { labels: { profile: "sum-b", kind: "dropped" }, value: 4 }
    ])
    const operation = { gen_ai_operation_name: "chat", gen_ai_provider_name: "sum-b", gen_ai_request_model: "m-b" }
    const firstToken = samplesOf("gen_ai_server_time_to_first_token_seconds", "sum-")
    expect(firstToken).toContainEqual({ suffix: "_sum", labels: operation, value: 0.5 })
    expect(firstToken).toContainEqual({ suffix: "_bucket", labels: { ...operation, le: "0.1" }, value: 0 })
    expect(firstToken).toContainEqual({ suffix: "_bucket", labels: { ...operation, le: "0.25" }, value: 2 })
    const duration = samplesOf("gen_ai_client_operation_duration_seconds", "sum-")
    expect(duration).toContainEqual({ suffix: "_count", labels: operation, value: 2 })
    const used = samplesOf("gen_ai_client_token_usage", "sum-")
    const sumOf = (type: string) => ({ suffix: "_sum", labels: { ...operation, gen_ai_token_type: type } })
    expect(used).toContainEqual({ ...sumOf("input"), value: 314 })
    expect(used).toContainEqual({ ...sumOf("output"), value: 40 })
  })

  it("have no more series for more names of models", () => {
    const total = () =>
      ["many", "other"]
        .flatMap((profile) => samplesOf("claudex_requests_total", profile))
        .reduce((sum, { value }) => sum + value, 0)
    const before = total()
    const count = makeCounting()
    for (let at = 0; at < 1_000; at += 1) {
      const attempts = [attempt({ profile: "many", model: `model-${at}` })]
      count(record({ profile: "many", served_by: "many", served: `model-${at}`, attempts }))
      // nobody was asked: what the client named is no label
      count(unasked(`no-such-${at}`))
    }
    expect(samplesOf("claudex_requests_total", "many").length).toBeLessThanOrEqual(100)
    expect(samplesOf("claudex_attempts_total", "many").length).toBeLessThanOrEqual(100)
    expect(samplesOf("claudex_requests_total", "no-such")).toEqual([])
    expect(total() - before).toBe(2_000)
  })
})
