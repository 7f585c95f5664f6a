/** All profiles at a glance: for people and, as the JSON of `--json`, for programs. Pure, and without secrets. */
import { Either, Schema } from "effect"
import { type EnvironmentRecord } from "../config/Environment.ts"
import { fillIn } from "../config/interpolation.ts"
import { keyPath } from "../config/keyPath.ts"
import type { LoadedConfig, Origin } from "../config/LoadedConfig.ts"
import { KeyState } from "../credentials/keyState.ts"
import { field } from "../domain/field.ts"
import { type Profile, ProviderType } from "../domain/Profile.ts"
import { isOffline } from "../provider/endpoint.ts"
import { entries, table, usualWidth } from "./text.ts"

export const ListedProfile = Schema.Struct({
  name: field(Schema.String, "Of the profile."),
  provider_type: field(ProviderType, "The protocol that its provider speaks."),
  default_model: field(Schema.String, "With its variables filled in; as it is written where one is not set."),
  host: field(
    Schema.NullOr(Schema.String),
    "Of its base_url, with the port if one is written; null where it has none, or needs a variable that is not set."
  ),
  enabled: field(Schema.Boolean, "Whether it can be used."),
  key: field(
    KeyState,
    "present: it can be read now; missing: it is needed and cannot be read; none: none is needed; login: Claude Code's own."
  ),
  origin: field(
    Schema.Struct({
      layer: field(Schema.Literal("builtin", "global", "project", "explicit"), "The role of the file."),
      file: Schema.optional(field(Schema.String, "Its path; builtin has none.")),
      line: Schema.optional(field(Schema.Int, "From 1; builtin has none."))
    }),
    "The strongest file that says something of it."
  )
})
export type ListedProfile = typeof ListedProfile.Type

export const ProfileList = Schema.Struct({
  profiles: field(Schema.Array(ListedProfile), "In the order of the configuration, the built-in ones first.")
})
export type ProfileList = typeof ProfileList.Type

const hostOf = ({ baseUrl }: Profile, environment: EnvironmentRecord): string | null => {
  const filled = Either.getOrUndefined(fillIn(baseUrl, environment))
  if (filled === undefined || isOffline({ baseUrl: filled }) || !URL.canParse(filled)) return null
  return new URL(filled).host || null
}

export const originOf = (origin: Origin): ListedProfile["origin"] =>
  "file" in origin ? { layer: origin.layer, file: origin.file, line: origin.line } : { layer: "builtin" }

export const listedProfile = (
  profile: Profile,
  key: KeyState,
  environment: EnvironmentRecord,
  origin: LoadedConfig["origin"]
): ListedProfile => ({
  name: profile.name,
  provider_type: profile.providerType,
  default_model: Either.getOrElse(fillIn(profile.defaultModel, environment), () => profile.defaultModel),
  host: hostOf(profile, environment),
  enabled: profile.enabled,
  key,
  origin: originOf(origin(keyPath(["profiles", profile.name])))
})

/** Short, for a column. */
const spoken: { readonly [type in ProviderType]: string } = {
  DirectAnthropic: "Anthropic",
  OpenAICompatible: "Chat",
  OpenAIResponses: "Responses"
}

const rowOf = ({ default_model, enabled, host, key, name, origin, provider_type }: ListedProfile) => [
  name,
  spoken[provider_type],
  default_model,
  host ?? "-",
  enabled ? "enabled" : "disabled",
  key,
  origin.layer
]

/** Where a home begins the path, `~` stands for it. */
const shortened = (file: string, home: string): string =>
  home !== "/" && file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file

/** A table no wider than told, or than 80 columns, and below it the files that its last column speaks of, or how to have one: by `add`. */
export const profileList = (
  { profiles }: ProfileList,
  home: string,
  add = "claudex profile add",
  width = usualWidth
): ReadonlyArray<string> => {
  const files = new Map(
    profiles.flatMap(({ origin: { file, layer } }) => (file === undefined ? [] : [[layer, shortened(file, home)]]))
  )
  const { head, rows } = table(["profile", "type", "model", "host", "state", "key", "from"], profiles.map(rowOf), width)
  return [
    ...head,
    ...rows.flat(),
    "",
    ...(files.size === 0 ? [`None of them is yours. Next: ${add}`] : entries([...files], "", width))
  ]
}
