/** Adds a profile together with the key that was typed for it: both, or neither. */
import { Effect, Option, Redacted } from "effect"
import type { NewProfile } from "../../config/ConfigEdit.ts"
import type { FileLayer } from "../../config/LoadedConfig.ts"
import { type SecretPlace, SecretStore } from "../../credentials/SecretStore.ts"
import type { SecretStoreError } from "../../credentials/secretFile.ts"
import { add } from "../editing.ts"
import { storedPlace } from "../keyPlace.ts"
import { Failure } from "../output.ts"
import { patiently } from "../progress.ts"
import { withEntry } from "./keyQuestions.ts"
import type { NewKey } from "./newKey.ts"

/** What the keyring, or the disk, refuses. */
const notKept = ({ message, next }: SecretStoreError) =>
  new Failure({ message: `Nothing was written, for the key cannot be kept. ${message}`, next, code: 1 })

/** The key as a value of the configuration, in which `${` begins the name of a variable. */
export const asValue = (key: Redacted.Redacted<string>): string => Redacted.value(key).replaceAll("${", () => "$${")

const inConfig = (profile: NewProfile, { key }: NewKey, layer: FileLayer | undefined) =>
  Effect.map(add(withEntry(profile, "api_key", asValue(key)), layer), (edited) => ({
    edited,
    place: "Its key is in that file too, which nobody but you can read."
  }))

/** The key is stored first: a profile without it would be of no use. What stood there before stands there again after a failure. */
const inStore = (profile: NewProfile, { account, key }: NewKey, place: SecretPlace, layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    const store = yield* SecretStore
    const before = yield* Effect.mapError(store.get(account), notKept)
    const putBack = Option.isNone(before)
      ? Effect.ignore(store.remove(account))
      : Effect.ignore(store.set(account, before.value))
    // whoever interrupts while it is added would have a profile without its key
    return yield* Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const storing = patiently(store.set(account, key, place), "Storing the key")
        const stored = yield* restore(Effect.mapError(storing, notKept))
        const edited = yield* add(withEntry(profile, "api_key_keyring", account), layer)
        return { edited, place: storedPlace(profile.name, account, stored) }
      }).pipe(Effect.onError(() => putBack))
    )
  })

/** Answers what was edited, and in words where the key is. */
export const addWithKey = (profile: NewProfile, newKey: NewKey, layer: FileLayer | undefined) =>
  newKey.home === "config" ? inConfig(profile, newKey, layer) : inStore(profile, newKey, newKey.home, layer)
