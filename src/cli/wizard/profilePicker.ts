/** Which profile to run with, asked where none was named. Writes nothing. */
import { Effect } from "effect"
import { demoProfile } from "../../config/builtin.ts"
import { Config } from "../../config/Config.ts"
import type { Profile } from "../../domain/Profile.ts"
import { usesClaudeLogin } from "../../domain/Profile.ts"
import { shellWord } from "../../launcher/shell.ts"
import { isOffline } from "../../provider/endpoint.ts"
import { generic } from "../../provider/table/index.ts"
import { providerOf } from "../../provider/quirks.ts"
import { failureOf } from "../failures.ts"
import { Ended, remark } from "../output.ts"
import { Where } from "../services.ts"
import { columns } from "../text.ts"
import { ask } from "./ask.ts"
import type { Question } from "./question.ts"

const provider = (profile: Profile): string => {
  if (isOffline(profile)) return "answered inside claudex"
  if (usesClaudeLogin(profile)) return "Claude Code's own login"
  const row = providerOf(profile.baseUrl, profile.dialect)
  if (row !== generic || !URL.canParse(profile.baseUrl)) return row.label
  return new URL(profile.baseUrl).host
}

/** The profiles that can be run; the one that needs no provider comes last, for Enter alone takes the first. */
export const profileQuestion = (profiles: ReadonlyArray<Profile>): Question => {
  const shown = profiles
    .filter(({ enabled }) => enabled)
    .toSorted((one, other) => Number(one.name === demoProfile) - Number(other.name === demoProfile))
  const lines = columns(shown.map((profile) => [profile.name, provider(profile), profile.defaultModel]))
  return {
    label: "Profile",
    choices: shown.map(({ name }, at) => ({ value: name, shown: lines[at] ?? name })),
    ...(shown.every(({ name }) => name === demoProfile)
      ? { hint: "This one needs no key. One of yours: claudex profile add" }
      : {})
  }
}

/** The name of the profile that is chosen. */
export const pickProfile = Effect.gen(function* () {
  const { settings } = yield* Effect.mapError((yield* Config).load(yield* Where), failureOf)
  const name = yield* ask(profileQuestion(settings.profiles))
  yield* remark(`to be asked no more, type: claudex profile use ${shellWord(name)}`)
  return name
}).pipe(Effect.catchTag("QuitException", () => new Ended({ code: 130 })))
