/** Every path of the gateway, who may take it, and what it does. */
import { HttpLayerRouter, type HttpServerRequest, type HttpServerResponse } from "@effect/platform"
import { Clock, Effect, Option, type Scope } from "effect"
import type { ConfigFile } from "../config/ConfigFile.ts"
import { variable } from "../config/Environment.ts"
import { environmentNames } from "../credentials/ApiKey.ts"
import { estimateTokens } from "../protocol/estimate.ts"
import { isObject, parseJson } from "../protocol/json.ts"
import { knownModel, listModels, servingProfile } from "../provider/models.ts"
import { heldBody, parsed, readJson, surveyed } from "./body.ts"
import { adminPath, environmentHeader, environmentPath, type Health, shutdownPath, yieldPath } from "./contract.ts"
import type { Exchange } from "./Exchange.ts"
import { shuttingDown } from "./Lifecycle.ts"
import { pageOf, wireModel } from "./modelList.ts"
import { unrecorded } from "./Attempt.ts"
import type { PassCandidate } from "./candidates.ts"
import { respondWith } from "./deliver.ts"
import { bodyFor, type Forward, forwardOf, pass } from "./pass.ts"
import { messages, type Tools } from "./pipeline.ts"
import { refuse, Refused } from "./Refused.ts"
import { empty, json } from "./respond.ts"
import { scrape } from "./scrape.ts"
import { environmentFor, isHandedOn, profileNamed, settingsAt, settingsFor } from "./world.ts"

export interface Call {
  readonly tools: Tools
  readonly exchange: Exchange
  readonly request: HttpServerRequest.HttpServerRequest
  /** A parameter of the path, decoded; "" when the path has none of that name. */
  readonly parameter: (name: string) => string
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT"
  readonly path: HttpLayerRouter.PathInput
  /** `open` routes tell nothing about the user and spend nothing. */
  readonly access: "open" | "token"
  /** It may ask a provider: counted while it is under way, and refused once the gateway goes. */
  readonly work?: true
  readonly handle: (call: Call) => Effect.Effect<HttpServerResponse.HttpServerResponse, Refused, Scope.Scope>
}

const hello: Route["handle"] = ({ exchange }) => Effect.sync(() => empty(exchange))

const health: Route["handle"] = ({ exchange, tools }) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const uptime_seconds = Math.max(0, now - tools.started) / 1000
    const in_flight = tools.lifecycle.inFlight()
    return json(exchange, {
      service: "claudex",
      ...tools.settings.identity,
      uptime_seconds,
      in_flight
    } satisfies Health)
  })

/** The candidate that a model name leads to, if its provider is asked in the client's own words. */
const handedOnTo = ({ parameter, request, tools }: Call, settings: ConfigFile, asked: string) =>
  isHandedOn(settings, servingProfile(asked, parameter("profile")))
    ? environmentFor(tools, request).pipe(
        Effect.flatMap((variables) => tools.candidatesFor(parameter("profile"), asked, settings, variables)),
        Effect.flatMap(([candidate]) =>
          candidate._tag === "unusable"
            ? Effect.fail(candidate.refused)
            : Effect.succeed(candidate._tag === "pass" ? candidate : undefined)
        )
      )
    : Effect.succeed(undefined)

/** Asks the candidate, once, for something that is no answer of a model. */
const handOn = ({ exchange, request, tools }: Call, candidate: PassCandidate, forward: Forward) => {
  exchange.profile = candidate.profile.name
  return Effect.scope.pipe(
    Effect.flatMap((scope) => pass(tools, exchange, unrecorded, scope, forward, candidate)),
    Effect.flatMap((won) => respondWith(tools, exchange, request, won))
  )
}

/** A server that speaks the client's protocol, but has no such path: what it says is no error of that protocol. */
const cannotCount = ({ verbatim }: Refused): boolean => {
  if (verbatim === undefined || ![404, 405, 501].includes(verbatim.status)) return false
  const said = parseJson(new TextDecoder().decode(verbatim.body))
  return !isObject(said) || said["type"] !== "error"
}

