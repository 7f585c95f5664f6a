/** Asks for what is to change in a profile, one question after the other. Writes nothing. */
import { Effect, Option, Schema, Struct } from "effect"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { Environment } from "../../config/Environment.ts"
import { resolveApiKey } from "../../credentials/ApiKey.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { modelSlots, type Profile, ProviderType, usesClaudeLogin } from "../../domain/Profile.ts"
import { isOffline } from "../../provider/endpoint.ts"
import { providerOf } from "../../provider/quirks.ts"
import { type ProfileWords, saidNothing } from "../newProfile.ts"
import { print, remark } from "../output.ts"
import { profileChanges, saysNothing, shownChanges } from "../profileChanges.ts"
import { ask } from "./ask.ts"
import {
  addressQuestion,
  asItIs,
  keyQuestion,
  lastQuestion,
  modelQuestion,
  slotQuestion,
  typeQuestion
} from "./editQuestions.ts"
import { listOf } from "./modelList.ts"
import { leaving, notAgreed } from "./leaving.ts"
import { agrees } from "./profileQuestions.ts"
import type { Question } from "./question.ts"

/** What is answered; undefined where all stays as it is. */
const answer = (question: Question) => Effect.map(ask(question), (value) => (value === asItIs ? undefined : value))

const typeOf = Schema.decodeUnknownOption(ProviderType)

/** The profile as its provider is asked, with what was answered so far. */
const asked = (profile: Profile, { apiKeyEnv, baseUrl, type }: ProfileWords): Profile => ({
  ...(apiKeyEnv === undefined ? profile : Struct.omit(profile, "apiKey", "apiKeyEnv", "apiKeyKeyring")),
  ...(apiKeyEnv === undefined || apiKeyEnv === "" ? {} : { apiKeyEnv }),
  baseUrl: baseUrl ?? profile.baseUrl,
  providerType: Option.getOrElse(typeOf(type), () => profile.providerType)
})

/** The models that the provider lists, where it would tell; the user is told why there are none. */
const models = (profile: Profile) =>
  Effect.gen(function* () {
    if (isOffline(profile) || usesClaudeLogin(profile)) return []
    const keys = (yield* SecretStore).get
    const key = yield* Effect.option(resolveApiKey(profile, yield* Environment, keys))
    // a provider on the internet gives its list to nobody without a key
    if (Option.isSome(Option.flatten(key)) || providerOf(profile.baseUrl, profile.dialect).host === undefined)
      return yield* listOf(profile, keys)
    yield* remark("The key is not there yet, so type the model's name.")
    return []
  })

const answers = (profile: Profile) =>
  Effect.gen(function* () {
    const where = {
      ...saidNothing,
      baseUrl: yield* answer(addressQuestion(profile)),
      type: yield* answer(typeQuestion(profile)),
      apiKeyEnv: yield* answer(keyQuestion(profile, yield* Environment))
    }
    const listed = yield* models(asked(profile, where))
    const model = yield* answer(modelQuestion(profile, listed))
    const slots = yield* Effect.forEach(modelSlots, (slot) =>
      Effect.map(answer(slotQuestion(slot, profile, listed)), (chosen) => [slot, chosen] as const)
    )
    return { ...where, model, ...Object.fromEntries(slots) } satisfies ProfileWords
  })

/** The words with what was answered, when the user has seen all that changes and agreed; nothing said where nothing does. */
export const askForChanges = (profile: Profile, settings: ConfigFile) =>
  Effect.gen(function* () {
    const words = yield* answers(profile)
    if (saysNothing(words)) return words
    const changes = yield* profileChanges(profile, words)
    yield* print(`\n${shownChanges(changes, settings).join("\n")}\n`)
    return agrees(yield* ask(lastQuestion)) ? words : yield* notAgreed
  }).pipe(leaving)
