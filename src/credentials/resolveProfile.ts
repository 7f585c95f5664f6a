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

/**
 * Fills in the variables of a profile. Call it once, where a profile is looked up to be used: a filled-in value is not
 * a template any more. Left names the first variable that is not set.
 */
export const resolveProfile = (
  profile: Profile,
  environment: EnvironmentRecord
): Either.Either<Profile, MissingVariable> => {
  const fill = (text: string, key: string) =>
    Either.mapLeft(
      fillIn(text, environment),
      (variable) => new MissingVariable({ profile: profile.name, key, variable })
    )
  const fillAll = (values: Readonly<Record<string, string>>, key: string) =>
    Either.all(Record.map(values, (value, name) => fill(value, `${key}.${name}`)))
  return Either.gen(function* () {
    const headers = yield* fillAll(Record.map(profile.customHeaders, Redacted.value), "custom_headers")
    return {
      ...profile,
      baseUrl: yield* fill(profile.baseUrl, "base_url"),
      defaultModel: yield* fill(profile.defaultModel, "default_model"),
      models: yield* fillAll(profile.models, "models"),
      customHeaders: Record.map(headers, (value) => Redacted.make(value)),
      extraEnv: yield* fillAll(profile.extraEnv, "extra_env"),
      queryParams: yield* fillAll(profile.queryParams, "query_params")
    }
  })
}
