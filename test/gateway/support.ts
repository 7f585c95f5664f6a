/** A gateway on a free port, with a scripted provider behind it, and a plain HTTP client in front of it. */
import * as Http from "node:http"
import { StringDecoder } from "node:string_decoder"
import { HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { Context, Effect, Fiber, Layer, Logger, LogLevel, Option, Queue, Redacted, Schema, TestClock } from "effect"
import { Config } from "../../src/config/Config.ts"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import { Environment } from "../../src/config/Environment.ts"
import * as Gateway from "../../src/gateway/Gateway.ts"
import * as GatewayServer from "../../src/gateway/GatewayServer.node.ts"
import { GatewaySettings } from "../../src/gateway/GatewaySettings.ts"
import { Journal } from "../../src/gateway/Journal.ts"
import { LentEnvironment } from "../../src/gateway/LentEnvironment.ts"
import { Lifecycle } from "../../src/gateway/Lifecycle.ts"
import { CircuitBreaker } from "../../src/resilience/CircuitBreaker.ts"
import { HealthBoard } from "../../src/resilience/HealthBoard.ts"
import { Limiter } from "../../src/resilience/Limiter.ts"
import { ScriptedUpstream } from "../../src/testing/index.ts"
import * as AnyClient from "../../src/upstream/httpClient.ts"

export const token = "test-token-0123456789"
/** Planted as the provider's key: it may reach the provider and nothing else. */
export const canary = "sk-canary-5e1f0c7a9b3d4e6f8a0b2c4d6e8f0a1b"

export interface Answer {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly text: string
  readonly bytes: Buffer
  /** False when the connection broke before the body's end. */
  readonly complete: boolean
}

export interface Ask {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | ReadonlyArray<string>>>
  /** Objects are sent as JSON; bytes and strings as they are; a list is sent chunked, piece by piece. */
  readonly body?: unknown
  /** Without the client token. */
  readonly anonymous?: boolean
}

/** One exchange in progress: the headers, each piece of the body as it comes, and the end. */
export interface Conversation {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly pieces: Queue.Dequeue<string>
  /** The whole text, and whether it was whole. */
  readonly rest: Effect.Effect<Answer>
  readonly hangUp: Effect.Effect<void>
}

const bytesOf = (body: unknown): string | Uint8Array | undefined =>
  body === undefined || typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body)

const send = (port: number, ask: Ask) => {
  const request = Http.request({
    host: "127.0.0.1",
    port,
    method: ask.method ?? "POST",
    path: ask.path ?? "/proxy/p/v1/messages?beta=true",
    agent: false,
    headers: {
      "content-type": "application/json",
      ...(ask.anonymous === true ? {} : { authorization: `Bearer ${token}` }),
      ...ask.headers
    }
  })
  if (Array.isArray(ask.body)) {
    for (const piece of ask.body) request.write(piece)
    request.end()
  } else request.end(bytesOf(ask.body))
  return request
}

/** Asks and hands over the response as it arrives; `paused` leaves the body unread. The scope hangs up. */
const converse = (port: number, ask: Ask, paused = false) =>
  Effect.gen(function* () {
    const pieces = yield* Queue.unbounded<string>()
    const open = yield* Effect.async<Conversation, Error>((resume) => {
      const request = send(port, ask)
      request.once("error", (cause) => resume(Effect.fail(cause)))
      request.once("response", (response) => {
        const chunks: Array<Buffer> = []
        const decoder = new StringDecoder("utf8")
        let closed = false
        response.on("error", () => {})
        response.once("close", () => {
          closed = true
        })
        if (!paused) {
          response.on("data", (chunk: Buffer) => {
            chunks.push(chunk)
            pieces.unsafeOffer(decoder.write(chunk))
          })
        }
        const { headers, statusCode: status = 0 } = response
        const answer = (): Answer => {
          const bytes = Buffer.concat(chunks)
          return { status, headers, bytes, text: bytes.toString("utf8"), complete: response.complete }
        }
        const rest = Effect.async<Answer>((done) => {
          if (closed) return done(Effect.sync(answer))
          response.once("close", () => done(Effect.sync(answer)))
        })
        resume(Effect.succeed({ status, headers, pieces, rest, hangUp: Effect.sync(() => void request.destroy()) }))
      })
      return Effect.sync(() => void request.destroy())
    })
    yield* Effect.addFinalizer(() => open.hangUp)
    return open
  })

/** Every line the gateway logs. */
export interface Log {
  readonly lines: ReadonlyArray<string>
}

const memoryLog = Effect.sync(() => {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    lines.push(`${logLevel.label} ${Array.isArray(message) ? message.map(String).join(" ") : String(message)}`)
  })
  const layer = Layer.merge(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(LogLevel.Trace))
  return { log: { lines } satisfies Log, layer }
})

