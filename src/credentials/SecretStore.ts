/**
 * Where secrets are kept that stand in no configuration: in the system's keyring, or, where there is none that works, in a
 * file that only the user may read. Read wherever a profile names one by `api_key_keyring`.
 *
 * Invariants: what was stored last is what is read, also when the keyring came or went in between; neither an error nor a log
 * holds a secret.
 */
import { FileSystem, Path } from "@effect/platform"
import { Context, Duration, Effect, Layer, Option, Redacted } from "effect"
import { Paths } from "../config/Paths.ts"
import { type Limits, locked } from "../machine/Lock.ts"
import { lookAt } from "../machine/lookAt.ts"
import { refusedWhy } from "../machine/refused.ts"
import { type Keyring, KeyringFailure, systemKeyring } from "./keyring.ts"
import { accountsIn, readSecrets, type Secrets, SecretStoreError, secretsVersion, writeSecrets } from "./secretFile.ts"

export type SecretPlace = "keyring" | "file"

export interface Stored {
  readonly place: SecretPlace
  /** The file, where it is that. */
  readonly file: string
  /** Why it is not the keyring, where that was wanted. */
  readonly reason?: string
}

/** The account of a profile's API key, unless the profile names another one. */
export const keyAccount = (profile: string): string => `${profile}-api-key`

const keptIn = ({ secrets }: Secrets, account: string) => secrets.find((kept) => kept.account === account)

const without = (content: Secrets, account: string): Secrets => ({
  secrets: content.secrets.filter((kept) => kept.account !== account),
  keyring: content.keyring.filter((name) => name !== account)
})

const inKeyring = (content: Secrets, account: string): Secrets => {
  const rest = without(content, account)
  return { ...rest, keyring: [...rest.keyring, account] }
}

const inFile = (content: Secrets, account: string, secret: Redacted.Redacted<string>): Secrets => ({
  ...content,
  secrets: [...without(content, account).secrets, { account, secret: Redacted.value(secret) }]
})

/** No keyring takes longer, and even that is waited for. */
const limits: Limits = { longest: Duration.seconds(60), patience: Duration.seconds(70) }

const make = (keyring: Keyring) =>
  Effect.gen(function* () {
    const disk = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
    const path = yield* Path.Path
    const { stateDir } = yield* Paths
    const file = path.join(stateDir, "secrets.json")

    const alone = <A>(
      use: (content: Secrets) => Effect.Effect<A, SecretStoreError, FileSystem.FileSystem | Path.Path>
    ) =>
      locked(`${file}.lock`, limits, Effect.flatMap(readSecrets(file), use)).pipe(
        Effect.catchAll((error) =>
          error._tag === "SecretStoreError"
            ? error
            : Effect.flatMap(
                lookAt(stateDir),
                (next) =>
                  new SecretStoreError({ message: `Keys cannot be kept in ${file}: ${refusedWhy(error)}.`, next })
              )
        ),
        Effect.provide(disk)
      )

    /** What cannot be read again was not kept. */
    const putInKeyring = (account: string, secret: Redacted.Redacted<string>) =>
      Effect.gen(function* () {
        yield* keyring.set(account, secret)
        const kept = Option.map(yield* keyring.get(account), Redacted.value)
        if (Option.getOrUndefined(kept) !== Redacted.value(secret)) {
          return yield* new KeyringFailure({ reason: "it does not keep what it is given" })
        }
      })

    const get: typeof SecretStore.Service.get = (account) =>
      Effect.gen(function* () {
        const content = yield* readSecrets(file)
        const kept = keptIn(content, account)
        if (kept !== undefined) return Option.some(Redacted.make(kept.secret))
        return yield* Effect.catchAll(keyring.get(account), ({ reason }) =>
          content.keyring.includes(account)
            ? new SecretStoreError({ message: `The system keyring cannot be read: ${reason}.` })
            : Effect.succeedNone
        )
      }).pipe(Effect.provide(disk))

    const set: typeof SecretStore.Service.set = (account, secret, place) =>
      alone((content) =>
        Effect.gen(function* () {
          const tried = place === "file" ? undefined : yield* Effect.either(putInKeyring(account, secret))
          if (tried?._tag === "Right") {
            yield* writeSecrets(file, inKeyring(content, account))
            return { place: "keyring", file } satisfies Stored
          }
          if (place === "keyring" && tried !== undefined) {
            return yield* new SecretStoreError({ message: `The system keyring cannot be used: ${tried.left.reason}.` })
          }
          yield* writeSecrets(file, inFile(content, account, secret))
          return { place: "file", file, ...(tried === undefined ? {} : { reason: tried.left.reason }) } satisfies Stored
        })
      )

    const remove: typeof SecretStore.Service.remove = (account) =>
      alone((content) =>
        Effect.gen(function* () {
          const listed = content.keyring.includes(account)
          const kept = keptIn(content, account) !== undefined
          const removed = yield* Effect.catchAll(keyring.remove(account), ({ reason }) =>
            listed
              ? new SecretStoreError({ message: `"${account}" cannot be taken out of the system keyring: ${reason}.` })
              : Effect.succeed(false)
          )
          if (listed || kept) yield* writeSecrets(file, without(content, account))
          return kept || removed
        })
      )

    const accounts = Effect.map(readSecrets(file), accountsIn).pipe(Effect.provide(disk))

    const kind = Effect.match(keyring.get("probe"), {
      onFailure: (): SecretPlace => "file",
      onSuccess: (): SecretPlace => "keyring"
    })

    return SecretStore.of({ get, set, remove, accounts, kind, version: Effect.provide(secretsVersion(file), disk) })
  })

export class SecretStore extends Context.Tag("claudex/SecretStore")<
  SecretStore,
  {
    /** None when there is none of that account. */
    readonly get: (account: string) => Effect.Effect<Option.Option<Redacted.Redacted<string>>, SecretStoreError>
    /**
     * Keeps a secret in place of the one before: in the keyring, else in the file; or where it is told to, and nowhere
     * else. Answers where.
     */
    readonly set: (
      account: string,
      secret: Redacted.Redacted<string>,
      place?: SecretPlace
    ) => Effect.Effect<Stored, SecretStoreError>
    /** False when there was none. */
    readonly remove: (account: string) => Effect.Effect<boolean, SecretStoreError>
    /** Of all secrets that claudex has stored, as far as it knows: those that are in the keyring too. */
    readonly accounts: Effect.Effect<ReadonlyArray<string>, SecretStoreError>
    /** Where the next secret will be kept. */
    readonly kind: Effect.Effect<SecretPlace>
    /** Differs after claudex stored or removed a secret, here or in another process. Costs one look at the disk. */
    readonly version: Effect.Effect<string>
  }
>() {
  /** With another keyring than that of this machine. */
  static readonly layerWith = (
    keyring: Keyring
  ): Layer.Layer<SecretStore, never, Paths | FileSystem.FileSystem | Path.Path> =>
    Layer.effect(SecretStore, make(keyring))

  static readonly layer = SecretStore.layerWith(systemKeyring)
}
