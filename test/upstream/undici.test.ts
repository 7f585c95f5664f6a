import * as Http from "node:http"
import * as Net from "node:net"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { NodeHttpClient } from "@effect/platform-node"
import { describe, expect, it, vi } from "@effect/vitest"
import { Context, Deferred, Effect, Either, Exit, Fiber, Layer, Scope } from "effect"
import { ScriptedUpstream, UpstreamScript } from "../../src/testing/index.ts"
import { collect } from "../../src/upstream/collect.ts"
import * as AnyClient from "../../src/upstream/httpClient.ts"
import type { TransportError } from "../../src/upstream/TransportError.ts"
import * as Network from "../../src/upstream/undici.node.ts"
import { UpstreamHttp } from "../../src/upstream/UpstreamHttp.ts"
import { breathe, eventually } from "../gateway/support.ts"

const layers = {
  undici: Network.layer,
  "any HttpClient": AnyClient.layer.pipe(Layer.provide(NodeHttpClient.layerUndici))
}

const requestTo = (url: string, headers: Readonly<Record<string, string>> = {}) => ({
  url,
  headers: { "content-type": "application/json", ...headers },
  body: new TextEncoder().encode('{"a":1}'),
  connectTimeout: 5_000
})

const client = (layer: Layer.Layer<UpstreamHttp>) => Effect.map(Layer.build(layer), Context.get(UpstreamHttp))

const ask = (http: typeof UpstreamHttp.Service, url: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const response = yield* http.send(requestTo(url))
      const bytes = yield* collect(response.body, 1_000_000)
      return { ...response, text: new TextDecoder().decode(bytes) }
    })
  )

const failureOf = (http: typeof UpstreamHttp.Service, url: string) =>
  Effect.map(Effect.either(ask(http, url)), (result) =>
    Either.match(result, { onLeft: (error: TransportError) => `${error.kind}: ${error.detail}`, onRight: () => "none" })
  )

/** A server that counts its connections and handles each request as told. */
const serve = (handle: (request: Http.IncomingMessage, response: Http.ServerResponse, nth: number) => void) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly connections: () => number; readonly server: Http.Server }>(
      (resume) => {
        let connections = 0
        const perSocket = new WeakMap<Net.Socket, number>()
        const server = Http.createServer((request, response) => {
          const nth = (perSocket.get(request.socket) ?? 0) + 1
          perSocket.set(request.socket, nth)
          request.resume().once("end", () => handle(request, response, nth))
        })
        server.on("connection", () => {
          connections += 1
        })
        server.listen(0, "127.0.0.1", () => {
          // cast: a TCP server has a port
          const { port } = server.address() as Net.AddressInfo
          resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, connections: () => connections, server }))
        })
      }
    ),
    ({ server }) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )

