/** What is asked to add a profile. Pure. */
import { Either } from "effect"
import type { NewProfile } from "../../config/ConfigEdit.ts"
import { generic, providers } from "../../provider/table/index.ts"
import type { ProviderRow } from "../../provider/table/row.ts"
import { padded } from "../displayWidth.ts"
import { newProfile, type ProfileWords } from "../newProfile.ts"
import { entries } from "../text.ts"
import type { Question } from "./question.ts"

const rows: ReadonlyArray<ProviderRow> = [...providers, generic]

const kindWidth = Math.max(...rows.map(({ kind }) => kind.length)) + 2

/** In the order of people's names for them; any other server is last. */
export const providerQuestion: Question = {
  label: "Provider",
  choices: [...providers.toSorted((one, other) => one.label.localeCompare(other.label, "en")), generic].map((row) => ({
    value: row.kind,
    shown: padded(row.kind, kindWidth) + row.label,
    ...(row.alsoCalled === undefined ? {} : { alsoCalled: row.alsoCalled })
  }))
}

export const rowOf = (kind: string | undefined): ProviderRow | undefined => rows.find((row) => row.kind === kind)

/** What is wrong with the words so far, but for the model, which comes later. */
export const faultIn = (words: ProfileWords): string | undefined =>
  Either.match(newProfile({ ...words, model: words.model ?? "model" }), {
    onLeft: ({ message }) => message,
    onRight: () => undefined
  })

/** Whether it may be an address, with variables filled in or not. */
export const isAddress = (text: string): boolean =>
  /^https?:\/\/[^/]/.test(text) && URL.canParse(text.replace(/\$\{\w+\}/g, "x"))

export const noAddress = "An address begins with http:// or https://"

/** Undefined where the provider has one address for everybody; a server of one's own may listen elsewhere than usual. */
export const addressQuestion = (words: ProfileWords, row: ProviderRow): Question | undefined => {
  if (row.host !== undefined && faultIn({ ...words, baseUrl: undefined }) === undefined) return undefined
  return {
    label: "Address",
    choices: [],
    ...(row.ownAddress === true ? { hint: `Such as ${row.example}` } : { initial: row.example }),
    fault: (text) => (isAddress(text) ? faultIn({ ...words, baseUrl: text }) : noAddress)
  }
}

/** A name that is not taken, as near to the provider's as can be. */
const freeName = (kind: string, taken: ReadonlyArray<string>): string => {
  let name = kind
  for (let at = 2; taken.includes(name); at += 1) name = `${kind}-${at}`
  return name
}

export const nameQuestion = (words: ProfileWords, row: ProviderRow, taken: ReadonlyArray<string>): Question => ({
  label: "Name of the profile",
  choices: [],
  initial: freeName(row.kind, taken),
  fault: (text) => {
    if (text === "") return "A profile has a name"
    return taken.includes(text) ? `There is a profile "${text}" already` : faultIn({ ...words, name: text })
  }
})

/** `listed`: the provider's models, as far as they are known. */
export const modelQuestion = (listed: ReadonlyArray<string>): Question => ({
  label: "Model",
  choices: listed.map((name) => ({ value: name, shown: name })),
  fault: (text) => (text === "" ? "A profile has a model" : undefined)
})

/** What is going to be written. */
export const summary = (profile: NewProfile): ReadonlyArray<string> =>
  entries(
    Object.entries(profile).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)])
  )

const agreed = "yes"

export const lastQuestion: Question = {
  label: "Add this profile",
  choices: [
    { value: agreed, shown: "yes" },
    { value: "no", shown: "no, leave everything as it is" }
  ]
}

export const agrees = (answer: string): boolean => answer === agreed
