/** A profile whose `base_url` leads back to the gateway itself. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { environmentPath } from "../../src/gateway/contract.ts"
import { ChatScript, ScriptedUpstream, UpstreamScript } from "../../src/testing/index.ts"
import { hello, type Kind, start, streamed, token } from "./support.ts"

const kinds: ReadonlyArray<Kind> = ["node", "portable"]
const types = ["DirectAnthropic", "OpenAICompatible", "OpenAIResponses"]

/** The profiles `p` and `q`, each of which leads back to the gateway, to the other; and the gateway, that knows by now where that is. */
const looping = (kind: Kind, type: string) =>
  Effect.gen(function* () {
    const leads = (name: string) => ({
      provider_type: type,
      base_url: `\${HERE}/proxy/${name}`,
      default_model: "claude-sonnet-4-5",
      api_key: token
    })
    const gateway = yield* start({ kind, profile: leads("q"), profiles: [{ name: "q", ...leads("p") }] })
    const body = { HERE: `http://127.0.0.1:${gateway.port}` }
    yield* gateway.ask({ method: "PUT", path: environmentPath, body })
    return gateway
  })

describe.each(kinds)("a profile that leads back to the gateway, on the %s wire,", (kind) => {
  it.scoped.each(types)("is refused after one round, and nobody asks again: %s", (type) =>
    Effect.gen(function* () {
      const { ask, journal, log } = yield* looping(kind, type)
      for (const body of [hello(), streamed()]) {
        const answer = yield* ask({ body })
        expect(answer.status).toBe(400)
        if (type === "DirectAnthropic") expect(answer.headers["x-should-retry"]).toBe("false")
        expect(JSON.parse(answer.text)).toMatchObject({
          error: {
            type: "invalid_request_error",
            message: expect.stringMatching(/base_url .* leads back .*\/proxy\/q/)
          }
        })
      }
      expect(journal.recent(9).every(({ attempts }) => attempts.length === 1)).toBe(true)
      expect(log.lines.filter((line) => line.startsWith("ERROR"))).toEqual([])
    })
  )

  it.scoped("is refused in whatever else is asked", () =>
    Effect.gen(function* () {
      const { ask } = yield* looping(kind, "DirectAnthropic")
      for (const asked of [
        { method: "GET", path: "/proxy/p/v1/models" },
        { path: "/proxy/p/v1/messages/count_tokens", body: hello() }
      ]) {
        const { status, text } = yield* ask(asked)
        expect([status, text]).toEqual([400, expect.stringContaining("leads back")])
      }
    })
  )
})

describe("the mark of what could lead back", () => {
  it.scoped("goes to no other address, not even on this machine", () =>
    Effect.gen(function* () {
      const other = yield* ScriptedUpstream.make
      const direct = { provider_type: "DirectAnthropic", default_model: "m", api_key: "k" }
      const gateway = yield* start({ profiles: [{ name: "d", ...direct, base_url: other.url }] })
      yield* gateway.upstream.fallback((request) => ChatScript.answer(request, { text: "hi" }))
      yield* other.fallback(() => UpstreamScript.respond(200, { type: "message", content: [] }))
      for (const name of ["p", "d"]) {
        expect((yield* gateway.ask({ path: `/proxy/${name}/v1/messages`, body: hello() })).status).toBe(200)
      }
      for (const { headers } of [...(yield* gateway.upstream.requests), ...(yield* other.requests)]) {
        expect(Object.keys(headers)).not.toContain("x-claudex-via")
      }
    })
  )
})
