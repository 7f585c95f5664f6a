import { createServer as createHttp, type RequestListener } from "node:http"
import { type AddressInfo, createServer, type Server } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, Effect, FastCheck as fc, Fiber, Schema, TestClock } from "effect"
import { onTestFinished } from "vitest"
import { displayWidth } from "../../src/cli/displayWidth.ts"
import { ProfileTest, ProfileTests, profileTests, testOf, testsOf } from "../../src/cli/profileTest.ts"
import { reach } from "../../src/cli/reachability/look.ts"
import { type Look, type Reason, verdictOf } from "../../src/cli/reachability/verdict.ts"
import { noKeys } from "../../src/credentials/ApiKey.ts"
import { Profile } from "../../src/domain/Profile.ts"
import { TransportError } from "../../src/upstream/TransportError.ts"
import { bodyOf, UpstreamHttp, type UpstreamResponse } from "../../src/upstream/UpstreamHttp.ts"
import { makeUser, type Outcome } from "../support/claudex.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const profileOf = (fields: Readonly<Record<string, unknown>> = {}): Profile =>
  Schema.decodeUnknownSync(Profile)({
    name: "grok",
    provider_type: "OpenAICompatible",
    base_url: "http://127.0.0.1:1/v1",
    default_model: "grok-4",
    ...fields
  })

const down = (error: string, more: Omit<Look, "sight"> = {}): Look => ({ sight: { status: "down", error }, ...more })

