import { Effect, Layer, Option, Redacted } from "effect"
import { Config } from "../../config/Config.ts"
import { editTogether } from "../../config/ConfigEdit.ts"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { type Profile, usesClaudeLogin } from "../../domain/Profile.ts"
import { UnknownProfile } from "../../launcher/profiles.ts"
import { shellWord } from "../../launcher/shell.ts"
import { isOffline } from "../../provider/endpoint.ts"
import { canAnswer } from "../ask.ts"
import { aftercare, alone, canEdit, keyTarget, refusal, tellLeftKey, whereTold } from "../editing.ts"
import { failureOf } from "../failures.ts"
import { storedPlace } from "../keyPlace.ts"
import { Failure, print, remark } from "../output.ts"
import { keyChanges, shownChanges } from "../profileChanges.ts"
import { pipedSecret } from "../secretInput.ts"
import { Where } from "../services.ts"
import { entryOf, keptWith, type NewKey } from "../wizard/keepKey.ts"
import { freeAccount, shownEntry } from "../wizard/keyQuestions.ts"

const keyless = (name: string, why: string) =>
  new Failure({ message: `Profile "${name}" takes no key: ${why}.`, code: 2 })

/** The profile, if it is one that a key is of use to. */
const profileFor = ({ profiles }: ConfigFile, name: string) =>
  Effect.gen(function* () {
    const profile = profiles.find((one) => one.name === name)
    if (profile === undefined) {
      const known = profiles.map((one) => one.name)
      return yield* failureOf(new UnknownProfile({ name, known, command: "profile set-key" }))
    }
    if (isOffline(profile)) return yield* keyless(name, "it answers inside claudex")
    if (usesClaudeLogin(profile)) return yield* keyless(name, "Claude Code uses its own login")
    return profile
  })

const cannotAsk = (name: string) =>
  new Failure({
    message: "A key is asked for where both its input and its output are a terminal; elsewhere it is piped in.",
    next: `claudex profile set-key ${shellWord(name)} --stdin < FILE`,
    code: 2
  })

/** The key that is piped in, or asked for on a terminal. That the profile can be made to use it is known before. */
const newKeyOf = (profile: Profile, settings: ConfigFile) =>
  Effect.gen(function* () {
    const account = profile.apiKeyKeyring ?? freeAccount(settings, profile.name)
    yield* Effect.forEach(keyChanges(profile, ["api_key_keyring", account]), (change) => canEdit(change, undefined))
    if (!process.stdin.isTTY) {
      const key = Redacted.make(yield* pipedSecret)
      return { key, account, home: undefined } satisfies NewKey
    }
    if (!canAnswer()) return yield* cannotAsk(profile.name)
    const target = Option.getOrUndefined(yield* Effect.option(keyTarget(profile)))
    const { askForItsKey } = yield* Effect.promise(() => import("../wizard/setKeyWizard.ts"))
    return yield* askForItsKey(profile, settings, target)
  })

/** Has the profile take its key from where it is now, and from nowhere else; the file that said where it is goes on saying so. */
const refer = (profile: Profile, newKey: NewKey) =>
  Effect.gen(function* () {
    const changes = keyChanges(profile, entryOf(newKey))
    if (changes.length === 0) return []
    const { layer } = yield* keyTarget(profile)
    const placed = changes.map((change) => (change.value === undefined ? change : { ...change, layer }))
    return yield* alone(Effect.mapError(editTogether(yield* Where, placed), refusal))
  })

/** `claudex profile set-key`: keeps a key and has the profile use it. Never shows it. */
export const handle = (options: { readonly profile: string; readonly stdin: boolean }) =>
  Effect.gen(function* () {
    const { settings } = yield* Effect.mapError((yield* Config).load(yield* Where), failureOf)
    const profile = yield* profileFor(settings, options.profile)
    const newKey = yield* newKeyOf(profile, settings)
    const { stored, written } = yield* keptWith(newKey, refer(profile, newKey))
    if (stored?.reason !== undefined) yield* remark(`The system keyring is not used: ${stored.reason}`)
    if (stored !== undefined) yield* print(storedPlace(profile.name, newKey.account, stored))
    if (written.length === 0) return
    yield* print(whereTold(profile.name, written).join("\n"))
    const shown = keyChanges(profile, shownEntry(newKey))
    yield* print(shownChanges(shown, settings).join("\n"))
    yield* tellLeftKey(profile, shown, settings)
    yield* aftercare({ outcome: "changed" })
  }).pipe(Effect.provide(Layer.merge(Config.layer, SecretStore.layer)))
