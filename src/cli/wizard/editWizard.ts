/** Asks for what is to change in a profile, one question after the other. Writes nothing. */
import { Effect, Option, Schema, Struct } from "effect"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import type { FoundFile } from "../../config/discovery.ts"
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
  noNameFor,
  slotQuestion,
  typeQuestion
} from "./editQuestions.ts"
import { shownEntry, variableQuestion, wayOf } from "./keyQuestions.ts"
import { leaving, notAgreed } from "./leaving.ts"
import { listIn, listOf } from "./modelList.ts"
import { askForOtherKey, usableHomes } from "./newKey.ts"
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

/** What is answered about the key: in words, or the key itself; and the models that the provider lists with it. */
const keyAnswer = (profile: Profile, where: ProfileWords, settings: ConfigFile, target: FoundFile) =>
  Effect.gen(function* () {
    const usable = yield* usableHomes(target)
    const said = yield* answer(keyQuestion(profile, yield* Environment, usable))
    const way = said === undefined ? undefined : wayOf(said)
    if (way?.is === "typed") {
      const { looked, newKey } = yield* askForOtherKey(asked(profile, where), settings, way.home)
      return { words: where, newKey, listed: yield* listIn(looked) }
    }
    const apiKeyEnv = way?.is === "another" ? yield* ask(variableQuestion(noNameFor(profile))) : said
    const words = { ...where, apiKeyEnv }
    return { words, newKey: undefined, listed: yield* models(asked(profile, words)) }
  })

const answers = (profile: Profile, settings: ConfigFile, target: FoundFile) =>
  Effect.gen(function* () {
    const where = {
      ...saidNothing,
      baseUrl: yield* answer(addressQuestion(profile)),
      type: yield* answer(typeQuestion(profile))
    }
    const { listed, newKey, words } = yield* keyAnswer(profile, where, settings, target)
    const model = yield* answer(modelQuestion(profile, listed))
    const slots = yield* Effect.forEach(modelSlots, (slot) =>
      Effect.map(answer(slotQuestion(slot, profile, listed)), (chosen) => [slot, chosen] as const)
    )
    return { words: { ...words, model, ...Object.fromEntries(slots) } satisfies ProfileWords, newKey }
  })

/**
 * The words with what was answered, and the key that was typed, if one was; when the user has seen all that changes but the
 * key, and agreed. Nothing said where nothing changes. `target`: the file that says where the key is.
 */
export const askForChanges = (profile: Profile, settings: ConfigFile, target: FoundFile) =>
  Effect.gen(function* () {
    const answered = yield* answers(profile, settings, target)
    const { newKey, words } = answered
    if (saysNothing(words) && newKey === undefined) return answered
    const changes = yield* profileChanges(profile, words, newKey === undefined ? undefined : shownEntry(newKey))
    yield* print(`\n${shownChanges(changes, settings).join("\n")}\n`)
    return agrees(yield* ask(lastQuestion)) ? answered : yield* notAgreed
  }).pipe(leaving)