describe("what a look at a provider means", () => {
  const failures: ReadonlyArray<readonly [what: string, look: Look, reason: Reason, remedy: RegExp]> = [
    ["a host nobody knows", down("h: ENOTFOUND", { failure: "dns" }), "dns", /base_url/],
    ["a refused connection", down("h: ECONNREFUSED", { failure: "connect" }), "connect", /Start the server/],
    [
      "a proxy that wants a password",
      down("h: the proxy p:8080 answers HTTP 407", { failure: "connect" }),
      "connect",
      /name:password@/
    ],
    [
      "a proxy that fails",
      down("h: the proxy p:8080 closes the connection", { failure: "connect" }),
      "connect",
      /NO_PROXY/
    ],
    ["a certificate of nobody known", down("h: SELF_SIGNED_CERT", { failure: "tls" }), "tls", /NODE_EXTRA_CA_CERTS/],
    ["TLS asked of a port without", down("h: ERR_SSL_WRONG_VERSION_NUMBER", { failure: "tls" }), "tls", /http:\/\//],
    ["a certificate for another host", down("h: ERR_TLS_CERT_ALTNAME_INVALID", { failure: "tls" }), "tls", /host/],
    ["a certificate of the past", down("h: CERT_HAS_EXPIRED", { failure: "tls" }), "tls", /clock/],
    ["a broken connection", down("h: ECONNRESET", { failure: "reset" }), "broken", /base_url/],
    ["no file descriptor left", down("h: EMFILE", { failure: "exhausted" }), "connect", /ulimit -n/],
    ["an answer that breaks off", down("h: E", { failure: "ended-early", status: 200 }), "broken", /again/],
    ["no connection in time", down("h: ETIMEDOUT", { failure: "connect-timeout" }), "timeout", /network/],
    ["no answer in time", down("no answer within 10 s"), "timeout", /network/],
    ["a list that does not end in time", down("no answer within 10 s", { status: 200 }), "timeout", /network/],
    ["a key that is not accepted", down("no", { status: 401 }), "unauthorized", /export K=\.\.\./],
    ["a key that may not", down("no", { status: 403 }), "forbidden", /export K=\.\.\..*allows/],
    ["a server that fails", down("HTTP 503", { status: 503 }), "server", /later/],
    [
      "a model of another name",
      { sight: { status: "up" }, status: 200, listed: ["grok-4-fast", "grok-5"] },
      "model",
      /^Set default_model to "grok-5"\.$/
    ],
    [
      "a model of another provider",
      { sight: { status: "up" }, status: 200, listed: ["a", "b", "c", "d"] },
      "model",
      /^Correct default_model: there are a, b, c, …\.$/
    ],
    ["settings that make no request", { sight: { status: "unknown", error: "no" } }, "settings", /profile show grok/]
  ]
  for (const [what, look, reason, remedy] of failures) {
    it(`is a failure and its reason for ${what}`, () => {
      expect(verdictOf(profileOf({ api_key_env: "K" }), look)).toMatchObject({
        status: "fail",
        reason,
        remedy: expect.stringMatching(remedy)
      })
    })
  }

  it("asks for a key where none is named, and for a better one where one is written", () => {
    const verdict = (fields: Readonly<Record<string, unknown>>) =>
      verdictOf(profileOf(fields), down("", { status: 401 }))
    expect(verdict({})).toMatchObject({ remedy: expect.stringContaining("api_key_env") })
    expect(verdict({ api_key: "canary" })).toMatchObject({ remedy: "Put a valid key where the profile says it is." })
  })

  it("is a warning for a provider that answers, but not with a list", () => {
    for (const status of [301, 404, 405]) {
      expect(verdictOf(profileOf(), { sight: { status: "up" }, status })).toMatchObject({
        status: "warn",
        reason: "no-list",
        message: expect.stringContaining(`HTTP ${status}`)
      })
    }
  })

  it("is a warning that tells what is wrong with the account where the status does", () => {
    const verdict = (status: number) => verdictOf(profileOf(), { sight: { status: "up" }, status })
    expect(verdict(402)).toMatchObject({ status: "warn", reason: "billing", remedy: expect.stringContaining("credit") })
    expect(verdict(429)).toMatchObject({ status: "warn", reason: "limited", remedy: "Try again later." })
  })

  it("is well for one that answers, has the models, or is not asked over the network", () => {
    const up: Look = { sight: { status: "up" }, status: 200 }
    expect(verdictOf(profileOf(), up)).toEqual({ status: "ok", message: "answers" })
    expect(verdictOf(profileOf(), { ...up, listed: ["grok-4"] })).toEqual({
      status: "ok",
      message: "answers and has grok-4"
    })
    expect(verdictOf(profileOf({ base_url: "demo:" }), undefined).status).toBe("ok")
    expect(verdictOf(profileOf({ auth_type: "oauth", oauth_provider: "claude" }), undefined).status).toBe("ok")
  })
})

const answer = (status: number, body: string): UpstreamResponse => ({
  status,
  headers: {},
  body: bodyOf(new TextEncoder().encode(body))
})

const how = { patience: 10, list: true }

const tested = (profile: Profile, send: (typeof UpstreamHttp.Service)["send"], environment = {}) =>
  Effect.map(Effect.provideService(reach(profile, environment, noKeys, how), UpstreamHttp, { send }), (reached) =>
    testOf(profile, reached, 12.4)
  )

describe("the test of a profile", () => {
  it.effect("reads the list of models, and finds those of the profile in it", () =>
    Effect.gen(function* () {
      const list = answer(200, JSON.stringify({ data: [{ id: "grok-4" }, { id: "grok-3-mini" }] }))
      const profile = profileOf({ models: { haiku: "grok-3-mini" } })
      expect(yield* tested(profile, () => Effect.succeed(list))).toEqual({
        profile: "grok",
        status: "ok",
        message: "answers and has grok-4, grok-3-mini",
        milliseconds: 12
      })
      expect(yield* tested(profileOf({ default_model: "grok-9" }), () => Effect.succeed(list))).toMatchObject({
        status: "fail",
        reason: "model",
        message: 'answers, and does not list "grok-9" (default_model)'
      })
    })
  )

  it.effect("asks for a model by its name where the list does not have it, for some lists are not whole", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const send: (typeof UpstreamHttp.Service)["send"] = ({ url }) => {
        asked.push(url)
        if (url.endsWith("/models")) return Effect.succeed(answer(200, '{"data":[{"id":"other"}]}'))
        return Effect.succeed(url.endsWith("/own/one") ? answer(200, '{"id":"own/one"}') : answer(404, '{"error":{}}'))
      }
      expect(yield* tested(profileOf({ default_model: "own/one" }), send)).toMatchObject({ status: "ok" })
      expect(asked).toEqual(["http://127.0.0.1:1/v1/models", "http://127.0.0.1:1/v1/models/own/one"])
      expect(yield* tested(profileOf({ default_model: "own/two" }), send)).toMatchObject({ reason: "model" })
      const everywhere = () => Effect.succeed(answer(200, '{"data":[{"id":"other"}]}'))
      expect(yield* tested(profileOf({ default_model: "own/two" }), everywhere)).toMatchObject({ reason: "model" })
    })
  )

  it.effect("takes a question about a model that is not answered for a no", () =>
    Effect.gen(function* () {
      const send: (typeof UpstreamHttp.Service)["send"] = ({ url }) =>
        url.endsWith("/models") ? Effect.succeed(answer(200, '{"data":[{"id":"other"}]}')) : Effect.never
      const testing = yield* Effect.fork(tested(profileOf(), send))
      yield* TestClock.adjust("3 seconds")
      expect(yield* Fiber.join(testing)).toMatchObject({ reason: "model" })
    })
  )

  it.effect("is content with an answer that is no list, unless it is a page for people", () =>
    Effect.gen(function* () {
      expect(yield* tested(profileOf(), () => Effect.succeed(answer(200, "{}")))).toMatchObject({ status: "ok" })
      expect(yield* tested(profileOf(), () => Effect.succeed(answer(200, "<html>")))).toMatchObject({
        status: "warn",
        reason: "no-list",
        remedy: "Check the path of base_url if requests fail too."
      })
    })
  )

  it.effect("asks nobody without the variables and the key", () =>
    Effect.gen(function* () {
      const never = () => Effect.dieMessage("somebody was asked")
      expect(yield* tested(profileOf({ api_key_env: "K" }), never)).toEqual({
        profile: "grok",
        status: "fail",
        reason: "key",
        message: "the environment variable K is not set",
        remedy: "export K=...",
        milliseconds: null
      })
      expect(yield* tested(profileOf({ base_url: "https://${HOST}/v1" }), never)).toMatchObject({
        reason: "variable",
        remedy: "export HOST=...",
        milliseconds: null
      })
    })
  )

  it.effect("tells how the connection failed", () =>
    Effect.gen(function* () {
      const error = new TransportError({ kind: "dns", host: "h", detail: "ENOTFOUND" })
      expect(yield* tested(profileOf(), () => Effect.fail(error))).toMatchObject({
        reason: "dns",
        message: "the host is not known (h: ENOTFOUND)"
      })
    })
  )

  it.effect("waits no longer than its patience for the end of a list", () =>
    Effect.gen(function* () {
      const endless = { read: () => {}, pause: () => {}, resume: () => {}, release: () => {} }
      const send = () => Effect.succeed({ status: 200, headers: {}, body: endless })
      const testing = yield* Effect.fork(tested(profileOf(), send))
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(testing)).toMatchObject({ reason: "timeout", message: "no answer within 10 s" })
    })
  )
})