describe.each(Object.entries(layers))("sending with %s", (_, layer) => {
  it.scoped("answers with status, headers and the body, whatever the status", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      const http = yield* client(layer)
      yield* upstream.enqueue(UpstreamScript.respond(418, { tea: true }, { "x-a": "1" }))
      const answer = yield* ask(http, `${upstream.url}/v1?x=y`)
      expect([answer.status, answer.headers["x-a"], answer.text]).toEqual([418, "1", '{"tea":true}'])
      const sent = yield* upstream.take
      expect([sent.method, sent.url, sent.text]).toEqual(["POST", "/v1?x=y", '{"a":1}'])
      expect(sent.headers).not.toHaveProperty("traceparent")
      expect(sent.headers).not.toHaveProperty("b3")
    })
  )

  it.scoped("asks with GET and no body when told so", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      const http = yield* client(layer)
      yield* upstream.enqueue(UpstreamScript.respond(200, { data: [] }))
      const { connectTimeout, headers } = requestTo("")
      const response = yield* http.send({
        method: "GET",
        url: `${upstream.url}/models?limit=1`,
        headers,
        connectTimeout
      })
      expect(response.status).toBe(200)
      const sent = yield* upstream.take
      expect([sent.method, sent.url, sent.text]).toEqual(["GET", "/models?limit=1", ""])
      expect(sent.headers["content-length"]).toBe(undefined)
    })
  )

  it.scoped("does not follow redirects", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      const http = yield* client(layer)
      yield* upstream.enqueue(UpstreamScript.respond(308, "", { location: "/elsewhere" }))
      expect((yield* ask(http, upstream.url)).status).toBe(308)
    })
  )

  it.scoped("tells a body that broke off from one that ended", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      const http = yield* client(layer)
      yield* upstream.enqueue(UpstreamScript.stream(["half", UpstreamScript.destroy]))
      expect(yield* failureOf(http, upstream.url)).toMatch(/^ended-early: /)
    })
  )

  it.scoped("closes the connection with its scope, before and after the headers", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      const http = yield* client(layer)
      yield* upstream.enqueue(UpstreamScript.silence, UpstreamScript.stream(["a", UpstreamScript.stall]))
      const early = yield* Effect.fork(Effect.scoped(http.send(requestTo(upstream.url))))
      const silent = yield* upstream.take
      yield* early.interruptAsFork(early.id())
      expect(yield* silent.outcome).toBe("abandoned")

      const scope = yield* Scope.make()
      yield* Scope.extend(http.send(requestTo(upstream.url)), scope)
      const open = yield* upstream.take
      yield* Scope.close(scope, Exit.void)
      expect(yield* open.outcome).toBe("abandoned")
    })
  )

  it.scoped("says what kept it from connecting", () =>
    Effect.gen(function* () {
      const http = yield* client(layer)
      const { server, url } = yield* serve(() => {})
      yield* Effect.async<void>((resume) => void server.close(() => resume(Effect.void)))
      expect(yield* failureOf(http, url)).toBe("connect: ECONNREFUSED")
      expect(yield* failureOf(http, "http://no-such-host.invalid/")).toMatch(/^dns: (ENOTFOUND|EAI_AGAIN)$/)
      expect(yield* failureOf(http, "nonsense")).toMatch(/^connect: /)
    })
  )

  it.scoped("calls a server without TLS by its name", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      const http = yield* client(layer)
      expect(yield* failureOf(http, upstream.url.replace("http:", "https:"))).toMatch(/^(tls|reset): /)
    })
  )
})

