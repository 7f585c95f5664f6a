/** A provider that speaks Anthropic Messages itself: what the client says goes out, what it says comes back. */
import { brotliCompressSync, gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { seal } from "../../src/protocol/reasoning.ts"
import { UpstreamScript } from "../../src/testing/index.ts"
import { dice } from "../../src/testing/json.ts"
import { space, valueText } from "../support/jsonText.ts"
import { canary, eventually, hello, type Kind, start, streamed, token } from "./support.ts"

const direct = { provider_type: "DirectAnthropic", default_model: "claude-sonnet-4-5" }

/** What an Anthropic server streams, with numbers and spaces that nobody would write twice the same way. */
const records = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-5","stop_reason":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":7,"cache_read_input_tokens":100,"output_tokens":1}}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
  'event: ping\ndata: {"type": "ping"}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"grüße 你好 👩‍👩‍👧‍👦"}}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: unheard_of\ndata: {"type":"unheard_of","n":1e400}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n'
]
const whole =
  '{ "type":"message","id":"msg_2", "content":[{"type":"text","text":"hi"}],\n"n":123456789012345678901234567890,"usage":{"input_tokens":3,"output_tokens":4}}'

const kinds: ReadonlyArray<Kind> = ["node", "portable"]

describe.each(kinds)("a request to an Anthropic upstream over the %s wire", (kind) => {
  it.scoped("takes the client's words along, and ours in place of its credentials", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({
        kind,
        profile: { ...direct, custom_headers: { "X-Team": "blue", "anthropic-beta": "ours-2026" } }
      })
      yield* upstream.enqueue(UpstreamScript.respond(200, whole))
      const forwarded = {
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "claude-code-20250219,unheard-of-2099-01-01",
        "anthropic-dangerous-direct-browser-access": "true",
        "anthropic-of-tomorrow": "x y",
        "x-claude-code-session-id": "s-1",
        "x-claude-code-agent-id": "a-1",
        "x-app": "cli",
        "x-stainless-retry-count": "0",
        "user-agent": "claude-cli/2.1.330 (external, cli)",
        "content-type": "application/json"
      }
      yield* ask({
        headers: {
          ...forwarded,
          "x-api-key": token,
          cookie: "a=b",
          "proxy-authorization": "Basic eDp5",
          "x-claudex-workspace": "%2Ftmp",
          "x-forwarded-for": "10.0.0.1",
          "accept-encoding": "gzip, br",
          te: "trailers",
          "x-unknown": "stays"
        },
        body: hello()
      })
      const { headers, method, url } = yield* upstream.take
      expect([method, url]).toEqual(["POST", "/v1/messages?beta=true"])
      expect(headers).toMatchObject({
        ...forwarded,
        "anthropic-beta": "claude-code-20250219,unheard-of-2099-01-01,ours-2026",
        authorization: `Bearer ${canary}`,
        "x-team": "blue",
        "accept-encoding": "identity"
      })
      const gone = ["x-api-key", "cookie", "proxy-authorization", "x-claudex-workspace", "x-forwarded-for", "te"]
      for (const name of [...gone, "x-unknown"]) expect(headers).not.toHaveProperty(name)
      expect(JSON.stringify(headers)).not.toContain(token)
    })
  )

  it.scoped("repeats every header line of betas", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind, profile: direct })
      yield* upstream.fallback(() => UpstreamScript.respond(200, whole))
      yield* ask({ headers: { "anthropic-beta": ["a-1,b-2", "c-3"] }, body: hello() })
      expect((yield* upstream.take).headers["anthropic-beta"]).toBe("a-1,b-2, c-3")
      yield* ask({ body: hello() })
      const plain = yield* upstream.take
      expect(plain.headers).not.toHaveProperty("anthropic-beta")
      // what the API demands and this client did not send
      expect(plain.headers["anthropic-version"]).toBe("2023-06-01")
    })
  )

  it.scoped("shows the key as the profile says, at whatever base URL", () =>
    Effect.gen(function* () {
      const query = "beta=true&a=%20&api-version=1"
      const { upstream } = yield* start({ kind, profile: direct })
      yield* upstream.fallback(() => UpstreamScript.respond(200, whole))
      const bases: ReadonlyArray<readonly [tail: string, own: Readonly<Record<string, string>>, url: string]> = [
        ["", {}, `/v1/messages?${query}`],
        ["/v1", {}, `/v1/messages?${query}`],
        ["/v1/", {}, `/v1/messages?${query}`],
        ["/v1/messages", {}, `/v1/messages?${query}`],
        ["/anthropic", {}, `/anthropic/v1/messages?${query}`],
        ["/a/v1?region=eu", { "api-version": "2" }, "/a/v1/messages?region=eu&beta=true&a=%20&api-version=2"]
      ]
      for (const [tail, query_params, url] of bases) {
        const base_url = upstream.url + tail
        const { ask } = yield* start({ kind, profile: { ...direct, auth_header: "x-api-key", base_url, query_params } })
        yield* ask({ path: `/proxy/p/v1/messages?${query}`, body: hello() })
        const sent = yield* upstream.take
        expect(sent.headers["x-api-key"]).toBe(canary)
        expect(sent.headers).not.toHaveProperty("authorization")
        expect(sent.url).toBe(url)
      }
    })
  )

  it.scoped("has the client's body byte for byte, however it was written, cut or compressed", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind, profile: direct })
      yield* upstream.fallback(() => UpstreamScript.respond(200, whole))
      for (const seed of fc.sample(fc.nat(), 20)) {
        const random = dice(seed + 1)
        const members = Array.from({ length: random.roll(6) }, () => `"m${random.roll(3)}":${valueText(random, 3)}`)
        const text = `${space(random)}{${[...members, '"model" :"claude-sonnet-4-5"'].join(`${space(random)},`)}}\n`
        const bytes = Buffer.from(text)
        const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) =>
          bytes.subarray(at * 7, at * 7 + 7)
        )
        yield* ask({ body: bytes })
        yield* ask({ body: pieces })
        yield* ask({ body: gzipSync(bytes), headers: { "content-encoding": "gzip" } })
        for (const _ of [1, 2, 3]) {
          const sent = yield* upstream.take
          expect(Buffer.compare(Buffer.from(sent.bytes), bytes), text).toBe(0)
          expect(sent.headers).not.toHaveProperty("content-encoding")
        }
      }
    })
  )

  it.scoped("asks for the model that a tier, an alias or the picker means, and changes nothing else", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({
        kind,
        profile: { ...direct, models: { haiku: "tiny" } },
        settings: { model_aliases: { quick: "fast-1" } }
      })
      yield* upstream.fallback(() => UpstreamScript.respond(200, whole))
      const body = (model: string) =>
        ` {"n":1e400,  "mod\\u0065l" : "${model}","messages":[{"model":"x"}],"model":"${model}"}`
      for (const [asked, meant] of [
        ["claude-haiku-4-5", "tiny"],
        ["quick", "fast-1"],
        ["claudex-p__other", "other"],
        ["claude-opus-4-1[1m]", "claude-sonnet-4-5"]
      ] as const) {
        const answer = yield* ask({ body: body(asked) })
        expect((yield* upstream.take).text).toBe(body(meant))
        expect(answer.headers["x-claudex-model"]).toBe(meant)
      }
    })
  )

  it.scoped("does not hold what other providers left in the conversation, and says so", () =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start({ kind, profile: direct })
      yield* upstream.fallback(() => UpstreamScript.respond(200, whole))
      const signature = seal({ provider: "p", model: "m", protocol: "chat", payload: "=" })
      const sent = (thinking: string) =>
        `{"model":"claude-sonnet-4-5", "messages":[{"role":"assistant","content":[${thinking}{"type":"text","text":"a"}]}]}`
      const answer = yield* ask({ body: sent(`{"type":"thinking","thinking":"hm","signature":"${signature}"} , `) })
      expect((yield* upstream.take).text).toBe(sent(""))
      expect(answer.headers["x-claudex-losses"]).toBe("1")
      yield* eventually(() => log.lines.join().includes("messages[0].content[0]"))
      const theirs = sent('{"type":"thinking","thinking":"hm","signature":"EqQB"} , ')
      expect((yield* ask({ body: theirs })).headers["x-claudex-losses"]).toBe("0")
      expect((yield* upstream.take).text).toBe(theirs)
    })
  )

  it.scoped("is one line of the log, whatever it calls its model", () =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start({ kind, profile: direct })
      yield* upstream.fallback(() => UpstreamScript.respond(200, whole))
      for (const model of ["x\nINFO \u001b[2J\u0007y", "x".repeat(100_000)]) yield* ask({ body: hello({ model }) })
      yield* eventually(() => log.lines.length === 2)
      const [orders, long] = log.lines
      expect(orders).toContain("x INFO [2J y → x INFO [2J y")
      expect(long?.length).toBeLessThan(1000)
    })
  )

  it.scoped("that is no JSON object is refused with its place, and goes nowhere", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind, profile: direct })
      for (const [body, place] of [
        ['{"model":"é",\n "a":tru}', "line 2, column 9"],
        ["[]", "line 1, column 1"],
        ['{"model":"', "it ends too early"]
      ]) {
        const answer = yield* ask({ body })
        expect(answer.status).toBe(400)
        expect(JSON.parse(answer.text)).toMatchObject({
          error: { type: "invalid_request_error", message: `the request body is not JSON: ${place}` }
        })
      }
      expect(yield* upstream.requests).toEqual([])
    })
  )
})