describe("the report of tests", () => {
  const all = fc.array(Arbitrary.make(ProfileTest))

  it("has a line for each profile, its time, what to do where it is not well, and a count", () => {
    const lines = profileTests(
      testsOf([
        { profile: "grok", status: "ok", message: "answers", milliseconds: 1_240 },
        { profile: "写作", status: "fail", reason: "dns", message: "is not known", remedy: "Look.", milliseconds: 8 },
        { profile: "demo", status: "ok", message: "answers", milliseconds: null }
      ])
    )
    expect(lines).toEqual([
      "ok    grok  1.2 s  answers",
      "fail  写作  8 ms   is not known",
      "                   Remedy: Look.",
      "ok    demo  -      answers",
      "",
      "1 of 3 profiles failed."
    ])
    expect(profileTests(testsOf([]))).toEqual(["No profile is enabled."])
  })

  it("stays within the columns of the terminal, 80 unless told, whatever was found", () =>
    holds(
      fc.property(all, fc.integer({ min: 40, max: 100 }), (tests, width) => {
        expect(Math.max(...profileTests(testsOf(tests)).map(displayWidth))).toBeLessThanOrEqual(80)
        expect(Math.max(...profileTests(testsOf(tests), width).map(displayWidth))).toBeLessThanOrEqual(width)
      }),
      { numRuns: runs }
    ))

  it("has the whole name of a profile where no terminal sets a width", () => {
    const profile = "a profile whose name is quite long"
    const tests = { ok: true, tests: [{ profile, status: "ok" as const, message: "answers", milliseconds: 1 }] }
    expect(profileTests(tests).join("\n")).not.toContain(profile)
    expect(profileTests(tests, 80, Infinity)).toEqual([`ok    ${profile}  1 ms  answers`])
  })

  it("is as well as its worst test, and comes back from JSON as it was", () =>
    holds(
      fc.property(all, (tests) => {
        const found = testsOf(tests)
        expect(found.ok).toBe(!tests.some(({ status }) => status === "fail"))
        const json = JSON.stringify(Schema.encodeSync(ProfileTests)(found))
        expect(Schema.decodeUnknownSync(ProfileTests)(JSON.parse(json))).toEqual(found)
      }),
      { numRuns: runs }
    ))
})

const portOf = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close())
  // cast: a listening TCP server has an address of this form
  return (server.address() as AddressInfo).port
}

const provider = (listener: RequestListener): Promise<number> =>
  portOf(createHttp((request, response) => listener(request, response.setHeader("connection", "close"))))

const written = (name: string, port: number, more = "", scheme = "http") => `
[[profiles]]
name = "${name}"
provider_type = "OpenAICompatible"
base_url = "${scheme}://127.0.0.1:${port}/v1"
default_model = "m"
${more}
`

