/**
 * The configuration as a running gateway takes it: an edit counts from the next look on, unless it has faults. Then what was
 * valid before goes on holding, and the log says so, once per edit. Where nothing was valid before, the faults are an error. A
 * file that is gone may be about to come back, and counts as it was for a moment.
 */
import { Context, Effect, Layer, Option, PubSub, Schedule, Schema, Stream } from "effect"
import { type Anchor, Config, type LoadedConfig } from "../config/Config.ts"
import { ConfigFile } from "../config/ConfigFile.ts"
import type { ConfigError } from "../config/errors.ts"
import { maskSecrets } from "../protocol/errors.ts"
import { GatewaySettings } from "./GatewaySettings.ts"
import { steadyTime } from "./steady.ts"

/** Edits are noticed by the next request; without any, at the gateway's own place, at this interval. */
const looks = Schedule.spaced("2 seconds")

/** As many places as `Config` remembers. */
const capacity = 64

/** Editors and managers of dotfiles take the old file away before they put the new one in its place. Milliseconds. */
const betweenSteps = 3_000

interface Kept {
  /** The last valid state. */
  readonly good: LoadedConfig | undefined
  /** What is wrong with the files as they are. */
  readonly error: ConfigError | undefined
  /** Since when a file of the last valid state is gone, in time that only passes. */
  readonly missing?: number
}

export class SteadyConfig extends Context.Tag("claudex/gateway/SteadyConfig")<
  SteadyConfig,
  typeof Config.Service & {
    /** The configuration of the gateway's own place, whenever it changed or stopped or began to be in order. */
    readonly changes: Stream.Stream<LoadedConfig>
  }
>() {
  static readonly layer: Layer.Layer<SteadyConfig, never, Config | GatewaySettings> = Layer.scoped(
    SteadyConfig,
    Effect.suspend(() => make)
  )
}

const keyOf = ({ cwd, explicit }: Anchor): string => `${cwd}\0${Option.getOrElse(explicit, () => "")}`

/** A file that was written a moment ago is read again, and says the same. */
const isSame = (one: LoadedConfig, other: LoadedConfig): boolean =>
  one.settings === other.settings || Schema.equivalence(ConfigFile)(one.settings, other.settings)

/** A file that one had is not there for the other. */
const lacks = (one: LoadedConfig, other: LoadedConfig): boolean =>
  one.files.some(({ path }) => !other.files.some((file) => file.path === path))

const make = Effect.gen(function* () {
  const config = yield* Config
  const passed = steadyTime(yield* Effect.clock)
  const own = keyOf((yield* GatewaySettings).anchor)
  const published = yield* PubSub.sliding<LoadedConfig>(16)
  const places = new Map<string, Kept>()

  const keep = (key: string, kept: Kept): void => {
    places.delete(key)
    places.set(key, kept)
    const [oldest] = places.keys()
    if (places.size > capacity && oldest !== undefined) places.delete(oldest)
  }

  const shown = ({ good, error }: Kept): LoadedConfig | undefined =>
    good === undefined || error === undefined ? good : { ...good, stale: error }

  /** Remembers what is new, says so and answers it. */
  const changed = (key: string, kept: Kept, words: Effect.Effect<void>) =>
    Effect.suspend(() => {
      keep(key, kept)
      const now = shown(kept)
      return key === own && now !== undefined ? Effect.zipRight(words, PubSub.publish(published, now)) : words
    })

  /** What goes on holding while it is not known whether a file is gone for good. */
  const awaited = (key: string, loaded: LoadedConfig): LoadedConfig | undefined => {
    const before = places.get(key)
    if (before?.good === undefined || !lacks(before.good, loaded)) return undefined
    const missing = before.missing ?? passed()
    if (passed() - missing >= betweenSteps) return undefined
    keep(key, { ...before, missing })
    return shown(before)
  }

  const accept = (key: string, loaded: LoadedConfig) => {
    const before = places.get(key)
    if (before?.good !== undefined && before.error === undefined && isSame(before.good, loaded)) {
      // each request comes by here: only what is new is remembered
      if (before.good.settings !== loaded.settings || before.missing !== undefined)
        keep(key, { good: loaded, error: undefined })
      return Effect.succeed(loaded)
    }
    const words =
      before === undefined
        ? Effect.void
        : Effect.logInfo(
            before.error === undefined
              ? "The configuration has changed and is in effect"
              : "The configuration is in order again and in effect"
          )
    return Effect.as(changed(key, { good: loaded, error: undefined }, words), loaded)
  }

  const faulty = (key: string, error: ConfigError) => {
    const before = places.get(key)
    const kept = { good: before?.good, error }
    const now = shown(kept)
    const holds = now === undefined ? "" : "; the one before goes on holding"
    // one file is part of the configuration of many places
    const isSaid = [...places.values()].some((other) => other.error?.message === error.message)
    const words = isSaid
      ? Effect.void
      : Effect.logWarning(`The configuration has errors${holds}\n${maskSecrets(error.message)}`)
    return Effect.zipRight(
      before?.error === error ? Effect.void : changed(key, kept, words),
      now === undefined ? Effect.fail(error) : Effect.succeed(now)
    )
  }

  const load = (anchor: Anchor, look?: "again"): Effect.Effect<LoadedConfig, ConfigError> => {
    const key = keyOf(anchor)
    return Effect.matchEffect(config.load(anchor, look), {
      onFailure: (error) => faulty(key, error),
      onSuccess: (loaded) => {
        // who asks to look again has made up their mind
        const former = look === undefined ? awaited(key, loaded) : undefined
        return former === undefined ? accept(key, loaded) : Effect.succeed(former)
      }
    })
  }

  const { anchor } = yield* GatewaySettings
  yield* Effect.forkScoped(Effect.repeat(Effect.ignore(load(anchor)), looks))
  return { load, changes: Stream.fromPubSub(published) }
})
