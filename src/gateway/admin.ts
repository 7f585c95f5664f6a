/**
 * The door to the admin API. Behind it is a folder that a gateway which nobody asks never loads: it costs memory and time
 * at the start.
 */
import { type HttpApp, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Cause, Effect, type Scope } from "effect"
import type { Exchange } from "./Exchange.ts"
import type { Tools } from "./pipeline.ts"
import { refuse, type Refused } from "./Refused.ts"
import { exchangeHeaders } from "./respond.ts"

type App = HttpApp.Default

const load = async (tools: Tools): Promise<App> => {
  const [{ makeApp }, { sourcesOf }] = await Promise.all([import("./admin/app.ts"), import("./admin/tools.ts")])
  return Effect.runPromise(makeApp(sourcesOf(tools)))
}

const isRouteNotFound = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return typeof error === "object" && error !== null && "_tag" in error && error._tag === "RouteNotFound"
}

/** Answers requests of the admin API; loaded at the first one. For one gateway. */
export const makeAdmin = () => {
  let loaded: Promise<App> | undefined
  return (
    tools: Tools,
    exchange: Exchange,
    request: HttpServerRequest.HttpServerRequest
  ): Effect.Effect<HttpServerResponse.HttpServerResponse, Refused, Scope.Scope> =>
    Effect.promise(() => (loaded ??= load(tools))).pipe(
      Effect.flatten,
      Effect.provideService(HttpServerRequest.HttpServerRequest, request),
      Effect.catchAllCause((cause) =>
        isRouteNotFound(cause)
          ? refuse("not_found_error", "claudex serves nothing at this path")
          : Effect.failCause(cause)
      ),
      Effect.map((response) => {
        exchange.status = response.status
        return HttpServerResponse.setHeaders(response, exchangeHeaders(exchange))
      })
    )
}
