/**
 * A profile's API key, and the environment variables a profile wants.
 *
 * The environment is an argument: the background gateway answers for sessions whose variables it does not have, and
 * asks with its own environment overlaid by what the session lent it (the variables of `environmentNames`).
 */
import { Data, Effect, Either, Option, Redacted } from "effect"
import { type EnvironmentRecord, variable } from "../config/Environment.ts"
import { fillIn, variablesIn } from "../config/interpolation.ts"
import type { Profile } from "../domain/Profile.ts"
import { isAnthropicApi } from "../provider/endpoint.ts"

/**
 * What stands under an account of the keyring, or of the file in its place; None when nothing does. Fails with words when
 * that cannot be said.
 */
export type KeyLookup = (
  account: string
) => Effect.Effect<Option.Option<Redacted.Redacted<string>>, { readonly message: string; readonly next?: string }>

/** Where no secrets are kept. */
export const noKeys: KeyLookup = () => Effect.succeedNone

/** A profile says where its key is, and it is not there. The message names what to type next; it holds no secret. */
export class MissingKey extends Data.TaggedError("MissingKey")<{
  readonly profile: string
  /** The environment variable that was expected to hold it; absent when the key is elsewhere. */
  readonly variable?: string
  /** Why it is not in the keyring, or the file in its place, and what to type about that; absent when it is elsewhere. */
  readonly stored?: { readonly reason: string; readonly next: string }
  readonly message: string
}> {}

const notSet = (profile: Profile, name: string): MissingKey =>
  new MissingKey({
    profile: profile.name,
    variable: name,
    message: `Profile "${profile.name}" takes its API key from the environment variable ${name}, which is not set. Type: export ${name}=...`
  })

const wordOf = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`)

/** What puts a profile's key where the profile says it is. */
export const setKeyCommand = ({ name }: Profile): string => `claudex profile set-key ${wordOf(name)}`

const notStored = (profile: Profile, reason: string, next = setKeyCommand(profile)): MissingKey =>
  new MissingKey({
    profile: profile.name,
    stored: { reason, next },
    message: `Profile "${profile.name}" has its API key stored by claudex: ${reason}. Type: ${next}`
  })

const keptKey = (profile: Profile, account: string, keys: KeyLookup) =>
  Effect.matchEffect(keys(account), {
    onFailure: ({ message, next }) => Effect.fail(notStored(profile, message.replace(/\.$/, ""), next)),
    onSuccess: (secret) => {
      const key = Option.flatMap(secret, (kept) => keyOf(Redacted.value(kept)))
      return Option.isSome(key)
        ? Effect.succeed(key)
        : Effect.fail(notStored(profile, `there is none under "${account}"`))
    }
  })

const noKey = (profile: Profile): MissingKey =>
  new MissingKey({
    profile: profile.name,
    message: `Profile "${profile.name}" names no API key, and Anthropic's API takes no request without one. Name the environment variable that holds it in the profile: api_key_env, or set api_key`
  })

/** Headers in which a profile may bring its own credential. */
const credential = /^(authorization|x-api-key)$/i

const needsKey = (profile: Profile): boolean =>
  isAnthropicApi(profile) && !Object.keys(profile.customHeaders).some((name) => credential.test(name))

/** A key from a file or a command often ends in a line break; an empty one is how older files say that there is none. */
const keyOf = (text: string): Option.Option<Redacted.Redacted<string>> => {
  const key = text.trim()
  return key === "" ? Option.none() : Option.some(Redacted.make(key))
}

/**
 * The key of a profile: `api_key`, else the variable named by `api_key_env`, else what `keys` has under `api_key_keyring`. None when the profile names no key at all,
 * as local servers need none; Anthropic's own API does.
 */
export const resolveApiKey = (
  profile: Profile,
  environment: EnvironmentRecord,
  keys: KeyLookup
): Effect.Effect<Option.Option<Redacted.Redacted<string>>, MissingKey> => {
  const written = profile.apiKey === undefined ? "" : Redacted.value(profile.apiKey)
  if (written.trim() !== "") {
    return Either.mapBoth(fillIn(written, environment), { onLeft: (name) => notSet(profile, name), onRight: keyOf })
  }
  if (profile.apiKeyEnv !== undefined) {
    const found = Option.flatMap(Option.fromNullable(variable(environment, profile.apiKeyEnv)), keyOf)
    return Option.isSome(found) ? Effect.succeed(found) : Effect.fail(notSet(profile, profile.apiKeyEnv))
  }
  if (profile.apiKeyKeyring !== undefined) return keptKey(profile, profile.apiKeyKeyring, keys)
  return needsKey(profile) ? Effect.fail(noKey(profile)) : Effect.succeedNone
}

/** The texts of a profile in which `${NAME}` may stand. */
const texts = (profile: Profile): ReadonlyArray<string> => [
  profile.baseUrl,
  profile.defaultModel,
  ...Object.values(profile.models),
  ...Object.values(profile.extraEnv),
  ...Object.values(profile.queryParams),
  ...Object.values(profile.customHeaders).map(Redacted.value),
  ...(profile.apiKey === undefined ? [] : [Redacted.value(profile.apiKey)])
]

/** The environment variables a profile refers to, by `api_key_env` or `${NAME}`: what is lent to a running gateway. */
export const environmentNames = (profile: Profile): ReadonlyArray<string> => [
  ...new Set([...texts(profile).flatMap(variablesIn), ...(profile.apiKeyEnv === undefined ? [] : [profile.apiKeyEnv])])
]
