/**
 * The variables of the sessions that use this gateway: it may have been started elsewhere, without the keys that
 * profiles refer to, and sessions may mean different keys and addresses by the same names. What a session lent holds for
 * its own requests. Kept in memory, lost with the process, and used for nothing but filling in profiles.
 */
import { Context, Effect, Layer } from "effect"
import { Environment, type EnvironmentRecord } from "../config/Environment.ts"

/** Sessions with the same variables share one name: so many different ones are not in use at a time. */
const capacity = 512
const longestName = 128

/** The same object where nothing changes: whatever was made of it still holds. */
const overlaid = (below: EnvironmentRecord, variables: EnvironmentRecord): EnvironmentRecord =>
  Object.entries(variables).every(([name, value]) => Object.hasOwn(below, name) && below[name] === value)
    ? below
    : { ...below, ...variables }

const isSame = (one: EnvironmentRecord, other: EnvironmentRecord): boolean => {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}

const make = Effect.gen(function* () {
  const own = yield* Environment
  let latest: EnvironmentRecord = own
  const lentNames = new Set<string>()
  /** By the names under which they were lent; the one that was used last is the last. */
  const kept = new Map<string, EnvironmentRecord>()

  const keep = (name: string, environment: EnvironmentRecord): void => {
    kept.delete(name)
    kept.set(name, environment)
    const [oldest] = kept.keys()
    if (kept.size > capacity && oldest !== undefined) kept.delete(oldest)
  }

  return {
    current: () => latest,
    names: () => lentNames,
    of: (name: string): EnvironmentRecord | undefined => {
      if (name === "") return latest
      const known = kept.get(name)
      if (known !== undefined) keep(name, known)
      return known
    },
    lend: (variables: EnvironmentRecord, name = "") =>
      Effect.sync(() => {
        // What the latest session says is the freshest.
        latest = overlaid(latest, variables)
        for (const variable of Object.keys(variables)) lentNames.add(variable)
        if (name === "" || name.length > longestName) return
        const before = kept.get(name)
        const now = overlaid(own, variables)
        keep(name, before !== undefined && isSame(before, now) ? before : now)
      })
  }
})

/** The variables that profiles refer to: the gateway's own and those that its sessions lent it. */
export class LentEnvironment extends Context.Tag("claudex/LentEnvironment")<
  LentEnvironment,
  {
    /** The gateway's own variables, overlaid by all that were lent: for whoever is no session. */
    readonly current: () => EnvironmentRecord
    /** The names of all variables that were lent. */
    readonly names: () => ReadonlySet<string>
    /**
     * The gateway's own variables, overlaid by what was lent under the name alone; `current` for "". Undefined where nothing
     * was: those of other sessions never hold for one that says that it has its own.
     */
    readonly of: (name: string) => EnvironmentRecord | undefined
    /** `name`: which the requests of the session say too. */
    readonly lend: (variables: EnvironmentRecord, name?: string) => Effect.Effect<void>
  }
>() {
  static readonly layer: Layer.Layer<LentEnvironment, never, Environment> = Layer.effect(LentEnvironment, make)
}
