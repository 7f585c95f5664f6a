import { Effect, Either, Layer, Option, Redacted, Schema } from "effect"
import { Config } from "../../config/Config.ts"
import { Environment } from "../../config/Environment.ts"
import { keyPath } from "../../config/keyPath.ts"
import type { MissingKey } from "../../credentials/ApiKey.ts"
import { resolveApiKey } from "../../credentials/ApiKey.ts"
import { keyState } from "../../credentials/keyState.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { fillProfile } from "../../credentials/resolveProfile.ts"
import { type Profile, usesClaudeLogin } from "../../domain/Profile.ts"
import { UnknownProfile } from "../../launcher/profiles.ts"
import { withoutAliases } from "../../provider/models.ts"
import { shellWord } from "../../launcher/shell.ts"
import { failureOf } from "../failures.ts"
import { keyPlace } from "../keyPlace.ts"
import { ConfigOption, print, remark, withConfig } from "../output.ts"
import { profileReport, type ProfileReport } from "../profileReport.ts"
import { ProfileView, profileView } from "../profileView.ts"
import { mayReveal } from "../reveal.ts"
import { Where } from "../services.ts"

interface Options {
  readonly profile: string
  readonly model: Option.Option<string>
  readonly all: boolean
  readonly json: boolean
  readonly reveal: boolean
}

type Found = Either.Either<Option.Option<Redacted.Redacted<string>>, MissingKey>

/** Where the key is, without it; a missing one is no reason not to show the rest. */
const placeOf = (profile: Profile, found: Found): string => {
  if (usesClaudeLogin(profile)) return "none of yours: Claude Code uses its own login"
  if (profile.authType === "oauth") return `a login at ${profile.oauthProvider ?? "the provider"}`
  if (Either.isRight(found)) return Option.isSome(found.right) ? keyPlace(profile) : "none"
  const { stored, variable } = found.left
  if (variable !== undefined) return `missing: ${variable} is not set`
  return stored === undefined
    ? "missing: name its variable in api_key_env"
    : `missing: ${stored.reason}; ${stored.next}`
}

const keyIn = (found: Found): string | undefined =>
  Option.getOrUndefined(Option.map(Option.flatten(Either.getRight(found)), Redacted.value))

const encode = Schema.encodeSync(Schema.parseJson(ProfileView, { space: 2 }))

/** `claudex profile show`: what the profile comes to, whether it is enabled or not, and its variables are set or not. */
export const handle = (options: Options) =>
  Effect.gen(function* () {
    const environment = yield* Environment
    const keys = (yield* SecretStore).get
    const { origin, settings } = yield* (yield* Config).load(yield* Where)
    const found = settings.profiles.find(({ name }) => name === options.profile)
    if (found === undefined) {
      const known = settings.profiles.map((profile) => profile.name)
      return yield* new UnknownProfile({ name: options.profile, known, command: "profile show" })
    }
    const filled = fillProfile(found, environment)
    const profile = withoutAliases(filled.profile, settings.modelAliases)
    const key = yield* Effect.either(resolveApiKey(profile, environment, keys))
    const isSeen =
      options.reveal &&
      (yield* mayReveal(`the profile "${profile.name}"`, `claudex profile show ${shellWord(profile.name)}`))
    yield* Effect.forEach(filled.missing, ({ message }) => remark(message), { discard: true })
    const report: ProfileReport = {
      profile,
      missing: filled.missing,
      key: withConfig(placeOf(profile, key), yield* ConfigOption),
      model: Option.getOrUndefined(options.model),
      settings,
      all: options.all,
      revealed: isSeen ? { key: keyIn(key) } : undefined
    }
    if (!options.json) return yield* print(profileReport(report).join("\n"))
    const state = yield* keyState(profile, environment, keys)
    yield* print(encode(profileView(report, state, origin(keyPath(["profiles", profile.name])))))
  }).pipe(
    Effect.mapError((error) => (error._tag === "Failure" ? error : failureOf(error))),
    Effect.provide(Layer.merge(Config.layer, SecretStore.layer))
  )
