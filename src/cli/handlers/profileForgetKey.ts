import { Effect, Layer } from "effect"
import { Config } from "../../config/Config.ts"
import { keyPath } from "../../config/keyPath.ts"
import { nearest } from "../../config/suggest.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { shellWord } from "../../launcher/shell.ts"
import { failureOf } from "../failures.ts"
import { Failure, print } from "../output.ts"
import { Where } from "../services.ts"

const forget = "claudex profile forget-key"

const stillUsed = (key: string, profile: string) =>
  new Failure({
    message: `Nothing was changed, for the profile "${profile}" takes its key from "${key}".`,
    next: `claudex config unset ${shellWord(keyPath(["profiles", profile, "api_key_keyring"]))}`,
    code: 1
  })

const notThere = (key: string, stored: ReadonlyArray<string>) => {
  const close = nearest(key, stored)
  const others = stored.length === 0 ? "" : ` Stored are: ${stored.join(", ")}.`
  return new Failure({
    message: `There is no key stored as "${key}".${close === undefined ? others : ` Did you mean "${close}"?`}`,
    next: close === undefined ? "claudex doctor" : `${forget} ${shellWord(close)}`,
    code: 1
  })
}

/** `claudex profile forget-key`: removes a stored key that no profile of here uses. */
export const handle = ({ key }: { readonly key: string }) =>
  Effect.gen(function* () {
    const { settings } = yield* Effect.mapError((yield* Config).load(yield* Where), failureOf)
    const user = settings.profiles.find(({ apiKeyKeyring }) => apiKeyKeyring === key)
    if (user !== undefined) return yield* stillUsed(key, user.name)
    const store = yield* SecretStore
    const isGone = yield* Effect.mapError(store.remove(key), failureOf)
    if (!isGone) return yield* notThere(key, yield* Effect.mapError(store.accounts, failureOf))
    yield* print(`The key stored as "${key}" is removed.`)
  }).pipe(Effect.provide(Layer.merge(Config.layer, SecretStore.layer)))
