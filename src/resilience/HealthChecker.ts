/**
 * Looks after providers that nobody asks at the moment: one cheap request that costs no tokens, the list of models, with the
 * profile's own key. Its results go to the health board and nowhere near the circuit breaker.
 */
import { Clock, Duration, Effect, Either, Option, Schedule } from "effect"
import { type Profile, usesClaudeLogin } from "../domain/Profile.ts"
import { maskSecrets } from "../protocol/errors.ts"
import { isOffline } from "../provider/endpoint.ts"
import type { UpstreamHttp, UpstreamRequest } from "../upstream/UpstreamHttp.ts"
import type { HealthBoard, Sight } from "./HealthBoard.ts"

/** Times in seconds. */
export interface HealthSettings {
  readonly enabled: boolean
  readonly interval: number
  readonly concurrent: number
  readonly timeout: number
}

/** A request that costs no tokens. */
export interface Probe {
  readonly request: UpstreamRequest
  /** What must not be told. */
  readonly secrets: ReadonlyArray<string>
}

/** What is to be looked after now; asked for before each round, so that a changed configuration is followed. */
export interface Rounds {
  readonly settings: HealthSettings
  readonly profiles: ReadonlyArray<Profile>
  /** The request that looks at a profile; fails with words when its key is missing. */
  readonly probe: (profile: Profile) => Effect.Effect<Probe, { readonly message: string }>
}

/** Nobody used the gateway for so long: then nobody wants to know. Milliseconds. */
const quietAfter = 10 * 60 * 1000

/** What an answer's status says of a provider. That it has no list of models says nothing against it. */
export const sightOf = (status: number, latency: number): Sight => {
  if (status === 401 || status === 403) return { status: "down", error: `the key is not accepted (HTTP ${status})` }
  return status >= 500 ? { status: "down", error: `HTTP ${status}` } : { status: "up", latency }
}

/** One look at a profile. */
export const look = (
  http: typeof UpstreamHttp.Service,
  made: Effect.Effect<Probe, { readonly message: string }>,
  timeout: number
): Effect.Effect<Sight> =>
  Effect.flatMap(Effect.either(made), (probe): Effect.Effect<Sight> => {
    if (Either.isLeft(probe)) return Effect.succeed({ status: "unknown", error: probe.left.message })
    const { request, secrets } = probe.right
    const down = (error: string): Sight => ({ status: "down", error: maskSecrets(error, secrets) })
    return Effect.gen(function* () {
      const before = yield* Clock.currentTimeMillis
      const { body, status } = yield* http.send(request)
      body.release("now")
      return sightOf(status, (yield* Clock.currentTimeMillis) - before)
    }).pipe(
      Effect.scoped,
      Effect.catchAll((error) => Effect.succeed(down(error.message))),
      Effect.timeoutTo({
        duration: Duration.seconds(timeout),
        onSuccess: (sight) => sight,
        onTimeout: () => down(`no answer within ${timeout} s`)
      })
    )
  })

/** Whether a profile is looked at in this round: not when requests, or the round before, have just told. */
const isDue =
  (board: typeof HealthBoard.Service, { interval }: HealthSettings, now: number) =>
  (profile: Profile) => {
    if (!profile.enabled || isOffline(profile) || usesClaudeLogin(profile)) return false
    const known = board.of(profile.name)
    return known === undefined || known.source === "probe" || now - known.checked >= interval * 1000
  }

const round = (http: typeof UpstreamHttp.Service, board: typeof HealthBoard.Service, rounds: Rounds) =>
  Effect.gen(function* () {
    const { probe, profiles, settings } = rounds
    const now = yield* Clock.currentTimeMillis
    yield* board.keepOnly(profiles.map(({ name }) => name))
    if (!settings.enabled || now - board.lastUse() > quietAfter) return
    yield* Effect.forEach(
      profiles.filter(isDue(board, settings, now)),
      (profile) =>
        Effect.flatMap(look(http, probe(profile), settings.timeout), (sight) => {
          const { checked = 0, source } = board.of(profile.name) ?? {}
          // a request told something while we looked: it knows better
          return source === "traffic" && checked > now ? Effect.void : board.probed(profile.name, sight)
        }),
      { concurrency: settings.concurrent, discard: true }
    )
  })

/** Seconds between rounds while the configuration cannot be read. */
const patience = 60

/** Goes round for ever, at jittered intervals. `rounds` is none while there is no configuration. */
export const checkHealth = (
  http: typeof UpstreamHttp.Service,
  board: typeof HealthBoard.Service,
  rounds: Effect.Effect<Option.Option<Rounds>>
): Effect.Effect<void> => {
  const interval = Effect.map(rounds, (now) =>
    Duration.seconds(Option.match(now, { onNone: () => patience, onSome: ({ settings }) => settings.interval }))
  )
  const schedule = Schedule.jittered(Schedule.addDelayEffect(Schedule.forever, () => interval))
  const once = Effect.flatMap(rounds, (now) => (Option.isNone(now) ? Effect.void : round(http, board, now.value)))
  return Effect.asVoid(Effect.schedule(once, schedule))
}
