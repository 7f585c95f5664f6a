/** What each profile needs to be asked, and what its provider answers. */
import { Either, type Option } from "effect"
import type { MissingKey } from "../../credentials/ApiKey.ts"
import type { MissingVariable } from "../../credentials/resolveProfile.ts"
import { type Profile, usesClaudeLogin } from "../../domain/Profile.ts"
import { shellWord } from "../../launcher/shell.ts"
import type { TransportFailure } from "../../protocol/errors.ts"
import { isOffline } from "../../provider/endpoint.ts"
import type { Sight } from "../../resilience/HealthBoard.ts"
import { duration, elapsed } from "../text.ts"
import { type Check, fail, ok, warn } from "./check.ts"

/** Whether somebody is asked over the network for the profile, by claudex. */
export const isAsked = (profile: Profile): boolean => !isOffline(profile) && !usesClaudeLogin(profile)

/** The variables that its values refer to. Undefined where there is nothing to say. */
export const variableCheck = (resolved: Either.Either<Profile, MissingVariable>): Check | undefined =>
  Either.isRight(resolved)
    ? undefined
    : fail(
        { check: "profile", profile: resolved.left.profile },
        `${resolved.left.key} refers to the environment variable ${resolved.left.variable}, which is not set`,
        `export ${resolved.left.variable}=...`
      )

const keyPlace = ({ apiKey, apiKeyEnv }: Profile): string => {
  if (apiKey !== undefined) return "in the configuration"
  return apiKeyEnv === undefined ? "there" : `in the environment variable ${apiKeyEnv}`
}

const nameIt = "Name the environment variable that holds a key or token in the profile: api_key_env"

/** Whether the key is there. Undefined for a profile that needs none by its nature. */
export const keyCheck = (
  profile: Profile,
  key: Either.Either<Option.Option<unknown>, MissingKey>
): Check | undefined => {
  const subject = { check: "key", profile: profile.name } as const
  if (isOffline(profile)) return undefined
  if (usesClaudeLogin(profile)) return ok(subject, "none of yours: Claude Code uses its own login")
  if (Either.isRight(key)) {
    if (key.right._tag === "Some") return ok(subject, keyPlace(profile))
    return profile.authType === "oauth"
      ? warn(subject, `a login at ${profile.oauthProvider ?? "the provider"}, which claudex cannot use yet`, nameIt)
      : ok(subject, "none, and none is named")
  }
  const { message, variable } = key.left
  if (variable !== undefined) {
    return fail(subject, `the environment variable ${variable} is not set`, `export ${variable}=...`)
  }
  return fail(subject, message, nameIt)
}

/** How one look at a provider went. */
export interface Look {
  readonly sight: Sight
  /** The HTTP status of the answer, if one came. */
  readonly status?: number | undefined
  /** Why none came, where the connection told. */
  readonly failure?: TransportFailure["kind"] | undefined
  /** How far this machine's clock is ahead of the provider's, in milliseconds. */
  readonly ahead?: number | undefined
}

const later = "Look again later: claudex doctor"

/** In words, and what may help. */
const failures: { readonly [kind in TransportFailure["kind"]]: readonly [say: string, remedy: string] } = {
  connect: ["could not connect", "Start the server if it is yours, else check base_url, the network and the proxy."],
  dns: ["the host is not known", "Check base_url, and the network."],
  tls: ["no secure connection", "If the network reads TLS, name its CA: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem"],
  reset: ["the connection broke", "Check base_url (http or https, and the port) and the proxy."],
  "connect-timeout": ["could not connect in time", "Check the network and the proxy."],
  "first-byte-timeout": ["no answer in time", later],
  "idle-timeout": ["no whole answer in time", later],
  "ended-early": ["the answer broke off", later]
}

const failureRemedy = (profile: Profile, { failure, status }: Look): string => {
  if (status === 401 || status === 403) {
    return profile.apiKeyEnv === undefined
      ? "Put a valid key where the profile says it is."
      : `export ${profile.apiKeyEnv}=... with a valid key`
  }
  return failure === undefined ? later : failures[failure][1]
}

/** Whether the provider can be asked; `ready`: the profile has its key and its variables. */
export const providerCheck = (profile: Profile, look: Look | undefined, ready: boolean): Check => {
  const subject = { check: "provider", profile: profile.name } as const
  if (isOffline(profile)) return ok(subject, "answers inside claudex, without a network")
  if (usesClaudeLogin(profile)) return ok(subject, "Anthropic, asked by Claude Code itself")
  if (look === undefined || !ready) {
    return warn(subject, "was not asked, for something of the profile is missing", "Mend that, then: claudex doctor")
  }
  const { sight, status = 200 } = look
  switch (sight.status) {
    case "unknown":
      return fail(subject, `cannot be asked: ${sight.error}`, `claudex profile show ${shellWord(profile.name)}`)
    case "down":
      return fail(
        subject,
        look.failure === undefined ? sight.error : `${failures[look.failure][0]} (${sight.error})`,
        failureRemedy(profile, look)
      )
    case "up":
      return status < 400
        ? ok(subject, `answers, ${elapsed(sight.latency ?? 0)}`)
        : warn(
            subject,
            `answers HTTP ${status} when asked for its models, which some do not tell`,
            "Check the path of base_url if requests fail too."
          )
  }
}

/** A header's time is in whole seconds, and a provider's clock may be wrong itself. Milliseconds. */
const tolerable = 60_000

/** The clock that is nearest to ours speaks for all. Undefined when nobody told the time. */
export const clockCheck = (looks: ReadonlyArray<readonly [profile: string, look: Look]>): Check | undefined => {
  const told = looks.flatMap(([profile, { ahead }]) => (ahead === undefined ? [] : [{ profile, ahead }]))
  const [nearest] = told.toSorted((one, other) => Math.abs(one.ahead) - Math.abs(other.ahead))
  if (nearest === undefined) return undefined
  const { ahead, profile } = nearest
  const off = duration(Math.abs(ahead) / 1000)
  return Math.abs(ahead) <= tolerable
    ? ok({ check: "clock" }, `as that of the provider of ${profile}`)
    : warn(
        { check: "clock" },
        `${off} ${ahead > 0 ? "ahead of" : "behind"} that of the provider of ${profile}`,
        "Have the system set its clock from the network."
      )
}

/** What the `Date` header of an answer says, against the middle of the time it took. Epoch milliseconds. */
export const aheadOf = (date: string | undefined, sent: number, received: number): number | undefined => {
  const theirs = date === undefined ? Number.NaN : Date.parse(date)
  if (Number.isNaN(theirs)) return undefined
  // cut off to the whole second
  return Math.round((sent + received) / 2) - (theirs + 500)
}
