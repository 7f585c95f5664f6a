/**
 * One request for an answer, on the way that every request of Claude Code takes: through a gateway of its own, in this
 * process and without a port. It asks the profile alone, once, and keeps nothing; what the provider sent is watched.
 */
import { type HttpApp, HttpServer, HttpServerRequest, type HttpServerResponse } from "@effect/platform"
import { Clock, Context, Deferred, Duration, Effect, Layer, Logger, LogLevel, Option, Redacted, Stream } from "effect"
import { Config } from "../../config/Config.ts"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import type { Environment } from "../../config/Environment.ts"
import type { Profile } from "../../domain/Profile.ts"
import type { RequestRecord } from "../../domain/RequestRecord.ts"
import { version } from "../../domain/version.ts"
import { profilePath } from "../../gateway/contract.ts"
import * as Gateway from "../../gateway/Gateway.ts"
import { GatewaySettings } from "../../gateway/GatewaySettings.ts"
import { Journal } from "../../gateway/Journal.ts"
import type { KeySource } from "../../gateway/KeptKeys.ts"
import { LentEnvironment } from "../../gateway/LentEnvironment.ts"
import { Lifecycle } from "../../gateway/Lifecycle.ts"
import { CircuitBreaker } from "../../resilience/CircuitBreaker.ts"
import { HealthBoard } from "../../resilience/HealthBoard.ts"
import { Limiter } from "../../resilience/Limiter.ts"
import { joinBytes } from "../../upstream/collect.ts"
import type { TransportError } from "../../upstream/TransportError.ts"
import { UpstreamHttp } from "../../upstream/UpstreamHttp.ts"

/** Limits for a small answer, in seconds: until its first byte, on silence in it, and on all of it. */
export const patience = { firstByte: 60, idle: 30, whole: 120 } as const

/** What came by between claudex and the provider. */
export interface Seen {
  /** The provider's; undefined where none came. */
  readonly status: number | undefined
  readonly failure: TransportError | undefined
  /** Milliseconds from the request to the first byte of the answer. */
  readonly firstByte: number | undefined
  /** The beginning of the provider's own bytes, as text. */
  readonly sent: string
  /** The provider was told to think. */
  readonly toThink: boolean
}

export interface Exchanged {
  readonly seen: Seen
  /** What Claude Code would have got; undefined where it was not complete in time. */
  readonly answer: string | undefined
  /** The gateway's record of it. */
  readonly record: RequestRecord | undefined
}

/** The profile as it is, by itself: no other one answers in its place, and nothing is tried twice. */
const alone = (profile: Profile, settings: ConfigFile): ConfigFile => {
  const { timeouts } = profile
  const asked: Profile = {
    ...profile,
    enabled: true,
    backupProviders: [],
    limits: {},
    resilience: { ...profile.resilience, retries: 0 },
    timeouts: {
      ...timeouts,
      firstByte: Math.min(timeouts.firstByte ?? settings.timeouts.firstByte, patience.firstByte),
      idle: Math.min(timeouts.idle ?? settings.timeouts.idle, patience.idle)
    }
  }
  return {
    ...settings,
    profiles: [asked],
    resilience: { ...settings.resilience, anyProfile: false },
    health: { ...settings.health, enabled: false }
  }
}

type App = HttpApp.Default<unknown>

/** A server without a port: it hands out what it was given to serve. */
const served = (app: Deferred.Deferred<App>) =>
  HttpServer.make({
    address: { _tag: "UnixAddress", path: "" },
    serve: (handler) =>
      Effect.flatMap(Effect.context<never>(), (outer) =>
        Deferred.succeed(
          app,
          Effect.mapInputContext(handler, (own: Context.Context<HttpServerRequest.HttpServerRequest>) =>
            Context.merge(outer, own)
          )
        )
      )
  })

const text = new TextDecoder()

/** A small answer is far shorter; what is longer is none. Bytes. */
const longest = 1_000_000

/** Every field by which one of the protocols asks for thinking. */
const thinkingField = /"(?:reasoning|reasoning_effort|thinking|enable_thinking|chat_template_kwargs)":/

