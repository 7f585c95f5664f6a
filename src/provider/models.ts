/**
 * Which model answers: the client's words (tier names, Claude model ids, aliases, entries picked from our own list) to a
 * profile and its provider's model name. Pure; one table of meaning for requests and for the model list.
 */
import { isAnthropicApi } from "./endpoint.ts"
import { modelSlots, slotModel, type ModelSlot, type Profile } from "../domain/Profile.ts"

/** The part of the configuration that gives names their meaning. */
export interface ModelNames {
  readonly profiles: ReadonlyArray<Profile>
  readonly modelAliases: Readonly<Record<string, string>>
}

/**
 * Ids of our own for the client's model picker, which shows only what begins with `claude`. Reversible:
 * `claudex-<profile>__<model>`, each part with everything but letters, digits, `.` and `-` as `_` and two hex digits per
 * UTF-8 byte, so that `__` occurs nowhere else. An empty profile means the one the client is connected to.
 */
const pickerPrefix = "claudex-"
const separator = "__"

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const escape = (text: string): string => {
  let out = ""
  for (const byte of utf8.encode(text)) {
    const char = String.fromCharCode(byte)
    out += /[A-Za-z0-9.-]/.test(char) ? char : `_${byte.toString(16).padStart(2, "0")}`
  }
  return out
}

const unescape = (text: string): string | undefined => {
  if (!/^([A-Za-z0-9.-]|_[0-9a-f]{2})*$/i.test(text)) return undefined
  const bytes = (text.match(/_..|./g) ?? []).map((part) =>
    part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0)
  )
  try {
    return strictUtf8.decode(Uint8Array.from(bytes))
  } catch {
    return undefined // not UTF-8: nobody made this id
  }
}

/** The id under which a model of a profile appears in the client's picker. */
export const pickerId = (profile: string, model: string): string =>
  pickerPrefix + escape(profile) + separator + escape(model)

/** The exact inverse of `pickerId`; undefined for every other text. */
export const readPickerId = (id: string): { readonly profile: string; readonly model: string } | undefined => {
  if (!id.startsWith(pickerPrefix)) return undefined
  const at = id.indexOf(separator, pickerPrefix.length)
  if (at < 0) return undefined
  const profile = unescape(id.slice(pickerPrefix.length, at))
  const model = unescape(id.slice(at + separator.length))
  return profile === undefined || model === undefined ? undefined : { profile, model }
}

/** The client's mark for a large window; it is no part of any provider's model name. */
const withoutWindowMark = (model: string): string => model.trim().replace(/\[1m\]$/i, "")

/** A short name from the configuration, or the model itself. */
export const meantBy = (model: string, aliases: ModelNames["modelAliases"]): string =>
  Object.hasOwn(aliases, model) ? (aliases[model] ?? model) : model

/** The profile with its models under the names that its provider knows: those that it names may be aliases. */
export const withoutAliases = (profile: Profile, aliases: ModelNames["modelAliases"]): Profile => ({
  ...profile,
  defaultModel: meantBy(profile.defaultModel, aliases),
  models: Object.fromEntries(Object.entries(profile.models).map(([slot, model]) => [slot, meantBy(model, aliases)]))
})

/** What Claude Code's own words for models mean. */
const words: Readonly<Record<string, ModelSlot>> = {
  haiku: "haiku",
  sonnet: "sonnet",
  opus: "opus",
  fable: "fable",
  opusplan: "sonnet",
  best: "opus"
}

/** Claude model ids, also as Bedrock spells them; `vendor/claude-…` is a name of the vendor and stays. */
const claudeId = /^([a-z]{2}(-?[a-z]{1,4})?\.)?(anthropic\.)?claude-/i

const slotOf = (id: string): ModelSlot | undefined =>
  modelSlots.find((slot) => new RegExp(`(^|[^a-z])${slot}([^a-z]|$)`, "i").test(id))

/** Every model the profile names itself, the default first. */
export const ownModels = (profile: Profile): ReadonlyArray<string> => [
  ...new Set([profile.defaultModel, ...modelSlots.map((slot) => slotModel(profile, slot))].map(withoutWindowMark))
]

/**
 * A Claude name by the profile's tiers. Anthropic's own API knows these names: there a tier changes one only where the
 * profile has a model of its own for it.
 */
const onTier = (requested: string, profile: Profile): string => {
  const tier = slotOf(requested)
  const own = tier === undefined ? undefined : profile.models[tier]
  return own ?? (isAnthropicApi(profile) ? requested : profile.defaultModel)
}

