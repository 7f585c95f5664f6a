import { Effect, Layer, Redacted } from "effect"
import { Config } from "../../config/Config.ts"
import type { Change } from "../../config/ConfigEdit.ts"
import type { FileLayer, LoadedConfig } from "../../config/LoadedConfig.ts"
import { keyAccount, SecretStore } from "../../credentials/SecretStore.ts"
import { type Profile, usesClaudeLogin } from "../../domain/Profile.ts"
import { UnknownProfile } from "../../launcher/profiles.ts"
import { isOffline } from "../../provider/endpoint.ts"
import { aftercare, canEdit, edit, told } from "../editing.ts"
import { failureOf } from "../failures.ts"
import { storedPlace } from "../keyPlace.ts"
import { Failure, print, remark } from "../output.ts"
import { secretInput } from "../secretInput.ts"
import { Where } from "../services.ts"

const keyless = (name: string, why: string) =>
  new Failure({ message: `Profile "${name}" takes no key: ${why}.`, code: 2 })

/** The profile, if it is one that a key is of use to. */
const profileFor = ({ settings }: LoadedConfig, name: string) =>
  Effect.gen(function* () {
    const profile = settings.profiles.find((one) => one.name === name)
    if (profile === undefined) {
      const known = settings.profiles.map((one) => one.name)
      return yield* failureOf(new UnknownProfile({ name, known, command: "profile set-key" }))
    }
    if (isOffline(profile)) return yield* keyless(name, "it answers inside claudex")
    if (usesClaudeLogin(profile)) return yield* keyless(name, "Claude Code uses its own login")
    return profile
  })

const changeOf = (profile: Profile, key: string, value: string | undefined): Change => ({
  path: ["profiles", profile.name, key],
  value
})

/** Where the profile says now that its key is. */
const othersOf = (profile: Profile): ReadonlyArray<string> => [
  ...(profile.apiKey === undefined ? [] : ["api_key"]),
  ...(profile.apiKeyEnv === undefined ? [] : ["api_key_env"])
]

/** Whether the profile could be made to name the key. Asked before a key is. */
const canRefer = (profile: Profile, account: string) =>
  profile.apiKeyKeyring === account
    ? Effect.void
    : Effect.forEach(
        [
          ...othersOf(profile).map((key) => changeOf(profile, key, undefined)),
          changeOf(profile, "api_key_keyring", account)
        ],
        (change) => canEdit(change, undefined)
      )

/** Has the profile take its key from where it is now, and from nowhere else. */
const refer = (profile: Profile, account: string) =>
  Effect.gen(function* () {
    if (profile.apiKeyKeyring === account) return undefined
    // the file that said where the key is goes on saying so
    let layer: FileLayer | undefined
    for (const key of othersOf(profile)) {
      const change = changeOf(profile, key, undefined)
      const edited = yield* edit(change, layer)
      layer = edited.layer
      yield* print(told(change, edited))
    }
    const change = changeOf(profile, "api_key_keyring", account)
    const edited = yield* edit(change, layer)
    yield* print(told(change, edited))
    return edited
  }).pipe(
    Effect.mapError(
      ({ code, message }) =>
        new Failure({
          message: `${message}\nThe key is stored, but the profile does not name it yet. Write into the profile, in place of api_key or api_key_env:\n  api_key_keyring = ${JSON.stringify(account)}`,
          next: "claudex config path",
          code
        })
    )
  )

/** `claudex profile set-key`: stores a key and has the profile use it. Never shows it. */
export const handle = (options: { readonly profile: string; readonly stdin: boolean }) =>
  Effect.gen(function* () {
    const loaded = yield* Effect.mapError((yield* Config).load(yield* Where), failureOf)
    const profile = yield* profileFor(loaded, options.profile)
    const store = yield* SecretStore
    const account = profile.apiKeyKeyring ?? keyAccount(profile.name)
    yield* canRefer(profile, account)
    const key = yield* secretInput(`Key of "${profile.name}" (is not shown): `)
    const stored = yield* Effect.mapError(store.set(account, Redacted.make(key)), failureOf)
    if (stored.reason !== undefined) yield* remark(`The system keyring is not used: ${stored.reason}`)
    yield* print(storedPlace(profile.name, account, stored))
    const edited = yield* refer(profile, account)
    if (edited !== undefined) yield* aftercare(edited)
  }).pipe(Effect.provide(Layer.merge(Config.layer, SecretStore.layer)))