/** No other protocol can count: a provider that speaks the client's own does if it can, for the rest we estimate. */
const countTokens: Route["handle"] = (call) =>
  Effect.gen(function* () {
    const { exchange, request, tools } = call
    const settings = yield* settingsFor(tools, request)
    const body = yield* heldBody(tools, exchange, request, settings)
    const estimated = Effect.map(parsed(body), (asked) => json(exchange, { input_tokens: estimateTokens(asked) }))
    if (settings.profiles.some(({ name }) => isHandedOn(settings, name))) {
      const survey = yield* surveyed(body)
      const candidate = yield* handedOnTo(call, settings, survey.model ?? "")
      if (candidate !== undefined) {
        const path = "messages/count_tokens"
        const sent = bodyFor(exchange, body, survey, candidate)
        const counted = handOn(call, candidate, { ...forwardOf(request), path, body: sent })
        return yield* Effect.catchIf(counted, cannotCount, () => estimated)
      }
    }
    return yield* estimated
  })

/** The list of a provider that has one in the client's own shape, or ours. */
const orForwarded =
  (
    path: (call: Call) => string,
    ours: (call: Call, settings: ConfigFile) => ReturnType<Route["handle"]>
  ): Route["handle"] =>
  (call) =>
    Effect.gen(function* () {
      const { request, tools } = call
      const settings = yield* settingsFor(tools, request)
      const candidate = yield* handedOnTo(call, settings, "")
      if (candidate === undefined) return yield* ours(call, settings)
      return yield* handOn(call, candidate, { ...forwardOf(request), path: path(call) })
    })

/** The profile that the path names, if it names one. */
const profileAt = ({ parameter, request, tools }: Call, settings: ConfigFile) => {
  const name = parameter("profile")
  return name === ""
    ? Effect.succeed(undefined)
    : Effect.flatMap(environmentFor(tools, request), (variables) => profileNamed(name, settings, variables))
}

/** What the client at hand may pick from. */
const listedModels = (call: Call, settings: ConfigFile) =>
  Effect.map(profileAt(call, settings), (profile) =>
    listModels(settings, profile).map((listed) => wireModel(listed, settings.modelInfo))
  )

const models = orForwarded(
  () => "models",
  (call, settings) =>
    Effect.map(listedModels(call, settings), (all) =>
      json(call.exchange, pageOf(all, new URLSearchParams(forwardOf(call.request).query)))
    )
)

const noModel = (id: string) => refuse("not_found_error", `there is no model "${id}" in the list of this gateway`)

const anyModel = orForwarded(
  ({ parameter }) => `models/${encodeURIComponent(parameter("id"))}`,
  (call, settings) =>
    Effect.flatMap(profileAt(call, settings), (profile) => {
      const id = call.parameter("id")
      const found =
        listModels(settings, profile).find((entry) => entry.id === id) ??
        (profile === undefined ? undefined : knownModel(id, profile, settings.modelAliases))
      return found === undefined
        ? noModel(id)
        : Effect.succeed(json(call.exchange, wireModel(found, settings.modelInfo)))
    })
)

/** A URL takes `.` and `..` for directions, however they are written: they would lead to other paths of a provider. */
const model: Route["handle"] = (call) => {
  const id = call.parameter("id")
  return /^\.{1,2}$/.test(id) ? noModel(id) : anyModel(call)
}

const isVariables = (body: unknown): body is Readonly<Record<string, string>> =>
  isObject(body) && Object.entries(body).every(([name, value]) => /^[^=\0]+$/.test(name) && typeof value === "string")

/** Room for the variables of a profile, not for a whole environment of a strange program. */
const maxVariables = 256 * 1024

const readVariables = ({ request, tools }: Call) =>
  Effect.flatMap(readJson(tools.wire, request, maxVariables), (body) =>
    isVariables(body)
      ? Effect.succeed(body)
      : refuse("invalid_request_error", "the body must be a flat JSON object of environment variables")
  )

