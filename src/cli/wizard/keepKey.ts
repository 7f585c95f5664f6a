/** Keeps a key that was typed, and writes what needs it: both, or neither. */
import { Effect, Option, Redacted } from "effect"
import { SecretStore, type Stored } from "../../credentials/SecretStore.ts"
import type { SecretStoreError } from "../../credentials/secretFile.ts"
import { Failure } from "../output.ts"
import type { KeyEntry } from "../profileChanges.ts"
import { patiently } from "../progress.ts"
import type { KeyHome } from "./keyQuestions.ts"

/** A key, and where it is to be kept. */
export interface NewKey {
  readonly key: Redacted.Redacted<string>
  /** Undefined where nobody was asked: in the keyring, or where none works in the private file. */
  readonly home: KeyHome | undefined
  /** Under which name, where that is not the configuration. */
  readonly account: string
}

/** What the keyring, or the disk, refuses. */
const notKept = ({ message, next }: SecretStoreError) =>
  new Failure({ message: `Nothing was written, for the key cannot be kept. ${message}`, next, code: 1 })

/** The key as a value of the configuration, in which `${` begins the name of a variable. */
export const asValue = (key: Redacted.Redacted<string>): string => Redacted.value(key).replaceAll("${", () => "$${")

/** What of a profile says where the key is. */
export const entryOf = ({ account, home, key }: NewKey): KeyEntry =>
  home === "config" ? ["api_key", asValue(key)] : ["api_key_keyring", account]

export interface Kept<A> {
  readonly written: A
  /** Undefined where it is in the configuration. */
  readonly stored: Stored | undefined
}

/** The key is stored first: what names it would be of no use. What stood there before stands there again after a failure. */
export const keptWith = <A, E, R>({ account, home, key }: NewKey, write: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    if (home === "config") return { written: yield* write, stored: undefined } satisfies Kept<A>
    const store = yield* SecretStore
    // what cannot be read any more is of no use to anybody
    const before = yield* Effect.option(store.get(account))
    const putBack = Option.match(Option.flatten(before), {
      onNone: () => Effect.ignore(store.remove(account)),
      onSome: (old) => Effect.ignore(store.set(account, old))
    })
    // whoever interrupts while it is written would have a profile without its key
    return yield* Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const storing = patiently(store.set(account, key, home), "Storing the key")
        const stored = yield* restore(Effect.mapError(storing, notKept))
        return { written: yield* write, stored } satisfies Kept<A>
      }).pipe(Effect.onError(() => putBack))
    )
  })
