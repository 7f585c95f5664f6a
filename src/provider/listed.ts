/** What a provider's list of models says about a model. Pure; a list that is not whole, or not understood, says nothing. */
import { modelSlots, type Profile } from "../domain/Profile.ts"
import { asArray, isObject, nonEmpty, parseJson } from "../protocol/json.ts"
import { providerOf } from "./quirks.ts"

/** Gemini's lists put a folder before their names, and letter case counts nowhere. */
const plain = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/^models\//, "")
    .replace(/\[1m\]$/, "")

const entryNames = (entry: unknown): ReadonlyArray<string> =>
  isObject(entry)
    ? [entry["id"], entry["name"], entry["slug"], ...asArray(entry["aliases"])].flatMap((name) => nonEmpty(name) ?? [])
    : []

/**
 * The names in the body of a list of models: an array of objects with `id`, `name` or `slug`, bare or under `data` or
 * `models`. Undefined when there is more of the list than this, or it is something else.
 */
export const listedNames = (body: string): ReadonlyArray<string> | undefined => {
  const list = parseJson(body)
  if (isObject(list) && list["has_more"] === true) return undefined
  const entries = isObject(list) ? (list["data"] ?? list["models"]) : list
  const names = asArray(entries).flatMap(entryNames)
  return names.length === 0 ? undefined : names
}

/** Whether a body describes one model, as the answer to a question about that model does. */
export const describesModel = (body: string): boolean => {
  const entry = parseJson(body)
  return isObject(entry) && !("data" in entry) && entryNames(entry).length > 0
}

/** Under which names of a list a model may stand: providers take shorter names than they list, and longer ones. */
const spellings = (model: string): ReadonlyArray<string> => {
  const name = plain(model)
  // OpenRouter takes a variant behind a colon, Anthropic and xAI the newest of a kind, Anthropic "-0" for no version
  const shorter = [name.replace(/:[a-z]+$/, ""), name.replace(/-latest$/, ""), name.replace(/-0$/, "")]
  // Ollama lists a tag that may be left out
  return [...new Set([name, `${name}:latest`, ...shorter])]
}

/** "-20250929", "-0709", "-2025-08-07": the version that a provider adds to a name. */
const dated = /^-\d{4}(\d{4}|-\d\d-\d\d)?$/

const isListed = (model: string, names: ReadonlyArray<string>): boolean => {
  const known = names.map(plain)
  return spellings(model).some((name) =>
    known.some((one) => one === name || (one.startsWith(name) && dated.test(one.slice(name.length))))
  )
}

export interface UnlistedModel {
  readonly model: string
  /** The keys of the profile that name it, e.g. `models.haiku`. */
  readonly keys: ReadonlyArray<string>
}

/** The models that a profile names itself and a list does not have. Azure lists what could be deployed, not what is. */
export const unlistedModels = (profile: Profile, names: ReadonlyArray<string>): ReadonlyArray<UnlistedModel> => {
  if (providerOf(profile.baseUrl, profile.dialect).kind === "azure") return []
  const named = [
    ["default_model", profile.defaultModel] as const,
    ...modelSlots.map((slot) => [`models.${slot}`, profile.models[slot]] as const)
  ]
  const keysOf = (model: string) => named.flatMap(([key, value]) => (value === model ? [key] : []))
  return [...new Set(named.flatMap(([, model]) => model ?? []))]
    .filter((model) => !isListed(model, names))
    .map((model) => ({ model, keys: keysOf(model) }))
}
