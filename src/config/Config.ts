/**
 * The user's configuration, discovered from a place on disk, merged, decoded and with the origin of every value.
 *
 * Invariants: loading never writes; a secret never appears in an error; all faults of all files are reported at once;
 * what a project file may not decide alone has the user's consent.
 */
import { FileSystem, Path } from "@effect/platform"
import { Clock, Context, Effect, Either, Layer, Option } from "effect"
import { assemble } from "./assemble.ts"
import { candidatesOf, discover, pathsOf } from "./discovery.ts"
import { Environment } from "./Environment.ts"
import { ConfigError, type ConfigFault, faultAt } from "./errors.ts"
import { guardedIn } from "./guarded.ts"
import type { ConfigFile } from "./ConfigFile.ts"
import type { Anchor, LoadedConfig } from "./LoadedConfig.ts"
import { Paths } from "./Paths.ts"
import { readFile } from "./readFile.ts"
import { isUnchanged, type Survey, survey } from "./survey.ts"
import { Trust } from "./Trust.ts"

export type { Anchor, FileLayer, LoadedConfig, Origin, PassedOver } from "./LoadedConfig.ts"

/** The configuration that holds at a place: `layer` discovers it on disk, `layerOf` holds the settings of a program. */
export class Config extends Context.Tag("claudex/Config")<
  Config,
  {
    /**
     * Loads (or returns the cached, still fresh) configuration for an anchor. Files are looked at again at most once a
     * second, so that a running gateway follows edits; cheap enough for every request. `again`: they are looked at now,
     * however fresh the last look is.
     */
    readonly load: (anchor: Anchor, look?: "again") => Effect.Effect<LoadedConfig, ConfigError>
  }
>() {
  static readonly layer: Layer.Layer<Config, never, Environment | FileSystem.FileSystem | Path.Path | Paths> =
    Layer.effect(
      Config,
      Effect.suspend(() => make)
    ).pipe(Layer.provide(Trust.layer))

  /** A fixed configuration, the same for every anchor, for programs that hold their settings themselves. */
  static readonly layerOf = (settings: ConfigFile): Layer.Layer<Config> =>
    Layer.succeed(Config, {
      load: () => Effect.succeed({ settings, files: [], origin: () => ({ layer: "default" as const }) })
    })
}

/** How long an answer holds without a look at the files, in milliseconds. */
const freshFor = 1_000

/** How many anchors are remembered. A gateway serves a handful of workspaces; their number must not grow for ever. */
const capacity = 64

interface Entry {
  readonly checkedAt: number
  readonly seen: Survey
  readonly result: Either.Either<LoadedConfig, ConfigError>
}

const consentHint = 'expected your consent: read the file, then type "claudex config trust"'

const make = Effect.gen(function* () {
  const environment = yield* Environment
  const places = yield* Paths
  const trust = yield* Trust
  const path = yield* Path.Path
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()

  /** Entries in the order of their last use; each anchor's semaphore lets concurrent loads share one. */
  const entries = new Map<string, { readonly mutex: Effect.Semaphore; current?: Entry }>()

  const slotOf = (key: string) => {
    const slot = entries.get(key) ?? { mutex: Effect.unsafeMakeSemaphore(1) }
    entries.delete(key)
    entries.set(key, slot)
    const [oldest] = entries.keys()
    if (entries.size > capacity && oldest !== undefined) entries.delete(oldest)
    return slot
  }

  const evaluate = (candidates: ReturnType<typeof candidatesOf>, seen: Survey) =>
    Effect.gen(function* () {
      const { faults, files, passedOver } = yield* discover(candidates, seen)
      const read = yield* Effect.forEach(files, readFile)
      const project = files.find(({ layer }) => layer === "project")
      const guarded = guardedIn(read)
      const trusted = project === undefined || (yield* trust.isTrusted(project.real, guarded))
      const untrusted = trusted ? [] : guarded
      return Either.mapBoth(
        assemble(read, environment, [
          ...faults,
          ...untrusted.map((key): ConfigFault =>
            faultAt(key.origin, key.path, `is set by a project file that you have not agreed to, ${consentHint}`)
          )
        ]),
        {
          onLeft: (found) => new ConfigError({ faults: found }),
          onRight: (loaded): LoadedConfig => (passedOver.length === 0 ? loaded : { ...loaded, passedOver })
        }
      )
    })

  const refresh = (anchor: Anchor, slot: ReturnType<typeof slotOf>, now: number) =>
    Effect.gen(function* () {
      const candidates = candidatesOf(anchor, places, path)
      const paths = [...pathsOf(candidates), trust.store]
      const { current } = slot
      const seen = yield* survey(paths, now, current?.seen)
      const result =
        current !== undefined && isUnchanged(paths, current.seen, seen)
          ? current.result
          : yield* evaluate(candidates, seen)
      slot.current = { checkedAt: now, seen, result }
      return result
    })

  const fresh = (slot: ReturnType<typeof slotOf>, now: number) =>
    slot.current !== undefined && Math.abs(now - slot.current.checkedAt) < freshFor ? slot.current.result : undefined

  const load = (anchor: Anchor, look?: "again"): Effect.Effect<LoadedConfig, ConfigError> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const slot = slotOf(`${anchor.cwd}\0${Option.getOrElse(anchor.explicit, () => "")}`)
      if (look === "again" && slot.current !== undefined) slot.current = { ...slot.current, checkedAt: -Infinity }
      return (
        fresh(slot, now) ??
        slot.mutex
          .withPermits(1)(
            Effect.suspend(() => {
              const shared = fresh(slot, now)
              return shared === undefined ? refresh(anchor, slot, now) : Effect.succeed(shared)
            })
          )
          .pipe(Effect.flatten, Effect.provide(context))
      )
    })

  return { load }
})