describe.each(kinds)("an answer of an Anthropic upstream over the %s wire", (kind) => {
  it.scoped("is handed on as it is: status, body and the headers that mean something to the client", () =>
    Effect.gen(function* () {
      const { ask, breaker, upstream } = yield* start({ kind, profile: direct })
      const headers = {
        "request-id": "req_theirs",
        "anthropic-organization-id": "org-1",
        "anthropic-ratelimit-unified-5h-utilization": "0.4",
        "retry-after": "7",
        "retry-after-ms": "7000",
        "x-should-retry": "true",
        "content-type": "application/json; charset=utf-8"
      }
      for (const [status, body] of [
        [200, whole],
        [429, '{"type":"error",  "error":{"type":"rate_limit_error","message":"slow \\u0064own"}}'],
        [529, "<html>busy</html>"],
        [404, ""]
      ] as const) {
        yield* upstream.enqueue(UpstreamScript.respond(status, body, { ...headers, "set-cookie": "a=b", server: "x" }))
        const answer = yield* ask({ body: hello() })
        expect([answer.status, answer.text, answer.complete]).toEqual([status, body, true])
        yield* breaker.reset("p")
        expect(answer.headers).toMatchObject({
          ...headers,
          "x-claudex-request-id": expect.stringMatching(/^req_[A-Za-z0-9]{24}$/),
          "x-claudex-profile": "p",
          "x-claudex-model": "claude-sonnet-4-5"
        })
        for (const name of ["set-cookie", "server"]) expect(answer.headers).not.toHaveProperty(name)
      }
      yield* upstream.enqueue(UpstreamScript.respond(200, whole))
      const plain = yield* ask({ body: hello() })
      expect(plain.headers["request-id"]).toBe(plain.headers["x-claudex-request-id"])
    })
  )

  it.scoped("is any bytes, whole", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind, profile: direct })
      const bytes = Uint8Array.from({ length: 3000 }, (_, at) => (at * 7) % 256)
      yield* upstream.enqueue(UpstreamScript.respond(200, bytes, { "content-type": "application/octet-stream" }))
      const answer = yield* ask({ body: hello() })
      expect(Buffer.compare(answer.bytes, bytes)).toBe(0)
      expect(answer.headers["content-type"]).toBe("application/octet-stream")
    })
  )

  it.scoped("matches its headers when the upstream compresses although it was not asked to", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: direct })
      for (const [encoding, body] of [
        ["gzip", gzipSync(whole)],
        ["br", brotliCompressSync(whole)]
      ] as const) {
        yield* upstream.enqueue(UpstreamScript.respond(200, body, { "content-encoding": encoding }))
        const answer = yield* ask({ body: hello() })
        expect(answer.headers).not.toHaveProperty("content-encoding")
        expect(answer.text).toBe(whole)
      }
      const strange = Buffer.from("any bytes")
      yield* upstream.enqueue(UpstreamScript.respond(200, strange, { "content-encoding": "zstd" }))
      const answer = yield* ask({ body: hello() })
      expect([answer.headers["content-encoding"], answer.text]).toEqual(["zstd", "any bytes"])
      // no place for a word of ours, nor a record that tells its end
      yield* upstream.enqueue(
        UpstreamScript.stream([strange], { "content-type": "text/event-stream", "content-encoding": "zstd" })
      )
      const packed = yield* ask({ body: streamed() })
      expect([packed.complete, packed.text]).toEqual([true, "any bytes"])
    })
  )

  it.scoped("is the same stream, wherever its bytes are cut, and its usage is known", () =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start({ kind, profile: direct })
      const filler = Array.from(
        { length: 900 },
        (_, at) => `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"usage":${at}}\n\n`
      )
      const logged = (words: string) => log.lines.filter((line) => line.includes(words)).length
      let exchanges = 0
      const long = [records[0] ?? "", ...filler, ...records.slice(1)].join("")
      for (const [text, size] of [
        [records.join(""), 1],
        [records.join("").replaceAll("\n", "\r\n"), 1],
        [records.join(""), 37],
        [records.join(""), 1_000_000],
        [`: a comment\n\n${long}trailing`, 5000]
      ] as const) {
        yield* upstream.enqueue(
          UpstreamScript.stream([...UpstreamScript.inPieces(text, size)], { "content-type": "text/event-stream" })
        )
        const answer = yield* ask({ body: streamed() })
        expect(answer.text).toBe(text)
        expect(answer.complete).toBe(true)
        expect(answer.headers).toMatchObject({ "content-type": "text/event-stream", "x-accel-buffering": "no" })
        // the line is written when the exchange is over, which the client may see first
        exchanges += 1
        yield* eventually(() => logged("132 in (100 cached) 15 out") === exchanges)
      }
      yield* upstream.enqueue(UpstreamScript.respond(200, whole))
      yield* ask({ body: streamed() })
      yield* eventually(() => logged(" 3 in (0 cached) 4 out") === 1)
    })
  )

  it.scoped("does not lead anybody elsewhere", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind, profile: direct })
      yield* upstream.enqueue(UpstreamScript.respond(307, "", { location: "http://127.0.0.1:1/" }))
      const answer = yield* ask({ body: hello() })
      expect(answer.status).toBe(502)
      expect(answer.headers).not.toHaveProperty("location")
      expect(answer.headers["x-should-retry"]).toBe("false")
    })
  )

  it.scoped("holds no secret of ours in a failure, and is otherwise the same bytes", () =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start({
        kind,
        profile: { ...direct, custom_headers: { "x-relay": "marigold/8842" } }
      })
      const body = (key: string, relay: string) =>
        `{"error": {"message":"invalid x-api-key: sk-of-theirs ${key} ${relay}"}}`
      yield* upstream.enqueue(
        UpstreamScript.respond(401, body(canary, "marigold/8842"), {
          "request-id": canary,
          "anthropic-x": `a ${canary}`
        })
      )
      const answer = yield* ask({ body: hello() })
      expect(answer.text).toBe(body("[masked]", "[masked]"))
      expect(answer.headers).toMatchObject({ "request-id": "[masked]", "anthropic-x": "a [masked]" })
      yield* eventually(() => log.lines.length === 1)
      expect(log.lines.join()).not.toContain(canary)
      expect(log.lines.join()).not.toContain("8842")
    })
  )
})