/** How the gateway reaches both sides: Node's own way, or with streams alone. */
export type Kind = "node" | "portable"

const portableServer = Gateway.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(CircuitBreaker.layer, Limiter.layer, HealthBoard.layer)),
  Layer.provideMerge(NodeHttpServer.layer(() => Http.createServer(), { port: 0, host: "127.0.0.1" })),
  Layer.provide(AnyClient.layer),
  Layer.provide(NodeHttpClient.layerUndici)
)

export interface Setup {
  readonly kind?: Kind
  /** Keys of the profile `p`, besides those that lead to the scripted provider. */
  readonly profile?: Readonly<Record<string, unknown>>
  /** More keys of the configuration file. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** More profiles. */
  readonly profiles?: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly gateway?: Partial<typeof GatewaySettings.Service>
  readonly environment?: Readonly<Record<string, string>>
  readonly config?: typeof Config.Service
}

/** Starts everything in the scope. */
export const start = (setup: Setup = {}) =>
  Effect.gen(function* () {
    const upstream = yield* ScriptedUpstream.make
    const settings = Schema.decodeUnknownSync(ConfigFile)({
      // each test sees what one attempt does; those about resilience set their own
      resilience: { retries: 0, failures: 1_000, minimum_calls: 1_000 },
      // virtual time would set off probes
      health: { enabled: false },
      ...setup.settings,
      profiles: [
        {
          name: "p",
          provider_type: "OpenAICompatible",
          base_url: `${upstream.url}/v1`,
          default_model: "model-1",
          api_key: canary,
          ...setup.profile
        },
        ...(setup.profiles ?? [])
      ]
    })
    const { layer: logging, log } = yield* memoryLog
    const fixed = Layer.mergeAll(
      Layer.succeed(GatewaySettings, {
        token: Redacted.make(token),
        identity: { instance: "i-1", version: "0.0.0", pid: 42 },
        anchor: { cwd: "/", explicit: Option.none() },
        host: "127.0.0.1",
        allowRemote: false,
        ...setup.gateway
      }),
      Layer.succeed(
        Config,
        setup.config ?? {
          load: () => Effect.succeed({ settings, files: [], origin: () => ({ layer: "default" as const }) })
        }
      ),
      LentEnvironment.layer.pipe(Layer.provide(Environment.layerOf(setup.environment ?? {})))
    )
    const server = setup.kind === "portable" ? portableServer : GatewayServer.layer(0)
    const context = yield* Layer.build(
      server.pipe(
        Layer.provideMerge(Layer.merge(Lifecycle.layer, Journal.layerMemory)),
        Layer.provide(fixed),
        Layer.provide(logging)
      )
    )
    const { address } = Context.get(context, HttpServer.HttpServer)
    const port = address._tag === "TcpAddress" ? address.port : 0
    return {
      upstream,
      port,
      log,
      lifecycle: Context.get(context, Lifecycle),
      breaker: Context.get(context, CircuitBreaker),
      limiter: Context.get(context, Limiter),
      health: Context.get(context, HealthBoard),
      journal: Context.get(context, Journal),
      /** Asks and waits for the whole answer. */
      ask: (ask: Ask) => Effect.scoped(Effect.flatMap(converse(port, ask), (open) => open.rest)),
      /** Asks and hands over what comes. */
      converse: (ask: Ask) => converse(port, ask),
      /** Asks and reads nothing of the body. */
      listenNot: (ask: Ask) => converse(port, ask, true)
    }
  })

/** The smallest request. */
export const hello = (fields: Readonly<Record<string, unknown>> = {}) => ({
  model: "claude-sonnet-4-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "hi" }],
  ...fields
})

/** The smallest request for a stream. */
export const streamed = (fields: Readonly<Record<string, unknown>> = {}) => hello({ stream: true, ...fields })

/** The events of an SSE text: type and data. */
export const eventsOf = (text: string): ReadonlyArray<{ readonly type: string; readonly [key: string]: unknown }> =>
  text
    .split("\n\n")
    .filter((record) => record !== "")
    .map((record) => JSON.parse(record.slice(record.indexOf("data: ") + 6)))

/** The text the events add up to. */
export const textOf = (text: string): string =>
  eventsOf(text)
    .map((event) => (event["delta"] as { readonly text?: string } | undefined)?.text ?? "")
    .join("")

/** One round of everything that is ready to run. */
export const breathe: Effect.Effect<void> = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Waits, for as long as the test may run, until what happens elsewhere has happened. */
export const eventually = (condition: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (condition() ? Effect.void : Effect.zipRight(breathe, eventually(condition))))

/** The result of what waits for time to pass: a second, and everything that is ready to run, in turn until it is there. */
export const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      for (let turn = 0; turn < 50; turn++) yield* breathe
      yield* TestClock.adjust("1 second")
    }
    return yield* Fiber.join(fiber)
  })
