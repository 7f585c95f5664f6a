/** What each profile needs to be asked, and what its provider answers. */
import { Either, type Option } from "effect"
import type { MissingKey } from "../../credentials/ApiKey.ts"
import type { MissingVariable } from "../../credentials/resolveProfile.ts"
import { type Profile, usesClaudeLogin } from "../../domain/Profile.ts"
import { shellWord } from "../../launcher/shell.ts"
import { isOffline } from "../../provider/endpoint.ts"
import { keyPlace } from "../keyPlace.ts"
import { type Look, nameKey, verdictOf } from "../reachability/verdict.ts"
import { duration, elapsed } from "../text.ts"
import { type Check, fail, ok, warn } from "./check.ts"

/** The variables that its values refer to. Undefined where there is nothing to say. */
export const variableCheck = (resolved: Either.Either<Profile, MissingVariable>): Check | undefined =>
  Either.isRight(resolved)
    ? undefined
    : fail(
        { check: "profile", profile: resolved.left.profile },
        `${resolved.left.key} refers to the environment variable ${resolved.left.variable}, which is not set`,
        `export ${resolved.left.variable}=...`
      )

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
      ? warn(subject, `a login at ${profile.oauthProvider ?? "the provider"}, which claudex cannot use yet`, nameKey)
      : ok(subject, "none, and none is named")
  }
  const { message, stored, variable } = key.left
  if (variable !== undefined) {
    return fail(subject, `the environment variable ${variable} is not set`, `export ${variable}=...`)
  }
  return stored === undefined ? fail(subject, message, nameKey) : fail(subject, stored.reason, stored.next)
}

/** A file of the configuration that others can read, though a key of these profiles stands in it. */
export const openFileCheck = (file: string, mode: string, profiles: ReadonlyArray<string>): Check =>
  warn(
    { check: "key" },
    `${file} holds the key of ${profiles.join(", ")} in clear, and others can read it (mode ${mode})`,
    `chmod 600 ${shellWord(file)}`
  )

/** Keys that were stored for profiles which are gone, or take theirs from elsewhere now; or that a crash left. */
export const unusedKeyChecks = (
  stored: ReadonlyArray<string>,
  profiles: ReadonlyArray<Profile>
): ReadonlyArray<Check> =>
  stored
    .filter((account) => !profiles.some(({ apiKeyKeyring }) => apiKeyKeyring === account))
    .map((account) =>
      warn(
        { check: "key" },
        `the one stored as "${account}" is used by no profile here`,
        `Nothing where a project elsewhere uses it, or type: claudex profile forget-key ${shellWord(account)}`
      )
    )

/** Whether the provider can be asked; `ready`: the profile has its key and its variables. */
export const providerCheck = (profile: Profile, look: Look | undefined, ready: boolean): Check => {
  const subject = { check: "provider", profile: profile.name } as const
  if ((look === undefined || !ready) && !isOffline(profile) && !usesClaudeLogin(profile)) {
    return warn(subject, "was not asked, for something of the profile is missing", "Mend that, then: claudex doctor")
  }
  const verdict = verdictOf(profile, look)
  if (verdict.status !== "ok") {
    const { message, remedy, status } = verdict
    return { ...subject, status, message, remedy }
  }
  const latency = look?.sight.status === "up" ? look.sight.latency : undefined
  return ok(subject, latency === undefined ? verdict.message : `${verdict.message}, ${elapsed(latency)}`)
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
