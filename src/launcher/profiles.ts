/** Which profile a session is started for. */
import { Data, Effect } from "effect"
import { demoProfile } from "../config/builtin.ts"
import type { LoadedConfig, Origin } from "../config/Config.ts"
import { keyPath } from "../config/keyPath.ts"
import { nearest } from "../config/suggest.ts"
import type { Profile } from "../domain/Profile.ts"
import { isOffline } from "../provider/endpoint.ts"
import { shellWord } from "./shell.ts"

export class UnknownProfile extends Data.TaggedError("UnknownProfile")<{
  readonly name: string
  readonly known: ReadonlyArray<string>
  /** What the profile was named for; "run" by default. */
  readonly command?: string
}> {
  private get meant(): string | undefined {
    return nearest(this.name, this.known)
  }
  override get message(): string {
    const hint =
      this.meant === undefined ? `The profiles are: ${this.known.join(", ")}.` : `Did you mean "${this.meant}"?`
    return `There is no profile "${this.name}". ${hint}`
  }
  /** A command to type. What is done with profiles of one's own can be done with none that is built in. */
  get next(): string {
    const { command = "run", known } = this
    const found = this.meant ?? known[0] ?? demoProfile
    const isOfOwn = /^profile (?:edit|remove|set-key)$/.test(command)
    return isOfOwn && found === demoProfile && known.length < 2
      ? "claudex profile add"
      : `claudex ${command} ${shellWord(found)}`
  }
}

/** None was named, and the configuration names none either. */
export class NoProfile extends Data.TaggedError("NoProfile")<{ readonly known: ReadonlyArray<string> }> {
  override get message(): string {
    return `No profile was named, and there is no default_profile in the configuration. The profiles are: ${this.known.join(", ")}.`
  }
  /** A command to type. */
  get next(): string {
    return `claudex profile use ${shellWord(this.known[0] ?? demoProfile)}`
  }
}

const placeOf = (origin: Origin): string => {
  if ("file" in origin) return `${origin.file}:${origin.line}`
  return "variable" in origin ? origin.variable : "the built-in settings"
}

export class DisabledProfile extends Data.TaggedError("DisabledProfile")<{
  readonly name: string
  readonly origin: Origin
}> {
  override get message(): string {
    return `The profile "${this.name}" is disabled: set enabled = true in ${placeOf(this.origin)}.`
  }
}

/** It was asked for without the gateway, which does for it what Claude Code cannot. */
export class NeedsGateway extends Data.TaggedError("NeedsGateway")<{ readonly profile: Profile }> {
  private get reason(): string {
    if (isOffline(this.profile)) return "answers in the provider's place"
    return this.profile.providerType === "DirectAnthropic"
      ? "holds the provider's key, which Claude Code is not given"
      : "translates for the provider, which does not speak Claude Code's protocol"
  }
  override get message(): string {
    return `The profile "${this.profile.name}" needs the gateway: it ${this.reason}. --no-gateway is for a profile of Claude Code's own login (auth_type = "oauth", oauth_provider = "claude").`
  }
  /** A command to type. */
  get next(): string {
    return `claudex run ${shellWord(this.profile.name)}`
  }
}

/** The profile of that name, or the default one for "", if it exists and is enabled. `command` is what it was named for. */
export const findProfile = (
  config: LoadedConfig,
  asked: string,
  command = "run"
): Effect.Effect<Profile, UnknownProfile | DisabledProfile | NoProfile> => {
  const { defaultProfile, profiles } = config.settings
  const name = asked === "" ? defaultProfile : asked
  const known = () => profiles.filter((profile) => profile.enabled).map((profile) => profile.name)
  if (name === "") return Effect.fail(new NoProfile({ known: known() }))
  const found = profiles.find((profile) => profile.name === name)
  if (found === undefined) return Effect.fail(new UnknownProfile({ name, known: known(), command }))
  if (found.enabled) return Effect.succeed(found)
  const origin = config.origin(keyPath(["profiles", name, "enabled"]))
  return Effect.fail(new DisabledProfile({ name, origin }))
}
