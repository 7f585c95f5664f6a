/** A profile as it is used: every `${NAME}` filled in, except that of the key, which `resolveApiKey` opens. */
import { Data, Either, Redacted, Record } from "effect"
import { type EnvironmentRecord } from "../config/Environment.ts"
import { fillIn } from "../config/interpolation.ts"
import type { Profile } from "../domain/Profile.ts"

/** A value of a profile refers to a variable that is not set. The message names what to type next. */
export class MissingVariable extends Data.TaggedError("MissingVariable")<{
  readonly profile: string
  /** The key of the profile whose value refers to it, in file spelling, e.g. `custom_headers.X-Team`. */
  readonly key: string
  readonly variable: string
}> {
  override get message(): string {
    return `Profile "${this.profile}" takes its ${this.key} from the environment variable ${this.variable}, which is not set. Type: export ${this.variable}=...`
  }
}

/** A profile as far as its variables are set: a text with one that is not stays as it is written. */
export interface Filled {
  readonly profile: Profile
  /** Of each such text the first that is not set. */
  readonly missing: ReadonlyArray<MissingVariable>
}

/** Fills in the variables of a profile that are set. Call it once: a filled-in value is not a template any more. */
export const fillProfile = (profile: Profile, environment: EnvironmentRecord): Filled => {
  const missing: Array<MissingVariable> = []
  const fill = (text: string, key: string) =>
    Either.getOrElse(fillIn(text, environment), (variable) => {
      missing.push(new MissingVariable({ profile: profile.name, key, variable }))
      return text
    })
  const fillAll = (values: Readonly<Record<string, string>>, key: string) =>
    Record.map(values, (value, name) => fill(value, `${key}.${name}`))
  const headers = fillAll(Record.map(profile.customHeaders, Redacted.value), "custom_headers")
  const filled = {
    ...profile,
    baseUrl: fill(profile.baseUrl, "base_url"),
    defaultModel: fill(profile.defaultModel, "default_model"),
    models: fillAll(profile.models, "models"),
    customHeaders: Record.map(headers, (value) => Redacted.make(value)),
    extraEnv: fillAll(profile.extraEnv, "extra_env"),
    queryParams: fillAll(profile.queryParams, "query_params")
  }
  return { profile: filled, missing }
}

/** A profile that is looked up to be used, with its variables filled in. Left names the first that is not set. */
export const resolveProfile = (
  profile: Profile,
  environment: EnvironmentRecord
): Either.Either<Profile, MissingVariable> => {
  const filled = fillProfile(profile, environment)
  const [first] = filled.missing
  return first === undefined ? Either.right(filled.profile) : Either.left(first)
}
