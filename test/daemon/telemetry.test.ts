import { Effect, Exit, Scope } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import parse from "parse-prometheus-text-format"
import { makeUser } from "../support/claudex.ts"
import { makeCollector } from "../telemetry/collector.ts"

const said = "a-word-of-the-prompt"

/** A `claude` that has one conversation with the gateway, and prints the metrics of the gateway. */
const talker = `
  const headers = { authorization: "Bearer " + process.env.ANTHROPIC_AUTH_TOKEN, "content-type": "application/json" }
  const body = JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "${said}" }] })
  const base = process.env.ANTHROPIC_BASE_URL
  fetch(base + "/v1/messages", { method: "POST", headers, body })
    .then((answer) => answer.text())
    .then(() => fetch(new URL("/metrics", base), { headers }))
    .then((answer) => answer.text()).then(console.log)
`

const collect = async () => {
  const scope = Effect.runSync(Scope.make())
  onTestFinished(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return Effect.runPromise(Scope.extend(makeCollector(), scope))
}

describe("the telemetry of the built gateway", { timeout: 60_000 }, () => {
  it("is at /metrics, and goes to a collector where the configuration says so, without what was said", async () => {
    const collector = await collect()
    const user = await makeUser(`[telemetry]\notlp_endpoint = "${collector.url}/"\n`)
    await user.claude(talker)
    const { code, stdout } = await user.run(["run", "demo"])
    expect(code).toBe(0)
    const families = parse(stdout)
    expect(families.map(({ name }) => name)).toContain("claudex_requests_total")
    expect((await user.run(["proxy", "stop"])).code).toBe(0)
    const [traces, logs, metrics] = (["traces", "logs", "metrics"] as const).map((signal) => collector.textsOf(signal))
    expect(traces?.join()).toContain('{"key":"gen_ai.provider.name","value":{"stringValue":"demo"}}')
    expect(traces?.join()).toContain('"key":"gen_ai.usage.output_tokens"')
    expect(logs?.join()).toContain("The gateway listens on")
    expect(metrics?.join()).toContain('"name":"gen_ai.client.operation.duration","description"')
    expect(JSON.stringify(collector.received)).not.toContain(said)
    expect(collector.received.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["/v1/traces", "/v1/logs", "/v1/metrics"])
    )
  })

  it("goes where the standard variable says, and a collector that is not there costs nothing", async () => {
    const collector = await collect()
    const user = await makeUser()
    await user.claude(talker)
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: "x-team=t-1" }
    expect((await user.run(["run", "demo"], { env })).code).toBe(0)
    expect((await user.run(["proxy", "stop"])).code).toBe(0)
    expect(collector.textsOf("traces")).toHaveLength(1)
    expect(collector.received[0]?.headers["x-team"]).toBe("t-1")
    const nowhere = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" }
    expect((await user.run(["run", "demo"], { env: nowhere })).code).toBe(0)
    expect((await user.run(["proxy", "stop"])).code).toBe(0)
  })
})
