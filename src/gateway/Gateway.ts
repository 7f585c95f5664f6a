/**
 * The gateway as a layer: Anthropic Messages on one side, every provider on the other. It serves on whatever
 * `HttpServer` is provided, or beside the routes of a program's own router, and asks whatever `UpstreamHttp` is provided.
 */
import {
  HttpLayerRouter,
  HttpMiddleware,
  HttpServer,
  HttpServerRequest,
  type HttpServerResponse
} from "@effect/platform"
import { Cause, Clock, Context, DefaultServices, Effect, Exit, Layer, Option, Redacted, Scope } from "effect"
import type { Config } from "../config/Config.ts"
import { demoClient } from "../provider/demo/client.ts"
import { CircuitBreaker } from "../resilience/CircuitBreaker.ts"
import { HealthBoard } from "../resilience/HealthBoard.ts"
import { checkHealth, type Rounds } from "../resilience/HealthChecker.ts"
import { Limiter } from "../resilience/Limiter.ts"
import { fromHttpClient } from "../upstream/httpClient.ts"
import { UpstreamHttp } from "../upstream/UpstreamHttp.ts"
import { makeAdmin } from "./admin.ts"
import { checkOrigin, checkToken, type AccessRules } from "./access.ts"
import { makeCandidates } from "./candidates.ts"
import { keptKeys } from "./KeptKeys.ts"
import { closeExchange, type Exchange, openExchange } from "./Exchange.ts"
import { defaultMaxBody, GatewaySettings } from "./GatewaySettings.ts"
import { Journal } from "./Journal.ts"
import { LentEnvironment } from "./LentEnvironment.ts"
import { makeLedger } from "./Ledger.ts"
import { Lifecycle, shuttingDown } from "./Lifecycle.ts"
import type { Tools } from "./pipeline.ts"
import { makeMemoryBudget } from "./MemoryBudget.ts"
import { makePdfReader } from "./PdfReader.ts"
import { makeReasoningMemory } from "./ReasoningMemory.ts"
import { probeOf } from "./probe.ts"
import { refuse, Refused } from "./Refused.ts"
import { exchangeHeaders, failure } from "./respond.ts"
import { type Call, routes, type Route } from "./routes.ts"
import { SteadyConfig } from "./SteadyConfig.ts"
import { makeTimekeeper } from "./Timekeeper.ts"
import { checkVia, markedCandidate } from "./via.ts"
import { Wire } from "./Wire.ts"
import { gatewayError } from "../protocol/errors.ts"

type Response = HttpServerResponse.HttpServerResponse

const routerConfig = { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 4096 }

const toolsFor = Effect.fnUntraced(function* (rules: AccessRules) {
  const settings = yield* GatewaySettings
  const journal = yield* Journal
  const keys = yield* keptKeys(settings.keys)
  // not its identity, which a program may give to several
  const via = crypto.randomUUID()
  return {
    settings,
    network: yield* UpstreamHttp,
    offline: fromHttpClient(demoClient),
    config: yield* SteadyConfig,
    lent: yield* LentEnvironment,
    keys,
    via,
    candidatesFor: makeCandidates(keys, (candidate) => markedCandidate(candidate, rules, via)),
    breaker: yield* CircuitBreaker,
    limiter: yield* Limiter,
    health: yield* HealthBoard,
    memoryBudget: makeMemoryBudget(),
    journal,
    ledger: yield* makeLedger(journal),
    memory: makeReasoningMemory(),
    pdfs: makePdfReader(),
    lifecycle: yield* Lifecycle,
    timekeeper: yield* makeTimekeeper,
    wire: yield* Wire,
    maxBody: settings.maxBody ?? defaultMaxBody,
    started: yield* Clock.currentTimeMillis,
    admin: makeAdmin()
  } satisfies Tools
})

