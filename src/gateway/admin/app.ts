/** The admin API as a web application over its sources. Loaded when somebody first asks for it. */
import { type HttpApp, HttpApiBuilder, HttpServer } from "@effect/platform"
import { Effect, Layer } from "effect"
import { Admin, TokenCheck } from "./api.ts"
import { groups } from "./handlers.ts"
import { AdminSources } from "./sources.ts"

/** Whoever gets here has shown the token (Gateway.ts). */
const checked = Layer.succeed(TokenCheck, { token: () => Effect.void })

/** Answers every request under `adminPath`; fails with `RouteNotFound` where there is nothing. */
export const makeApp = (sources: typeof AdminSources.Service): Effect.Effect<HttpApp.Default> => {
  const services = HttpApiBuilder.api(Admin).pipe(
    Layer.provide([...groups]),
    Layer.provide([checked, Layer.succeed(AdminSources, sources)]),
    Layer.provideMerge(Layer.mergeAll(HttpApiBuilder.Router.Live, HttpApiBuilder.Middleware.layer))
  )
  return Effect.gen(function* () {
    const app = yield* HttpApiBuilder.httpApp
    const platform = yield* Layer.build(HttpServer.layerContext)
    return Effect.provide(app, platform)
  }).pipe(Effect.provide(services), Effect.scoped)
}
