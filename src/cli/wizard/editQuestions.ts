/** What is asked to change a profile; Enter leaves each as it is. Pure. */
import { Either } from "effect"
import type { EnvironmentRecord } from "../../config/Environment.ts"
import { type ModelSlot, type Profile, ProviderType } from "../../domain/Profile.ts"
import { providerOf } from "../../provider/quirks.ts"
import { keyPlace } from "../keyPlace.ts"
import { holdsSecret, type ProfileWords, saidNothing } from "../newProfile.ts"
import { keyEntriesOf, profileChanges } from "../profileChanges.ts"
import { type IsNoName, keyChoices, type KeyHome, keyLabel, noName } from "./keyQuestions.ts"
import { isAddress, noAddress } from "./profileQuestions.ts"
import type { Choice, Question } from "./question.ts"

/** The answer that changes nothing. No text that is typed is this one, for those have no spaces at their ends. */
export const asItIs = " "

const present = (shown: string): Choice => ({ value: asItIs, shown: `${shown} (as it is)` })

/** What is wrong with words that would change the profile. */
const faultOf = (profile: Profile, words: Partial<ProfileWords>): string | undefined =>
  Either.match(profileChanges(profile, { ...saidNothing, ...words }), {
    onLeft: ({ message }) => message,
    onRight: () => undefined
  })

export const addressQuestion = (profile: Profile): Question => ({
  label: "Address",
  choices: [present(holdsSecret(profile.baseUrl) ? "with a secret in it, which is not shown" : profile.baseUrl)],
  fault: (text) => (isAddress(text) ? faultOf(profile, { baseUrl: text }) : noAddress)
})

export const typeQuestion = ({ providerType }: Profile): Question => ({
  label: "Protocol",
  choices: [
    present(providerType),
    ...ProviderType.literals.filter((type) => type !== providerType).map((type) => ({ value: type, shown: type }))
  ]
})

/** Whether the profile cannot take its key from a variable of that name. */
export const noNameFor =
  (profile: Profile): IsNoName =>
  (name) =>
    faultOf(profile, { apiKeyEnv: name }) !== undefined

/** The answer may be "" for none. `usable`: where a key can be kept that is typed. No key is shown. */
export const keyQuestion = (
  profile: Profile,
  environment: EnvironmentRecord,
  usable: ReadonlyArray<KeyHome>
): Question => {
  const isNone = keyEntriesOf(profile).length === 0
  const choices = keyChoices(providerOf(profile.baseUrl, profile.dialect), environment, usable)
  return {
    label: keyLabel,
    choices: [
      present(isNone ? "none" : keyPlace(profile)),
      ...choices.filter(({ value }) => value !== profile.apiKeyEnv),
      ...(isNone ? [] : [{ value: "", shown: "none" }])
    ],
    fault: (text) => (text === "" ? undefined : noName(noNameFor(profile), text))
  }
}

const listed = (models: ReadonlyArray<string>, but: string | undefined): ReadonlyArray<Choice> =>
  models.filter((model) => model !== but).map((model) => ({ value: model, shown: model }))

/** `models`: those of the provider, as far as they are known. */
export const modelQuestion = ({ defaultModel }: Profile, models: ReadonlyArray<string>): Question => ({
  label: "Model",
  choices: [present(defaultModel), ...listed(models, defaultModel)],
  fault: (text) => (text === "" ? "A profile has a model" : undefined)
})

const isDefault = "the profile's model"

/** The answer may be "": the slot has no model of its own then. */
export const slotQuestion = (slot: ModelSlot, profile: Profile, models: ReadonlyArray<string>): Question => {
  const model = profile.models[slot]
  return {
    label: `Model of ${slot}`,
    choices: [
      present(model ?? isDefault),
      ...(model === undefined ? [] : [{ value: "", shown: isDefault }]),
      ...listed(models, model)
    ],
    fault: () => undefined
  }
}

export const lastQuestion: Question = {
  label: "Write this",
  choices: [
    { value: "yes", shown: "yes" },
    { value: "no", shown: "no, leave everything as it is" }
  ]
}
