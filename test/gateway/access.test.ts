import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChatScript } from "../../src/testing/index.ts"
import { type AccessRules, checkOrigin, checkToken } from "../../src/gateway/access.ts"
import { type Answer, eventually, hello, start, token } from "./support.ts"

const rules: AccessRules = { token, port: 13_456, host: "127.0.0.1", allowRemote: false }
const host = (value: string | undefined, changed: Partial<AccessRules> = {}) =>
  checkOrigin({ host: value }, { ...rules, ...changed }) === undefined

describe("the Host header", () => {
  it.each(["localhost:13456", "LOCALHOST:13456", "127.0.0.1:13456", "127.8.9.1:13456", "[::1]:13456"])(
    "may be %s",
    (value) => {
      expect(host(value)).toBe(true)
    }
  )

  it.each([
    undefined,
    "",
    "localhost",
    "localhost:80",
    "127.0.0.1:13457",
    "evil.example:13456",
    "127.0.0.1.evil.example:13456",
    "localhost.evil.example:13456",
    "192.168.1.2:13456",
    "evil.example:13456@localhost:13456",
    "localhost:13456 evil",
    "[::1]13456"
  ])("may not be %s", (value) => {
    expect(host(value)).toBe(false)
  })

  it("may be the configured name", () => {
    expect(host("box.lan:13456", { host: "box.lan" })).toBe(true)
    expect(host("box.lan:1", { host: "box.lan" })).toBe(false)
  })

  it("may be any address, by any forwarded port, once other machines may come, but no other name", () => {
    const remote = { host: "0.0.0.0", allowRemote: true }
    for (const value of ["192.168.1.2:13456", "10.0.0.1:9000", "[fd00::1]:1", "localhost:9000"])
      expect(host(value, remote)).toBe(true)
    expect(host("evil.example:13456", remote)).toBe(false)
  })

  it("does not matter on port 80 when it names none", () => {
    expect(host("localhost", { port: 80 })).toBe(true)
  })
})

describe("the token", () => {
  const shown = (headers: Readonly<Record<string, string>>, changed: Partial<AccessRules> = {}) =>
    checkToken(headers, { ...rules, ...changed })

  it("is accepted as a bearer token and as an API key", () => {
    expect(shown({ authorization: `Bearer ${token}` })).toBeUndefined()
    expect(shown({ authorization: `bearer   ${token} ` })).toBeUndefined()
    expect(shown({ "x-api-key": token })).toBeUndefined()
    expect(shown({ "x-api-key": token, authorization: "Bearer other" })).toBeUndefined()
  })

  it("must be the whole token", () => {
    for (const wrong of ["", token.slice(1), token.slice(0, -1), `${token}x`, token + token, token.toUpperCase()]) {
      expect(shown({ authorization: `Bearer ${wrong}` })).toMatchObject({ status: 401, shouldRetry: false })
      expect(shown({ "x-api-key": wrong })).toMatchObject({ status: 401, type: "authentication_error" })
    }
    expect(shown({})?.message).toContain("claudex proxy token")
    expect(shown({ authorization: `Basic ${token}` })).toBeDefined()
  })

  it("that is empty opens nothing", () => {
    expect(shown({ "x-api-key": "" }, { token: "" })).toBeDefined()
  })
})

const refusal = (answer: Answer) => ({
  status: answer.status,
  type: (JSON.parse(answer.text) as { readonly error: { readonly type: string } }).error.type,
  id: answer.headers["request-id"]
})

describe("a gateway", () => {
  it.scoped("refuses who has no token, comes from a web page, or means another host, before anything is sent on", () =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start()
      const paths = ["/proxy/p/v1/messages", "/proxy/p/v1/messages/count_tokens", "/claudex/shutdown"]
      for (const path of paths) {
        const nobody = yield* ask({ path, body: hello(), anonymous: true })
        expect(refusal(nobody)).toMatchObject({ status: 401, type: "authentication_error" })
        expect(nobody.headers["x-should-retry"]).toBe("false")
        const page = yield* ask({ path, body: hello(), headers: { origin: "http://localhost:3000" } })
        expect(refusal(page)).toMatchObject({
          status: 403,
          type: "permission_error",
          id: expect.stringMatching(/^req_/)
        })
        const rebound = yield* ask({ path, body: hello(), headers: { host: "evil.example" } })
        expect(refusal(rebound)).toMatchObject({ status: 403, type: "permission_error" })
      }
      expect(yield* upstream.requests).toEqual([])
      yield* eventually(() => log.lines.length === 3 * paths.length)
      expect(log.lines.join("\n")).not.toContain(token)
    })
  )

  it.scoped("listens where other machines can come only when it is told that they may", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(start({ gateway: { host: "0.0.0.0" } }))
      expect(String(refused.cause)).toContain("needs allow_remote")
      const { ask, port } = yield* start({ gateway: { host: "0.0.0.0", allowRemote: true } })
      const health = (name: string) => ask({ method: "GET", path: "/health", headers: { host: name } })
      expect((yield* health(`192.168.1.2:${port}`)).status).toBe(200)
      expect((yield* health(`evil.example:${port}`)).status).toBe(403)
    })
  )

  it.scoped("takes the token as an API key", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      yield* upstream.enqueue(ChatScript.whole({ text: "hi" }))
      const answer = yield* ask({ body: hello(), anonymous: true, headers: { "x-api-key": token } })
      expect(answer.status).toBe(200)
    })
  )

  it.scoped("tells health and life to local callers without a token, but not to web pages", () =>
    Effect.gen(function* () {
      const { ask } = yield* start()
      const health = yield* ask({ method: "GET", path: "/health", anonymous: true })
      expect(JSON.parse(health.text)).toEqual({
        service: "claudex",
        instance: "i-1",
        version: "0.0.0",
        pid: 42,
        uptime_seconds: expect.any(Number),
        in_flight: 0
      })
      for (const path of ["/", "/api/hello", "/proxy/p", "/proxy/p/api/hello"]) {
        const probe = yield* ask({ method: "HEAD", path, anonymous: true })
        expect([probe.status, probe.text]).toEqual([200, ""])
        expect((yield* ask({ method: "HEAD", path, anonymous: true, headers: { origin: "null" } })).status).toBe(403)
      }
      for (const path of ["/health", "/nowhere"]) {
        const page = yield* ask({ method: "GET", path, headers: { origin: "https://evil.example" } })
        expect(page.status).toBe(403)
        expect(page.headers).not.toHaveProperty("access-control-allow-origin")
      }
    })
  )
})