const accessRules = Effect.gen(function* () {
  const { allowRemote, host, token } = yield* GatewaySettings
  // a router may stand on no server at all
  const server = yield* Effect.serviceOption(HttpServer.HttpServer)
  const address = Option.getOrUndefined(server)?.address
  const port = address?._tag === "TcpAddress" ? address.port : undefined
  return { token: Redacted.value(token), port, host, allowRemote } satisfies AccessRules
})

/** The provider's own words where it speaks the client's protocol, else ours. */
const refusal = ({ wire }: Tools, exchange: Exchange, { error, headers, verbatim }: Refused): Response => {
  if (verbatim === undefined) return failure(exchange, error, headers)
  exchange.failure = `${error.type}: ${error.message}`
  exchange.status = verbatim.status
  return wire.whole(verbatim.body, { ...exchangeHeaders(exchange), ...verbatim.headers }, verbatim.status)
}

/** One request: who asks, what is asked, and an answer in Anthropic's shape whatever happens. */
const respond = (
  given: Tools,
  rules: AccessRules,
  { access, handle, work }: Pick<Route, "access" | "handle" | "work">,
  parameter: Call["parameter"]
): Effect.Effect<Response, never, HttpServerRequest.HttpServerRequest | Scope.Scope> =>
  Effect.withFiberRuntime((fiber) => {
    const request = Context.unsafeGet(fiber.currentContext, HttpServerRequest.HttpServerRequest)
    const scope = Context.unsafeGet(fiber.currentContext, Scope.Scope)
    const clock = Context.get(fiber.getFiberRef(DefaultServices.currentServices), Clock.Clock)
    const exchange = openExchange(request.method, request.url, clock.unsafeCurrentTimeMillis())
    const named = parameter("profile")
    if (named !== "") exchange.named = named
    const over = (exit: Exit.Exit<unknown, unknown>) =>
      Effect.sync(() => {
        closeExchange(exchange)
        if (Exit.isInterrupted(exit)) exchange.clientGone = true
        given.ledger.add(exchange, clock.unsafeCurrentTimeMillis())
      })
    const denied =
      checkOrigin(request.headers, rules) ??
      (access === "open" ? undefined : checkToken(request.headers, rules)) ??
      checkVia(request.headers, given.via, exchange.path)
    const answer = Effect.suspend((): ReturnType<Route["handle"]> => {
      if (denied !== undefined) return new Refused({ error: denied })
      if (work === true) {
        if (!given.lifecycle.enter()) return new Refused({ error: shuttingDown })
        exchange.ends.push(given.lifecycle.leave)
      }
      return handle({ tools: given, exchange, request, parameter })
    })
    const { finish } = given.wire
    const told = Effect.catchAllCause(answer, (cause) => {
      if (Cause.isInterruptedOnly(cause)) return Effect.failCause(Cause.interrupt(fiber.id()))
      const failed = Cause.failureOption(cause)
      if (Option.isSome(failed)) return Effect.sync(() => refusal(given, exchange, failed.value))
      exchange.defect = Cause.squash(cause)
      return Effect.sync(() => failure(exchange, gatewayError("api_error", "claudex: an internal error")))
    })
    return Effect.zipRight(
      Scope.addFinalizerExit(scope, over),
      finish === undefined ? told : Effect.flatMap(told, (response) => finish(request, response))
    )
  })

const methods = ["GET", "POST", "PUT"] as const

/** No such path, or not with this method. */
const notFound = (): Route["handle"] => {
  const paths = HttpLayerRouter.FindMyWay.make<true>(routerConfig)
  for (const { method, path } of routes) paths.on(method, path, true)
  return ({ request }) => {
    const allowed = methods.filter((method) => paths.find(method, request.url) !== undefined)
    if (allowed.length === 0) return refuse("not_found_error", "claudex serves nothing at this path")
    const error = gatewayError("invalid_request_error", `this path takes ${allowed.join(", ")}`, { status: 405 })
    return Effect.fail(new Refused({ error, headers: { allow: allowed.join(", ") } }))
  }
}

