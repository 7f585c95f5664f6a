import { Effect, Layer, Option } from "effect"
import { Config } from "../../config/Config.ts"
import { Environment, type EnvironmentRecord } from "../../config/Environment.ts"
import { type KeyLookup, resolveApiKey } from "../../credentials/ApiKey.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { resolveProfile } from "../../credentials/resolveProfile.ts"
import { type Profile, usesClaudeLogin } from "../../domain/Profile.ts"
import { UnknownProfile } from "../../launcher/profiles.ts"
import { failureOf } from "../failures.ts"
import { keyPlace } from "../keyPlace.ts"
import { print } from "../output.ts"
import { profileReport } from "../profileReport.ts"
import { Where } from "../services.ts"

/** Where the key is, without it; a missing one is no reason not to show the rest. */
const keyOf = (profile: Profile, environment: EnvironmentRecord, keys: KeyLookup): Effect.Effect<string> => {
  if (usesClaudeLogin(profile)) return Effect.succeed("none of yours: Claude Code uses its own login")
  if (profile.authType === "oauth") return Effect.succeed(`a login at ${profile.oauthProvider ?? "the provider"}`)
  return Effect.match(resolveApiKey(profile, environment, keys), {
    onFailure: ({ stored, variable }) => {
      if (variable !== undefined) return `missing: ${variable} is not set`
      return stored === undefined
        ? "missing: name its variable in api_key_env"
        : `missing: ${stored.reason}; ${stored.next}`
    },
    onSuccess: (key) => (Option.isSome(key) ? keyPlace(profile) : "none")
  })
}

/** `claudex profile show`: what the profile comes to, whether it is enabled or not. */
export const handle = (options: {
  readonly profile: string
  readonly model: Option.Option<string>
  readonly all: boolean
}) =>
  Effect.gen(function* () {
    const environment = yield* Environment
    const { settings } = yield* (yield* Config).load(yield* Where)
    const found = settings.profiles.find((profile) => profile.name === options.profile)
    if (found === undefined) {
      const known = settings.profiles.map((profile) => profile.name)
      return yield* new UnknownProfile({ name: options.profile, known, command: "profile show" })
    }
    const profile = yield* resolveProfile(found, environment)
    const key = yield* keyOf(profile, environment, (yield* SecretStore).get)
    const model = Option.getOrUndefined(options.model)
    yield* print(profileReport({ profile, key, model, settings, all: options.all }).join("\n"))
  }).pipe(Effect.mapError(failureOf), Effect.provide(Layer.merge(Config.layer, SecretStore.layer)))
