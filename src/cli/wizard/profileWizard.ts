/** Asks for a profile, one question after the other, and for what was not said on the command line only. Writes nothing. */
import { Effect } from "effect"
import { Config } from "../../config/Config.ts"
import type { FileLayer } from "../../config/LoadedConfig.ts"
import { modelSlots } from "../../domain/Profile.ts"
import { failureOf } from "../failures.ts"
import { newProfile, type ProfileWords } from "../newProfile.ts"
import { print } from "../output.ts"
import { Where } from "../services.ts"
import { ask } from "./ask.ts"
import { leaving, notAgreed } from "./leaving.ts"
import { withKey } from "./keyQuestions.ts"
import { askAboutKey } from "./newKey.ts"
import {
  addressQuestion,
  agrees,
  lastQuestion,
  modelQuestion,
  nameQuestion,
  providerQuestion,
  rowOf,
  summary
} from "./profileQuestions.ts"
import type { Question } from "./question.ts"
import { proposedSlots, slotQuestion, type Slots, slotsQuestion } from "./slotQuestions.ts"

/** What was said already, else what is answered. */
const told = (said: string | undefined, question: Question | undefined) =>
  said !== undefined || question === undefined ? Effect.succeed(said) : ask(question)

/** The models of the slots, unless something was said of them. */
const slots = (words: ProfileWords, model: string, listed: ReadonlyArray<string>, provider: string) =>
  Effect.gen(function* () {
    if (modelSlots.some((slot) => words[slot] !== undefined)) return {}
    const proposed = proposedSlots(model, listed, provider)
    const answer = yield* ask(slotsQuestion(model, proposed))
    if (answer !== "each") return answer === "proposed" ? proposed : {}
    const each = yield* Effect.forEach(modelSlots, (slot) =>
      Effect.map(ask(slotQuestion(slot, model, proposed, listed)), (chosen) => [slot, chosen] as const)
    )
    return Object.fromEntries(each.filter(([, chosen]) => chosen !== "" && chosen !== model)) satisfies Slots
  })

const answers = (words: ProfileWords, layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    const { settings } = yield* Effect.mapError((yield* Config).load(yield* Where), failureOf)
    const provider = yield* told(words.provider, providerQuestion)
    const row = rowOf(provider)
    // what was typed with --provider is corrected with a command to type
    if (row === undefined) return { words: { ...words, provider }, newKey: undefined }
    const who = { ...words, provider }
    const where = { ...who, baseUrl: yield* told(who.baseUrl, addressQuestion(who, row)) }
    const taken = settings.profiles.map(({ name }) => name)
    const called = { ...where, name: yield* told(where.name, nameQuestion(where, row, taken)) }
    const { listed, newKey, words: keyed } = yield* askAboutKey(called, row, settings, layer)
    if (keyed.model !== undefined) return { words: keyed, newKey }
    const model = yield* ask(modelQuestion(listed))
    return { words: { ...keyed, model, ...(yield* slots(keyed, model, listed, row.kind)) }, newKey }
  })

/**
 * The words with what was answered, and the key that was typed, if one was; when the user has seen all of it but the key, and
 * agreed. `layer`: of the file that the profile goes to.
 */
export const askForProfile = (words: ProfileWords, layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    const complete = yield* answers(words, layer)
    const { profile } = yield* newProfile(complete.words)
    yield* print(`\n${summary(withKey(profile, complete.newKey)).join("\n")}\n`)
    return agrees(yield* ask(lastQuestion)) ? complete : yield* notAgreed
  }).pipe(leaving)