/** The profiles of the gateway's own place are those that are looked after. */
const roundsOf = ({ config, keys, lent, settings }: Tools): Effect.Effect<Option.Option<Rounds>> =>
  config.load(settings.anchor).pipe(
    Effect.map((loaded): Rounds => ({
      settings: loaded.settings.health,
      profiles: loaded.settings.profiles,
      probe: (profile) => probeOf(profile, lent.current(), keys.get)
    })),
    Effect.option
  )

/** Adds the routes, and answers how to respond on any other path. */
const addRoutes = (router: HttpLayerRouter.HttpRouter) =>
  Effect.gen(function* () {
    const rules = yield* accessRules
    const given = yield* toolsFor(rules)
    yield* Effect.forkScoped(checkHealth(given.network, given.health, roundsOf(given)))
    for (const route of routes) {
      const response = Effect.flatMap(HttpLayerRouter.RouteContext, ({ params }) =>
        respond(given, rules, route, (name) => params[name] ?? "")
      )
      yield* router.add(route.method, route.path, response)
    }
    return (handle: Route["handle"]) => respond(given, rules, { access: "open", handle }, () => "")
  })

/** For a router that serves nothing else. */
const register = HttpLayerRouter.use((router) =>
  Effect.gen(function* () {
    const lost = (yield* addRoutes(router))(notFound())
    yield* router.addGlobalMiddleware((effect) =>
      Effect.catchAll(effect, (error) => (isRouteNotFound(error) ? lost : Effect.fail(error)))
    )
  })
)

const isRouteNotFound = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "RouteNotFound"

/**
 * Handlers hold what they work with. The context at hand would go with every request, and be copied by each step that adds to
 * it: it is made as small as it can be.
 */
const serve = Effect.flatMap(HttpLayerRouter.HttpRouter, (router) =>
  HttpServer.serveEffect(router.asHttpEffect())
).pipe(
  Effect.mapInputContext((context: Context.Context<HttpLayerRouter.HttpRouter | HttpServer.HttpServer | Scope.Scope>) =>
    Context.pick(HttpLayerRouter.HttpRouter, HttpServer.HttpServer, Scope.Scope)(context)
  )
)

/** How long answers under way may go on when the gateway is told to end. */
export const grace = "10 seconds"

/** A server waits for the answers under way before it closes: they are told, in time, that it goes. */
const drain = Effect.flatMap(Lifecycle, (lifecycle) => Effect.addFinalizer(() => lifecycle.drain(grace)))

/** What a gateway stands on, whoever serves it. */
type Needs =
  | UpstreamHttp
  | Config
  | LentEnvironment
  | Lifecycle
  | GatewaySettings
  | CircuitBreaker
  | Limiter
  | HealthBoard
  | Journal

/** `layer` for a server that does its own draining. */
export const undrained: Layer.Layer<never, never, HttpServer.HttpServer | Needs> = Layer.scopedDiscard(serve).pipe(
  Layer.provide(register),
  Layer.provide(HttpLayerRouter.layer),
  Layer.provide(Layer.succeed(HttpLayerRouter.RouterConfig, routerConfig)),
  HttpMiddleware.withTracerDisabledWhen(() => true),
  Layer.provide(SteadyConfig.layer)
)

/**
 * Serves all routes on the given server until the scope closes, which takes as long as the answers under way need, 11 seconds
 * at most. Nothing is traced: it would cost more than the work.
 */
export const layer: Layer.Layer<never, never, HttpServer.HttpServer | Needs> = Layer.scopedDiscard(drain).pipe(
  Layer.provideMerge(undrained)
)

/**
 * The routes beside those of a program's own `HttpLayerRouter`; what is asked on none of them is the program's matter. For a
 * router that has `/`, `/health` or `/metrics` itself provide a `prefixed` one. `GatewaySettings` names the host by which
 * clients address it. Draining is as with `layer`.
 */
export const layerHttpRouter: Layer.Layer<never, never, HttpLayerRouter.HttpRouter | Needs> = HttpLayerRouter.use(
  (router) => Effect.zipRight(addRoutes(router), drain)
).pipe(Layer.provide(SteadyConfig.layer))
