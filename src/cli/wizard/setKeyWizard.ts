/** Asks for the key of a profile that is there, and where it is to be kept. Keeps nothing. */
import { Effect } from "effect"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import type { FoundFile } from "../../config/discovery.ts"
import type { Profile } from "../../domain/Profile.ts"
import { ask } from "./ask.ts"
import { homeIn, homeQuestion, type KeyHome } from "./keyQuestions.ts"
import { leaving } from "./leaving.ts"
import { askForOtherKey, usableHomes } from "./newKey.ts"

/** No question where there is one answer. */
const homeOf = (profile: Profile, usable: ReadonlyArray<KeyHome>) =>
  usable.length < 2
    ? Effect.succeed(usable[0] ?? "file")
    : Effect.map(ask(homeQuestion(profile.name, usable)), (answer) => homeIn(answer) ?? "file")

/** `target`: the file that says where the key is; undefined where none can be written. */
export const askForItsKey = (profile: Profile, settings: ConfigFile, target: FoundFile | undefined) =>
  Effect.gen(function* () {
    const home = yield* homeOf(profile, yield* usableHomes(target))
    const { newKey } = yield* askForOtherKey(profile, settings, home)
    return newKey
  }).pipe(leaving)