const onProfile = (requested: string, profile: Profile): string => {
  if (requested === "" || requested === "default") return profile.defaultModel
  if (ownModels(profile).includes(requested)) return requested
  const slot = Object.hasOwn(words, requested.toLowerCase()) ? words[requested.toLowerCase()] : undefined
  if (slot !== undefined) return slotModel(profile, slot)
  return claudeId.test(requested) ? onTier(requested, profile) : requested
}

/** The profile that serves a request: the one the model was picked from in our own list, else the one connected to. */
export const servingProfile = (requested: string, connected: string): string => {
  const picked = readPickerId(withoutWindowMark(requested))?.profile ?? ""
  return picked === "" ? connected : picked
}

/**
 * The serving profile's model that a request means. In this order: an entry of our own model list, an alias, a tier or
 * Claude name by the profile's slots, else the name as it is. A Claude name never reaches a provider whose profile does
 * not name it itself, save Anthropic's own API.
 */
export const resolveModel = (requested: string, profile: Profile, aliases: ModelNames["modelAliases"]): string => {
  const asked = withoutWindowMark(requested)
  const picked = readPickerId(asked)?.model ?? asked
  const meant = meantBy(picked, aliases)
  return withoutWindowMark(onProfile(withoutWindowMark(meant), withoutAliases(profile, aliases)))
}

/** The tier that a request means on a profile: by its own words, or because that tier's model was asked for by name. */
const tierOf = (requested: string, profile: Profile): ModelSlot | undefined => {
  const word = requested.toLowerCase()
  if (Object.hasOwn(words, word)) return words[word]
  if (claudeId.test(requested)) return slotOf(requested)
  return requested === profile.defaultModel ? undefined : modelSlots.find((slot) => profile.models[slot] === requested)
}

/**
 * The model that answers on another profile in place of the one that a request means on its own: a model of the same name
 * that the other profile names too, the same tier's model, else its default.
 */
export const standInModel = (
  requested: string,
  own: Profile,
  other: Profile,
  aliases: ModelNames["modelAliases"]
): string => {
  const profile = withoutAliases(own, aliases)
  const standIn = withoutAliases(other, aliases)
  const asked = withoutWindowMark(requested)
  const picked = readPickerId(asked)?.model ?? asked
  const meant = withoutWindowMark(meantBy(picked, aliases))
  if (ownModels(standIn).includes(meant) || claudeId.test(meant)) return resolveModel(meant, standIn, {})
  const tier = tierOf(meant, profile)
  return withoutWindowMark(tier === undefined ? standIn.defaultModel : slotModel(standIn, tier))
}

/** One entry of the model list. */
export interface ListedModel {
  readonly id: string
  readonly displayName: string
  readonly profile: Profile | undefined
  readonly model: string
}

const entriesOf = (profile: Profile): ReadonlyArray<ListedModel> =>
  ownModels(profile).map((model) => ({
    id: pickerId(profile.name, model),
    displayName: `${model} (${profile.name})`,
    profile,
    model
  }))

/**
 * The entry for a name that a client knows from elsewhere, under that name: a tier, a Claude name, an alias or a model of
 * the profile. Undefined for every other name, for nobody knows whether the provider has it.
 */
export const knownModel = (
  requested: string,
  profile: Profile,
  aliases: ModelNames["modelAliases"]
): ListedModel | undefined => {
  const asked = withoutWindowMark(requested)
  const isKnown =
    ownModels(profile).includes(asked) ||
    Object.hasOwn(words, asked.toLowerCase()) ||
    Object.hasOwn(aliases, asked) ||
    claudeId.test(asked)
  if (!isKnown) return undefined
  const model = resolveModel(asked, profile, aliases)
  return { id: requested, displayName: `${model} (${profile.name})`, profile, model }
}

/** All models of the enabled profiles and all aliases; those of the profile at hand come first. */
export const listModels = (names: ModelNames, at?: Profile): ReadonlyArray<ListedModel> => {
  const enabled = names.profiles.filter((profile) => profile.enabled)
  const others = enabled.filter((profile) => profile.name !== at?.name)
  const aliases = Object.entries(names.modelAliases).map(([alias, model]) => ({
    id: pickerId("", alias),
    displayName: `${alias} (alias of ${model})`,
    profile: at,
    model
  }))
  return [...(at?.enabled === true ? entriesOf(at) : []), ...aliases, ...others.flatMap(entriesOf)]
}
