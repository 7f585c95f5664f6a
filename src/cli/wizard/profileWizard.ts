/** Asks for a profile, one question after the other, and for what was not said on the command line only. Writes nothing. */
import { Effect, Schema } from "effect"
import { Config } from "../../config/Config.ts"
import { Environment, variable as readVariable } from "../../config/Environment.ts"
import { noKeys } from "../../credentials/ApiKey.ts"
import { modelSlots, Profile } from "../../domain/Profile.ts"
import { failureOf } from "../failures.ts"
import { newProfile, type ProfileWords } from "../newProfile.ts"
import { print, remark } from "../output.ts"
import { Where } from "../services.ts"
import { ask } from "./ask.ts"
import { leaving, notAgreed } from "./leaving.ts"
import { listOf } from "./modelList.ts"
import {
  addressQuestion,
  agrees,
  keyQuestion,
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

/** The models that the provider lists, if it can be asked; the user is told why there are none. */
const models = (words: ProfileWords) =>
  Effect.gen(function* () {
    const { profile } = yield* newProfile({ ...words, model: "model" })
    const decoded = yield* Schema.decodeUnknown(Profile)(profile)
    return yield* listOf(decoded, noKeys)
  }).pipe(
    // what cannot be asked yet is told when the profile is added
    Effect.orElseSucceed((): ReadonlyArray<string> => [])
  )

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

const answers = (words: ProfileWords) =>
  Effect.gen(function* () {
    const environment = yield* Environment
    const { settings } = yield* Effect.mapError((yield* Config).load(yield* Where), failureOf)
    const provider = yield* told(words.provider, providerQuestion)
    const row = rowOf(provider)
    // what was typed with --provider is corrected with a command to type
    if (row === undefined) return { ...words, provider }
    const who = { ...words, provider }
    const where = { ...who, baseUrl: yield* told(who.baseUrl, addressQuestion(who, row)) }
    const taken = settings.profiles.map(({ name }) => name)
    const called = { ...where, name: yield* told(where.name, nameQuestion(where, row, taken)) }
    const variable = yield* told(called.apiKeyEnv, keyQuestion(called, row, environment))
    const keyed = { ...called, apiKeyEnv: variable === "" ? undefined : variable }
    if (keyed.model !== undefined) return keyed
    // a provider on the internet gives its list to nobody without a key
    const isThere = keyed.apiKeyEnv !== undefined && readVariable(environment, keyed.apiKeyEnv) !== undefined
    const isAsked = isThere || row.host === undefined
    if (!isAsked) yield* remark("The key is not there yet, so type the model's name.")
    const listed = isAsked ? yield* models(keyed) : []
    const model = yield* ask(modelQuestion(listed))
    return { ...keyed, model, ...(yield* slots(keyed, model, listed, row.kind)) }
  })

/** The words with what was answered, when the user has seen all of it and agreed. */
export const askForProfile = (words: ProfileWords) =>
  Effect.gen(function* () {
    const complete = yield* answers(words)
    const { profile } = yield* newProfile(complete)
    yield* print(`\n${summary(profile).join("\n")}\n`)
    return agrees(yield* ask(lastQuestion)) ? complete : yield* notAgreed
  }).pipe(leaving)