const found = ({ stdout }: Outcome): ProfileTests => Schema.decodeUnknownSync(Schema.parseJson(ProfileTests))(stdout)

describe("claudex profile test", () => {
  it("asks all enabled profiles at once, tells what failed and what to do, and ends with 1", async () => {
    const waiting: Array<() => void> = []
    // the two that answer do so only when both were asked
    const together =
      (body: string): RequestListener =>
      (_, response) => {
        waiting.push(() => response.end(body))
        if (waiting.length === 2) for (const release of waiting) release()
      }
    const fine = await provider(together('{"data":[{"id":"m"}]}'))
    const bare = await provider(together('{"data":[{"id":"n"}]}'))
    const strict = await provider((_, response) => response.writeHead(401).end())
    const paths: Array<string | undefined> = []
    const listless = await provider(({ url }, response) => {
      paths.push(url)
      response.writeHead(404).end()
    })
    const user = await makeUser(
      [
        written("fine", fine),
        written("bare", bare),
        written("strict", strict, 'api_key = "k"'),
        written("listless", listless),
        written("lost", 9),
        written("plain", strict, "", "https"),
        written("unset", fine, 'api_key_env = "NOT_THERE"'),
        written("off", 9, "enabled = false")
      ].join("")
    )
    const outcome = await user.run(["profile", "test", "all", "--json"])
    expect(outcome).toMatchObject({ code: 1, stderr: "" })
    const { ok, tests } = found(outcome)
    expect(ok).toBe(false)
    expect(tests.map((one) => [one.profile, one.status, "reason" in one ? one.reason : undefined])).toEqual([
      ["demo", "ok", undefined],
      ["fine", "ok", undefined],
      ["bare", "fail", "model"],
      ["strict", "fail", "unauthorized"],
      ["listless", "warn", "no-list"],
      ["lost", "fail", "connect"],
      ["plain", "fail", "tls"],
      ["unset", "fail", "key"]
    ])
    expect(tests.filter(({ milliseconds }) => milliseconds === null).map(({ profile }) => profile)).toEqual([
      "demo",
      "unset"
    ])
    expect(paths).toEqual(["/v1/models"])
    expect(await user.stateFiles()).toEqual([])
  })

  it("asks one profile, a disabled one too, and ends with 0 when it does not fail", async () => {
    const port = await provider((_, response) => response.end('{"data":[{"id":"m"}]}'))
    const off = written("off", port, "enabled = false").replace('"m"', '"short"')
    const user = await makeUser(`[model_aliases]\nshort = "m"\n${off}${written("lost", 9)}`)
    const { code, stderr, stdout } = await user.run(["profile", "test", "off"])
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(/^ok {4}off {2}\S+ m?s {2}answers and has m\n$/)
    expect((await user.run(["profile", "test", "demo"])).stdout).toMatch(/^ok {4}demo {2}- {2}answers inside claudex/)
  })

  it("shows no secret, whatever the provider repeats", async () => {
    const canary = "zq-canary-7f31"
    const port = await provider(({ headers, url }, response) =>
      response.writeHead(500).end(`${headers.authorization} ${headers["x-team"]} ${url}`)
    )
    const more = `
      [profiles.custom_headers]
      x-team = "${canary}-header"
      [profiles.query_params]
      key = "${canary}-query"
    `
    const user = await makeUser(
      written("one", port, `api_key = "${canary}-file"\n${more}`) +
        written("two", 9, `api_key_env = "GROK_KEY"\n${more}`) +
        written("broken", port, `api_key = "${canary}\\n-file"`)
    )
    for (const json of [[], ["--json"]]) {
      const outcome = await user.run(["profile", "test", "all", ...json], { env: { GROK_KEY: `${canary}-env` } })
      expect(outcome).toMatchObject({ code: 1, stderr: "" })
      expect(outcome.stdout).not.toContain(canary)
    }
  })

  it("knows no port that does not speak HTTP", async () => {
    const port = await portOf(createServer((socket) => socket.end("220 mail ready\r\n")))
    const user = await makeUser(written("mail", port))
    const outcome = await user.run(["profile", "test", "mail"])
    expect(outcome.code).toBe(1)
    expect(outcome.stdout).toContain("the connection broke")
    expect(outcome.stdout).toContain("Remedy: Check base_url")
  })

  it("ends with 1 and a suggestion for a profile that does not exist", async () => {
    const user = await makeUser(written("grok", 9))
    expect(await user.run(["profile", "test", "grk"])).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: 'claudex: There is no profile "grk". Did you mean "grok"?\nNext: claudex profile test grok\n'
    })
  })
})
