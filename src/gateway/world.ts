/** The configuration as it holds for one request: the client's workspace decides which files count. */
import { Effect, Either, Option } from "effect"
import { Config, type Anchor } from "../config/Config.ts"
import type { ConfigFile } from "../config/ConfigFile.ts"
import type { Profile } from "../domain/Profile.ts"
import { resolveProfile } from "../credentials/resolveProfile.ts"
import type { EnvironmentRecord } from "../config/Environment.ts"
import { configHeader, environmentHeader, workspaceHeader } from "./contract.ts"
import type { LentEnvironment } from "./LentEnvironment.ts"
import { refuse, type Refused } from "./Refused.ts"

type Headers = Readonly<Record<string, string | undefined>>

/** A path from a header: percent-encoded, absolute. Undefined when it is not. */
const pathOf = (value: string): string | undefined => {
  try {
    const path = decodeURIComponent(value)
    return /^\/|^[A-Za-z]:[\\/]|^\\\\/.test(path) ? path : undefined
  } catch {
    return undefined // not percent-encoded
  }
}

const noPath = (header: string) =>
  refuse("invalid_request_error", `the header ${header} must hold a percent-encoded absolute path`)

/** From where the client wants its configuration discovered; the gateway's own place when it does not say. */
export const anchorOf = (headers: Headers, own: Anchor): Effect.Effect<Anchor, Refused> => {
  const workspace = headers[workspaceHeader] ?? ""
  const config = headers[configHeader] ?? ""
  if (workspace === "" && config === "") return Effect.succeed(own)
  const cwd = workspace === "" ? own.cwd : pathOf(workspace)
  if (cwd === undefined) return noPath(workspaceHeader)
  if (config === "") return Effect.succeed({ cwd, explicit: Option.none() })
  const explicit = pathOf(config)
  return explicit === undefined ? noPath(configHeader) : Effect.succeed({ cwd, explicit: Option.some(explicit) })
}

/** The settings for an anchor. A faulty configuration is told in full: only the user can mend it. */
export const settingsAt = (config: typeof Config.Service, anchor: Anchor): Effect.Effect<ConfigFile, Refused> =>
  config.load(anchor).pipe(
    Effect.map((loaded) => loaded.settings),
    Effect.catchTag("ConfigError", (error) =>
      refuse("api_error", `claudex: the configuration has errors\n${error.message}`, { shouldRetry: false })
    )
  )

/** The settings that hold for a client's request. */
export const settingsFor = (
  { config, settings }: { readonly config: typeof Config.Service; readonly settings: { readonly anchor: Anchor } },
  request: { readonly headers: Headers }
): Effect.Effect<ConfigFile, Refused> =>
  Effect.flatMap(anchorOf(request.headers, settings.anchor), (anchor) => settingsAt(config, anchor))

/** A session lends its variables again to a gateway that has just begun, and Claude Code asks again until it has. */
const notLent = refuse(
  "overloaded_error",
  "claudex does not know this session's environment variables. If that does not pass, start the session again, or type again what claudex env printed",
  {
    retryAfter: 2,
    // not 529: Claude Code gives up on the third one
    status: 503
  }
)

/** The variables that hold for a client's request. */
export const environmentFor = (
  { lent }: { readonly lent: typeof LentEnvironment.Service },
  { headers }: { readonly headers: Headers }
): Effect.Effect<EnvironmentRecord, Refused> =>
  Effect.suspend(() => {
    const found = lent.of(headers[environmentHeader] ?? "")
    return found === undefined ? notLent : Effect.succeed(found)
  })

/** Whether a profile's requests are handed on as they are, because its provider speaks the client's protocol. */
export const isHandedOn = (settings: ConfigFile, name: string): boolean =>
  settings.profiles.some((profile) => profile.name === name && profile.providerType === "DirectAnthropic")

/** The profile of that name, ready to be used: enabled, and with its variables filled in. */
export const profileNamed = (
  name: string,
  settings: ConfigFile,
  environment: EnvironmentRecord
): Effect.Effect<Profile, Refused> => {
  const profile = settings.profiles.find((candidate) => candidate.name === name)
  if (profile === undefined) {
    const known = settings.profiles.map((candidate) => candidate.name).join(", ")
    return refuse("not_found_error", `claudex has no profile "${name}"; there are: ${known}`, { shouldRetry: false })
  }
  if (!profile.enabled) {
    return refuse("permission_error", `the profile "${name}" is disabled (enabled = false)`, { shouldRetry: false })
  }
  const resolved = resolveProfile(profile, environment)
  return Either.isRight(resolved)
    ? Effect.succeed(resolved.right)
    : refuse("authentication_error", resolved.left.message, { shouldRetry: false })
}
