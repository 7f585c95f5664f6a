/** What each endpoint of the admin API does. */
import { HttpApiBuilder, OpenApi } from "@effect/platform"
import { Clock, Effect, Either } from "effect"
import type { Anchor } from "../../config/Config.ts"
import { configHeader, workspaceHeader } from "../contract.ts"
import { anchorOf } from "../world.ts"
import { Admin } from "./api.ts"
import { feed } from "./feed.ts"
import { pick } from "./pick.ts"
import type { InvalidRequest, NotFound, Unusable } from "./schemas.ts"
import { AdminSources } from "./sources.ts"
import { concerns, configurationOf, lastHour, masked, profileView } from "./views.ts"

type Sources = typeof AdminSources.Service

const invalid = (message: string): typeof InvalidRequest.Type => ({
  type: "error",
  error: { type: "invalid_request_error", message }
})
const notFound = (message: string): typeof NotFound.Type => ({
  type: "error",
  error: { type: "not_found_error", message: masked(message) }
})
const unusable = (message: string): typeof Unusable.Type => ({
  type: "error",
  error: { type: "api_error", message: masked(message) }
})

interface Place {
  readonly [workspaceHeader]?: string | undefined
  readonly [configHeader]?: string | undefined
}

/** From where the caller wants its configuration discovered. */
const placeOf = (headers: Place, { anchor }: Sources): Effect.Effect<Anchor, typeof InvalidRequest.Type> =>
  Effect.mapError(anchorOf({ ...headers }, anchor), ({ error }) => invalid(error.message))

/** As many records as are in memory. */
const all = Number.POSITIVE_INFINITY

const configurationAt = ({ config }: Sources, anchor: Anchor, look?: "again") =>
  Effect.match(config.load(anchor, look), {
    onFailure: (error) => configurationOf([], error),
    onSuccess: ({ files, stale }) => configurationOf(files, stale)
  })

const settingsAt = (sources: Sources, headers: Place) =>
  Effect.flatMap(placeOf(headers, sources), (anchor) =>
    Effect.mapBoth(sources.config.load(anchor), {
      onFailure: ({ message }) => unusable(message),
      onSuccess: ({ settings }) => settings
    })
  )

/** Where the platform tells it, as Node does. */
const runtime = `node ${globalThis.process?.versions.node ?? "?"}`

const gateway = HttpApiBuilder.group(Admin, "gateway", (handlers) =>
  Effect.map(AdminSources, (sources) =>
    handlers
      .handle("status", ({ headers }) =>
        Effect.gen(function* () {
          const { identity, started } = sources
          const now = yield* Clock.currentTimeMillis
          return {
            instance: identity.instance,
            pid: identity.pid,
            versions: { claudex: identity.version, runtime },
            started,
            uptime_seconds: Math.max(0, now - started) / 1000,
            in_flight: sources.inFlight(),
            draining: sources.isDraining(),
            configuration: yield* configurationAt(sources, yield* placeOf(headers, sources)),
            last_hour: lastHour(sources.journal.recent(all), now)
          }
        })
      )
      .handle("reload", ({ headers }) =>
        Effect.flatMap(placeOf(headers, sources), (anchor) => configurationAt(sources, anchor, "again"))
      )
      .handle("events", () => Effect.sync(() => feed(sources)))
      .handle("document", () => Effect.sync(() => OpenApi.fromApi(Admin)))
  )
)

const profiles = HttpApiBuilder.group(Admin, "profiles", (handlers) =>
  Effect.map(AdminSources, (sources) =>
    handlers
      .handle("profiles", ({ headers }) =>
        Effect.gen(function* () {
          const settings = yield* settingsAt(sources, headers)
          const health = yield* sources.health.states
          const breakers = yield* sources.breakers.states
          const records = sources.journal.recent(all)
          const now = yield* Clock.currentTimeMillis
          return {
            profiles: settings.profiles.map((profile) =>
              profileView(profile, { health: health.get(profile.name), breakers, records, now })
            )
          }
        })
      )
      .handle("reset", ({ headers, path, urlParams }) =>
        Effect.gen(function* () {
          const settings = yield* settingsAt(sources, headers)
          if (!settings.profiles.some(({ name }) => name === path.profile)) {
            return yield* Effect.fail(notFound(`claudex has no profile "${path.profile}"`))
          }
          return { reset: yield* sources.breakers.reset(path.profile, urlParams.model) }
        })
      )
  )
)

/** Enough for a screen. */
const usualCount = 50

const requests = HttpApiBuilder.group(Admin, "requests", (handlers) =>
  Effect.map(AdminSources, ({ journal }) =>
    handlers
      .handle("requests", ({ urlParams: { limit = usualCount, profile } }) =>
        Effect.sync(() => {
          const records = journal.recent(profile === undefined ? limit : all)
          const meant = profile === undefined ? records : records.filter((record) => concerns(record, profile))
          return { requests: masked(meant.slice(0, limit)) }
        })
      )
      .handle("request", ({ path }) =>
        Either.match(pick(journal.recent(all), path.id), {
          onLeft: ({ _tag, message }) => Effect.fail(_tag === "Several" ? invalid(message) : notFound(message)),
          onRight: (record) => Effect.succeed(masked(record))
        })
      )
  )
)

export const groups = [gateway, profiles, requests] as const