describe("sending with undici", () => {
  it.scoped("keeps connections, also after a stream that was complete before its body ended", () =>
    Effect.gen(function* () {
      const http = yield* client(Network.layer)
      const last = yield* Deferred.make<void>()
      const { connections, url } = yield* serve((request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" })
        response.write("data: [DONE]\n\n")
        if (request.url === "/slow")
          Effect.runFork(
            Effect.zipRight(
              Deferred.await(last),
              Effect.sync(() => response.end())
            )
          )
        else response.end()
      })
      // A connection is free again a moment after its body ended.
      for (const _ of [1, 2, 3]) yield* Effect.zipRight(ask(http, url), breathe)
      expect(connections()).toBe(1)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { body } = yield* http.send(requestTo(`${url}/slow`))
          yield* Effect.async<void>((resume) =>
            body.read({
              bytes: () => {
                body.release("complete")
                resume(Effect.void)
              },
              end: () => resume(Effect.dieMessage("read after release")),
              fail: () => resume(Effect.dieMessage("failed after release"))
            })
          )
        })
      )
      yield* Deferred.succeed(last, undefined)
      for (let i = 0; i < 20; i++) yield* breathe
      yield* ask(http, url)
      expect(connections()).toBe(1)
    })
  )

  it.scoped("tries once more when a kept connection was closed before the request reached it", () =>
    Effect.gen(function* () {
      const http = yield* client(Network.layer)
      const { connections, url } = yield* serve((request, response, nth) => {
        if (nth === 1) response.end("fresh")
        else request.socket.destroy()
      })
      expect((yield* ask(http, url)).text).toBe("fresh")
      expect((yield* ask(http, url)).text).toBe("fresh")
      expect(connections()).toBe(2)
    })
  )

  it.scoped("does not repeat a request that broke on a fresh connection", () =>
    Effect.gen(function* () {
      const http = yield* client(Network.layer)
      let requests = 0
      const { url } = yield* serve((request) => {
        requests += 1
        request.socket.destroy()
      })
      expect(yield* failureOf(http, url)).toMatch(/^reset: /)
      expect(requests).toBe(1)
    })
  )

  it.scoped("does not repeat a request that broke on a fresh connection beside a kept one", () =>
    Effect.gen(function* () {
      const http = yield* client(Network.layer)
      const requests: Array<string> = []
      const { connections, url } = yield* serve((request, response) => {
        requests.push(request.url ?? "")
        if (request.url === "/hold") response.write("busy")
        else if (request.url === "/break") request.socket.end()
        else response.end("fresh")
      })
      yield* Effect.zipRight(ask(http, url), breathe)
      // takes the kept connection
      yield* http.send(requestTo(`${url}/hold`))
      expect(yield* failureOf(http, `${url}/break`)).toBe("reset: UND_ERR_SOCKET")
      expect(requests).toEqual(["/", "/hold", "/break"])
      expect(connections()).toBe(2)
    })
  )

  it.scoped("does not repeat a request that a provider may have been working on", () =>
    Effect.gen(function* () {
      const http = yield* client(Network.layer)
      const requests: Array<string> = []
      const held: Array<Net.Socket> = []
      const { url } = yield* serve((request, response) => {
        requests.push(request.url ?? "")
        if (request.url === "/think") held.push(request.socket)
        else response.end("fresh")
      })
      const breaks = (after: Effect.Effect<unknown, TransportError>) =>
        Effect.gen(function* () {
          const thinking = yield* Effect.fork(failureOf(http, `${url}/think`))
          yield* eventually(() => held.length === 1)
          yield* after
          held.pop()?.resetAndDestroy()
          expect(yield* Fiber.join(thinking)).toMatch(/^reset: /)
        })
      // when it was sent there was no kept connection
      yield* breaks(Effect.zipRight(ask(http, url), breathe))
      // on a kept one, which told that it was closed only much later
      yield* Effect.zipRight(ask(http, url), breathe)
      const now = Date.now()
      const clock = vi.spyOn(Date, "now")
      yield* breaks(Effect.sync(() => void clock.mockReturnValue(now + 30_000)))
      clock.mockRestore()
      expect(requests).toEqual(["/think", "/", "/", "/think"])
    })
  )

  it.scoped("understands compressed bodies, whole and cut", () =>
    Effect.gen(function* () {
      const http = yield* client(Network.layer)
      const text = "hello ".repeat(1000)
      const bodies: Readonly<Record<string, Buffer>> = {
        gzip: gzipSync(text),
        deflate: deflateSync(text),
        br: brotliCompressSync(text)
      }
      const { url } = yield* serve((request, response) => {
        const [, encoding = "", cut] = (request.url ?? "").split("/")
        const body = bodies[encoding] ?? Buffer.from("")
        response.writeHead(200, { "content-encoding": encoding })
        response.end(cut === undefined ? body : body.subarray(0, body.length - 10))
      })
      for (const encoding of Object.keys(bodies)) {
        const whole = yield* ask(http, `${url}/${encoding}`)
        expect(whole.text).toBe(text)
        // it is not compressed any more
        expect(whole.headers).not.toHaveProperty("content-encoding")
        expect(whole.headers).not.toHaveProperty("content-length")
        expect(yield* failureOf(http, `${url}/${encoding}/cut`)).toMatch(/^ended-early: /)
      }
    })
  )

  it.scoped("delivers nothing while it is paused", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      const http = yield* client(Network.layer)
      const more = yield* Deferred.make<void>()
      const most = yield* Deferred.make<void>()
      yield* upstream.enqueue(
        UpstreamScript.stream([
          "a",
          UpstreamScript.wait(Deferred.await(more)),
          "b",
          UpstreamScript.wait(Deferred.await(most)),
          "c"
        ])
      )
      const { body } = yield* http.send(requestTo(upstream.url))
      let seen = ""
      const ended = yield* Deferred.make<void>()
      body.read({
        bytes: (chunk) => {
          seen += new TextDecoder().decode(chunk)
          body.pause()
        },
        end: () => Deferred.unsafeDone(ended, Exit.void),
        fail: () => {}
      })
      yield* eventually(() => seen === "a")
      yield* Deferred.succeed(more, undefined)
      for (let i = 0; i < 20; i++) yield* breathe
      yield* Deferred.succeed(most, undefined)
      for (let i = 0; i < 50; i++) yield* breathe
      // One piece may have been under way.
      expect(["a", "ab"]).toContain(seen)
      yield* eventually(() => {
        body.resume()
        return seen === "abc"
      })
      body.resume()
      yield* Deferred.await(ended)
    })
  )
})