/** The same provider; everything that comes by is noted. */
const watching = (http: typeof UpstreamHttp.Service) => {
  const pieces: Array<Uint8Array> = []
  let size = 0
  let seen: Omit<Seen, "sent"> = { status: undefined, failure: undefined, firstByte: undefined, toThink: false }
  const failed = (failure: TransportError) => {
    seen = { ...seen, failure }
  }
  const watched = UpstreamHttp.of({
    send: (request) =>
      Effect.gen(function* () {
        const clock = yield* Clock.clockWith(Effect.succeed)
        const sent = clock.unsafeCurrentTimeMillis()
        seen = { ...seen, toThink: thinkingField.test(text.decode(request.body)) }
        const answer = yield* Effect.tapError(http.send(request), (failure) => Effect.sync(() => failed(failure)))
        seen = { ...seen, status: answer.status }
        const { body } = answer
        return {
          ...answer,
          body: {
            pause: () => body.pause(),
            resume: () => body.resume(),
            release: (how: Parameters<typeof body.release>[0]) => body.release(how),
            read: (reader: Parameters<typeof body.read>[0]) =>
              body.read({
                end: () => reader.end(),
                bytes: (chunk) => {
                  seen = { ...seen, firstByte: seen.firstByte ?? clock.unsafeCurrentTimeMillis() - sent }
                  if (size < longest) pieces.push(chunk)
                  size += chunk.length
                  reader.bytes(chunk)
                },
                fail: (error) => {
                  failed(error)
                  reader.fail(error)
                }
              })
          }
        }
      })
  })
  return { watched, seen: (): Seen => ({ ...seen, sent: text.decode(joinBytes(pieces)) }) }
}

const bodyOf = ({ body }: HttpServerResponse.HttpServerResponse): Effect.Effect<string, unknown> => {
  if (body._tag === "Uint8Array") return Effect.succeed(text.decode(body.body))
  return body._tag === "Stream" ? Stream.mkString(Stream.decodeText(body.stream)) : Effect.succeed("")
}

const requestFor = (profile: Profile, body: unknown, token: string): HttpServerRequest.HttpServerRequest =>
  HttpServerRequest.fromWeb(
    new Request(`http://localhost${profilePath(profile.name)}/v1/messages`, {
      method: "POST",
      headers: { host: "localhost", authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body)
    })
  )

/** Asks the profile; `settings` are those of the configuration it is from. */
export const exchange = (
  profile: Profile,
  settings: ConfigFile,
  keys: KeySource,
  body: unknown
): Effect.Effect<Exchanged, never, UpstreamHttp | Environment> =>
  Effect.gen(function* () {
    const { seen, watched } = watching(yield* UpstreamHttp)
    const journal = Context.get(yield* Layer.build(Journal.layerMemory), Journal)
    const app = yield* Deferred.make<App>()
    // nobody else can ask it, but it wants to be shown one
    const token = "of-this-process"
    const gateway = Gateway.layer.pipe(
      Layer.provide([
        Layer.succeed(GatewaySettings, {
          token: Redacted.make(token),
          identity: { instance: "", version, pid: 0 },
          anchor: { cwd: "/", explicit: Option.none() },
          host: "localhost",
          allowRemote: false,
          keys
        }),
        Layer.succeed(Journal, journal),
        Layer.succeed(UpstreamHttp, watched),
        Layer.succeed(HttpServer.HttpServer, served(app)),
        Config.layerOf(alone(profile, settings)),
        LentEnvironment.layer,
        Lifecycle.layer,
        CircuitBreaker.layer,
        Limiter.layer,
        HealthBoard.layer
      ])
    )
    const asking = Effect.flatMap(Deferred.await(app), (handler) =>
      handler.pipe(
        Effect.provideService(HttpServerRequest.HttpServerRequest, requestFor(profile, body, token)),
        Effect.flatMap(bodyOf),
        Effect.option,
        Effect.scoped,
        Effect.timeoutOption(Duration.seconds(patience.whole))
      )
    )
    const answer = yield* Effect.scoped(Effect.zipRight(Layer.build(gateway), asking))
    // a gateway that goes writes down what it has not written yet
    const [record] = journal.recent(1)
    return { seen: seen(), answer: Option.getOrUndefined(Option.flatten(answer)), record }
  }).pipe(Effect.scoped, Logger.withMinimumLogLevel(LogLevel.None))
