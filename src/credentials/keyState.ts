/** Whether a profile has what it proves itself with: one word, and nothing of the key. */
import { Effect, Option, Schema } from "effect"
import type { EnvironmentRecord } from "../config/Environment.ts"
import { type Profile, usesClaudeLogin } from "../domain/Profile.ts"
import { type KeyLookup, resolveApiKey } from "./ApiKey.ts"

/**
 * `present`: it can be read now; `missing`: the profile needs one that cannot be read; `none`: it names none and needs none;
 * `login`: Claude Code proves itself, with its own login.
 */
export const KeyState = Schema.Literal("present", "missing", "none", "login")
export type KeyState = typeof KeyState.Type

export const keyState = (profile: Profile, environment: EnvironmentRecord, keys: KeyLookup): Effect.Effect<KeyState> =>
  usesClaudeLogin(profile)
    ? Effect.succeed("login")
    : Effect.match(resolveApiKey(profile, environment, keys), {
        onFailure: () => "missing",
        onSuccess: (key) => {
          if (Option.isSome(key)) return "present"
          return profile.authType === "oauth" ? "missing" : "none"
        }
      })
