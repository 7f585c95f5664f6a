/** Every path of the gateway, who may take it, and what it does. */
import { HttpLayerRouter, type HttpServerRequest, type HttpServerResponse } from "@effect/platform"
import { Clock, Effect, type Scope } from "effect"
import { estimateTokens } from "../protocol/estimate.ts"
import { isObject } from "../protocol/json.ts"
import { listModels } from "../provider/models.ts"
import { readJson } from "./body.ts"
import { environmentPath, type Health, shutdownPath } from "./contract.ts"
import type { Exchange } from "./Exchange.ts"
import { pageOf, wireModel } from "./modelList.ts"
import { messages, type Tools } from "./pipeline.ts"
import { refuse, type Refused } from "./Refused.ts"
import { empty, json } from "./respond.ts"
import { anchorOf, profileNamed, settingsAt } from "./world.ts"

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
  readonly handle: (call: Call) => Effect.Effect<HttpServerResponse.HttpServerResponse, Refused, Scope.Scope>
}

const hello: Route["handle"] = ({ exchange }) => Effect.sync(() => empty(exchange))

const health: Route["handle"] = ({ exchange, tools }) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const uptime_seconds = Math.max(0, now - tools.started) / 1000
    return json(exchange, { service: "claudex", ...tools.settings.identity, uptime_seconds } satisfies Health)
  })

const countTokens: Route["handle"] = ({ exchange, request, tools }) =>
  Effect.map(readJson(tools.wire, request, tools.maxBody), ({ value }) =>
    json(exchange, { input_tokens: estimateTokens(value) })
  )

/** What the client at hand may pick from. */
const listedModels = ({ parameter, request, tools }: Call) =>
  Effect.gen(function* () {
    const settings = yield* settingsAt(tools.config, yield* anchorOf(request.headers, tools.settings.anchor))
    const name = parameter("profile")
    const at = name === "" ? undefined : yield* profileNamed(name, settings, tools.lent.current())
    return listModels(settings, at).map((listed) => wireModel(listed, settings.modelInfo))
  })

const models: Route["handle"] = (call) =>
  Effect.map(listedModels(call), (all) => {
    const [, query = ""] = call.request.url.split("?", 2)
    return json(call.exchange, pageOf(all, new URLSearchParams(query)))
  })

const model: Route["handle"] = (call) =>
  Effect.flatMap(listedModels(call), (all) => {
    const id = call.parameter("id")
    const found = all.find((entry) => entry.id === id)
    return found === undefined
      ? refuse("not_found_error", `there is no model "${id}" in the list of this gateway`)
      : Effect.succeed(json(call.exchange, found))
  })

const isVariables = (body: unknown): body is Readonly<Record<string, string>> =>
  isObject(body) && Object.entries(body).every(([name, value]) => /^[^=\0]+$/.test(name) && typeof value === "string")

/** Room for the variables of a profile, not for a whole environment of a strange program. */
const maxVariables = 256 * 1024

const environment: Route["handle"] = ({ exchange, request, tools }) =>
  Effect.gen(function* () {
    const { value: body } = yield* readJson(tools.wire, request, maxVariables)
    if (!isVariables(body)) {
      return yield* refuse("invalid_request_error", "the body must be a flat JSON object of environment variables")
    }
    yield* tools.lent.lend(body)
    return empty(exchange)
  })

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
    handle: ({ exchange, parameter, request, tools }) => messages(tools, exchange, request, parameter("profile"))
  },
  { method: "POST", path: `/proxy/:profile${version}/messages/count_tokens`, access: "token", handle: countTokens },
  { method: "GET", path: `/proxy/:profile${version}/models`, access: "token", handle: models },
  { method: "GET", path: `/proxy/:profile${version}/models/:id`, access: "token", handle: model }
]

/** HEAD is answered wherever GET is. */
export const routes: ReadonlyArray<Route> = [
  ...proxied("/v1"),
  ...proxied("/v1/v1"),
  { method: "GET", path: "/v1/models", access: "token", handle: models },
  { method: "GET", path: "/v1/models/:id", access: "token", handle: model },
  // The client's probes, at the base URL it was given.
  open("/"),
  open("/api/hello"),
  open("/proxy/:profile"),
  open("/proxy/:profile/api/hello"),
  open("/health", health),
  { method: "PUT", path: environmentPath, access: "token", handle: environment },
  { method: "POST", path: shutdownPath, access: "token", handle: shutdown }
]
