/**
 * The variables of the sessions that use this gateway: it may have been started elsewhere, without the keys that
 * profiles refer to. Kept in memory, lost with the process, and used for nothing but filling in profiles.
 */
import { Context, Effect, Layer } from "effect"
import { Environment, type EnvironmentRecord } from "../config/Environment.ts"

const make = Effect.gen(function* () {
  const own = yield* Environment
  let merged: EnvironmentRecord = own
  const lentNames = new Set<string>()
  return {
    current: () => merged,
    names: () => lentNames,
    lend: (variables: EnvironmentRecord) =>
      Effect.sync(() => {
        // What the latest session says is the freshest.
        merged = { ...merged, ...variables }
        for (const name of Object.keys(variables)) lentNames.add(name)
      })
  }
})

/** The variables that profiles refer to: the gateway's own and those that its sessions lent it. */
export class LentEnvironment extends Context.Tag("claudex/LentEnvironment")<
  LentEnvironment,
  {
    /** The gateway's own variables, overlaid by all that were lent. */
    readonly current: () => EnvironmentRecord
    /** The names of all that were lent. */
    readonly names: () => ReadonlySet<string>
    readonly lend: (variables: EnvironmentRecord) => Effect.Effect<void>
  }
>() {
  static readonly layer: Layer.Layer<LentEnvironment, never, Environment> = Layer.effect(LentEnvironment, make)
}