const environment: Route["handle"] = (call) =>
  Effect.gen(function* () {
    const { exchange, request, tools } = call
    const variables = yield* readVariables(call)
    // what is lent to a gateway that goes is lost
    if (tools.lifecycle.isDraining()) return yield* new Refused({ error: shuttingDown })
    yield* tools.lent.lend(variables, request.headers[environmentHeader])
    return empty(exchange)
  })

/** The variables that sessions rely on: what they lent, and what the profiles of the gateway's own place refer to. */
const reliedOn = ({ tools }: Call) =>
  Effect.map(Effect.option(settingsAt(tools.config, tools.settings.anchor)), (settings) => {
    const profiles = Option.match(settings, { onNone: () => [], onSome: (found) => found.profiles })
    const names = profiles.filter((profile) => profile.enabled).flatMap(environmentNames)
    return new Set([...names, ...tools.lent.names()])
  })

const makeWay: Route["handle"] = (call) =>
  Effect.gen(function* () {
    const { exchange, tools } = call
    const next = yield* readVariables(call)
    const names = yield* reliedOn(call)
    const own = tools.lent.current()
    const lost = [...names].some((name) => variable(own, name) !== undefined && variable(own, name) !== next[name])
    if (lost) return yield* refuse("conflict_error", "sessions rely on environment variables that you do not have")
    if (!(yield* tools.lifecycle.yieldIfIdle)) return yield* refuse("conflict_error", "requests are under way")
    yield* Effect.logInfo("A gateway of another version takes over")
    return empty(exchange)
  })

const admin: Route["handle"] = ({ exchange, request, tools }) =>
  Effect.zipRight(tools.ledger.settle, tools.admin(tools, exchange, request))

const metrics: Route["handle"] = ({ exchange, tools }) => Effect.zipRight(tools.ledger.settle, scrape(tools, exchange))

const shutdown: Route["handle"] = ({ exchange, tools }) => Effect.as(tools.lifecycle.requestShutdown, empty(exchange))

const open = (path: HttpLayerRouter.PathInput, handle: Route["handle"] = hello): Route => ({
  method: "GET",
  path,
  access: "open",
  handle
})

/** A base URL that ends in `/v1` makes the client's own `/v1` a second one. */
const proxied = (version: "/v1" | "/v1/v1"): ReadonlyArray<Route> => [
  {
    method: "POST",
    path: `/proxy/:profile${version}/messages`,
    access: "token",
    work: true,
    handle: ({ exchange, parameter, request, tools }) => {
      exchange.asksModel = true
      return messages(tools, exchange, request, parameter("profile"))
    }
  },
  {
    method: "POST",
    path: `/proxy/:profile${version}/messages/count_tokens`,
    access: "token",
    work: true,
    handle: countTokens
  },
  { method: "GET", path: `/proxy/:profile${version}/models`, access: "token", work: true, handle: models },
  { method: "GET", path: `/proxy/:profile${version}/models/:id`, access: "token", work: true, handle: model }
]

/** HEAD is answered wherever GET is. */
export const routes: ReadonlyArray<Route> = [
  ...proxied("/v1"),
  ...proxied("/v1/v1"),
  { method: "GET", path: "/v1/models", access: "token", work: true, handle: models },
  { method: "GET", path: "/v1/models/:id", access: "token", work: true, handle: model },
  // The client's probes, at the base URL it was given.
  open("/"),
  open("/api/hello"),
  open("/proxy/:profile"),
  open("/proxy/:profile/api/hello"),
  open("/health", health),
  { method: "PUT", path: environmentPath, access: "token", handle: environment },
  { method: "POST", path: yieldPath, access: "token", handle: makeWay },
  { method: "POST", path: shutdownPath, access: "token", handle: shutdown },
  { method: "GET", path: "/metrics", access: "token", handle: metrics },
  { method: "GET", path: `${adminPath}/*`, access: "token", handle: admin },
  { method: "POST", path: `${adminPath}/*`, access: "token", handle: admin }
]
