/** The gateway's routes inside a program of one's own: its router, its other routes, its server. */
import { HttpClient, HttpClientRequest, HttpLayerRouter, HttpServerResponse } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Option, Redacted, Schema, Scope, TestClock } from "effect"
import { Config, Gateway, Upstream } from "../../src/index.ts"
import { ChatScript, ScriptedUpstream, UpstreamScript } from "../../src/testing/index.ts"
import { eventually, eventsOf, hello, streamed, textOf, token } from "./support.ts"

/** What the gateway stands on, for a provider at this address. */
const needs = (providerUrl: string, model = "acme-large") =>
  Layer.mergeAll(
    Gateway.Lifecycle.layer,
    Gateway.Journal.layerMemory,
    Gateway.CircuitBreaker.layer,
    Gateway.Limiter.layer,
    Gateway.HealthBoard.layer,
    Gateway.LentEnvironment.layer.pipe(Layer.provide(Config.Environment.layerOf({}))),
    Upstream.layer.pipe(Layer.provide(NodeHttpClient.layerUndici)),
    Config.Config.layerOf(
      Schema.decodeSync(Config.ConfigFile)({
        profiles: [
          {
            name: "p",
            provider_type: "OpenAICompatible",
            base_url: `${providerUrl}/v1`,
            default_model: model,
            api_key: "sk-of-the-provider"
          }
        ]
      })
    ),
    Layer.succeed(Gateway.GatewaySettings, {
      token: Redacted.make(token),
      identity: { instance: "example", version: "0.0.0", pid: 1 },
      anchor: { cwd: "/", explicit: Option.none() },
      host: "127.0.0.1",
      allowRemote: false
    })
  )

const ownRoutes = HttpLayerRouter.use((router) => router.add("GET", "/health", HttpServerResponse.text("mine")))

const under = (prefix: string) =>
  Layer.effect(
    HttpLayerRouter.HttpRouter,
    Effect.map(HttpLayerRouter.HttpRouter, (router) => router.prefixed(prefix))
  )

const quiet = { disableLogger: true, disableListenLog: true }

const post = (path: string, body: unknown, key: string = token) =>
  HttpClientRequest.post(path).pipe(HttpClientRequest.bearerToken(key), HttpClientRequest.bodyUnsafeJson(body))

/** The program on a server, in a scope that the test closes; `client` knows the server's address. */
const serve = <E>(program: Layer.Layer<HttpClient.HttpClient | Gateway.Lifecycle, E>) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
    const context = yield* Layer.buildWithScope(program, scope)
    return {
      client: Context.get(context, HttpClient.HttpClient),
      lifecycle: Context.get(context, Gateway.Lifecycle),
      close: Scope.close(scope, Exit.void)
    }
  })

const begun = UpstreamScript.stream([ChatScript.role, ChatScript.text("Hel"), UpstreamScript.stall])

describe("the routes in a router of one's own", () => {
  it.scoped("answer under a prefix, and leave every other path to the program", () =>
    Effect.gen(function* () {
      const provider = yield* ScriptedUpstream.make
      yield* provider.fallback((asked) => ChatScript.answer(asked, { text: "Hello" }))
      const { client } = yield* serve(
        HttpLayerRouter.serve(
          Layer.mergeAll(ownRoutes, Gateway.layerHttpRouter.pipe(Layer.provide(under("/llm")))),
          quiet
        ).pipe(Layer.provideMerge(needs(provider.url)), Layer.provideMerge(NodeHttpServer.layerTest))
      )
      const path = "/llm/proxy/p/v1/messages?beta=true"
      const answer = yield* client.execute(post(path, streamed()))
      expect(answer.status).toBe(200)
      expect(textOf(yield* answer.text)).toBe("Hello")
      const [asked] = yield* provider.requests
      expect(asked?.body).toMatchObject({ model: "acme-large" })

      expect(yield* Effect.flatMap(client.get("/health"), (own) => own.text)).toBe("mine")
      expect(yield* Effect.flatMap(client.get("/llm/health"), (own) => own.json)).toMatchObject({ instance: "example" })
      expect((yield* client.execute(post(path, hello(), "another"))).status).toBe(401)
      const lost = yield* client.execute(post("/nowhere", hello()))
      expect([lost.status, yield* lost.text]).toEqual([404, ""])
    })
  )

  it.scoped("stand in two routers of one program with settings of their own", () =>
    Effect.gen(function* () {
      const provider = yield* ScriptedUpstream.make
      yield* provider.fallback((asked) => ChatScript.answer(asked, { text: "Hello" }))
      const gateway = (prefix: string, model: string) =>
        Layer.fresh(
          Gateway.layerHttpRouter.pipe(
            Layer.provide(under(prefix)),
            Layer.provide(Layer.fresh(needs(provider.url, model)))
          )
        )
      const { client } = yield* serve(
        HttpLayerRouter.serve(Layer.mergeAll(gateway("/a", "model-a"), gateway("/b", "model-b")), quiet).pipe(
          Layer.provideMerge(Gateway.Lifecycle.layer),
          Layer.provideMerge(NodeHttpServer.layerTest)
        )
      )
      for (const [prefix, model] of [
        ["/a", "model-a"],
        ["/b", "model-b"]
      ]) {
        yield* client.execute(post(`${prefix}/proxy/p/v1/messages`, hello()))
        expect((yield* provider.requests).at(-1)?.body).toMatchObject({ model })
      }
    })
  )

  it.effect("stand behind a web handler, where there is no server", () =>
    Effect.gen(function* () {
      const { dispose, handler } = HttpLayerRouter.toWebHandler(
        Gateway.layerHttpRouter.pipe(Layer.provide(needs("http://127.0.0.1:9"))),
        { disableLogger: true }
      )
      const asked = yield* Effect.promise(() =>
        handler(new Request("http://localhost/health", { headers: { host: "localhost" } }))
      )
      expect(yield* Effect.promise(() => asked.json())).toMatchObject({ service: "claudex", instance: "example" })
      yield* Effect.promise(dispose)
    })
  )
})

describe("a gateway on a server of one's own that is closed", () => {
  for (const [name, gateway] of [
    ["alone", Gateway.layer],
    ["beside other routes", HttpLayerRouter.serve(Gateway.layerHttpRouter, quiet)]
  ] as const) {
    it.scoped(`tells an answer under way that it goes, and keeps nobody waiting (${name})`, () =>
      Effect.gen(function* () {
        const provider = yield* ScriptedUpstream.make
        yield* provider.fallback(() => begun)
        const { client, close, lifecycle } = yield* serve(
          gateway.pipe(Layer.provideMerge(needs(provider.url)), Layer.provideMerge(NodeHttpServer.layerTest))
        )
        const answer = yield* client.execute(post("/proxy/p/v1/messages", streamed()))
        const text = yield* Effect.fork(answer.text)
        yield* eventually(() => lifecycle.inFlight() === 1)
        const closing = yield* Effect.fork(close)
        yield* eventually(() => lifecycle.isDraining())
        yield* TestClock.adjust("10 seconds")
        const events = eventsOf(yield* Fiber.join(text))
        expect(events.at(-1)).toMatchObject({ type: "error", error: { type: "overloaded_error" } })
        yield* Fiber.join(closing)
      })
    )
  }
})
