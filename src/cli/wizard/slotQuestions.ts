/** Which of a provider's models may stand for Claude's names, and how that is asked. Pure. */
import { type ModelSlot, modelSlots } from "../../domain/Profile.ts"
import { longestPrompt } from "../../domain/ModelInfo.ts"
import { modelInfo } from "../../provider/catalog.ts"
import type { Question } from "./question.ts"

/** The models of slots that are not the profile's own. */
export type Slots = Readonly<Partial<Record<ModelSlot, string>>>

/** What vendors call those of their models that are small and quick. */
const small =
  /(^|[-.\d])(air|fast|flash|flashx|haiku|highspeed|instant|lite|luna|mini|nano|ministral|small|spark|turbo)\b/i

/** Made for something else than conversations with tools. */
const special = /audio|embed|image|realtime|research|search/i

/** The largest part of a model's price that another one has that is meant to spare it. */
const share = 0.5

/** Less does not hold what Claude Code says before the first word of its user. Tokens. */
const leastPrompt = 100_000

/** Who makes it, as far as the name tells: `gpt` of gpt-5.4-mini, `vendor/name` of vendor/name-2. */
const familyOf = (model: string): string | undefined => /^(?:.*\/)?[a-z]+/i.exec(model)?.[0].toLowerCase()

const commonLength = (one: string, other: string): number => {
  let length = 0
  while (length < Math.min(one.length, other.length) && one[length] === other[length]) length += 1
  return length
}

/** The small sister of a large model, by its price: the one whose name is most like its own, then the better one. */
const smallSister = (model: string, listed: ReadonlyArray<string>, provider: string): string | undefined => {
  const priceOf = (name: string) => modelInfo(name, {}, provider).price?.output
  const own = priceOf(model)
  if (own === undefined || small.test(model)) return undefined
  const [best] = listed
    .flatMap((name) => {
      const price = priceOf(name)
      const prompt = longestPrompt(modelInfo(name, {}, provider)) ?? 0
      const isSmall = small.test(name) && !special.test(name) && prompt >= leastPrompt
      return isSmall && familyOf(name) === familyOf(model) && price !== undefined && price <= own * share
        ? [{ name, price, common: commonLength(name, model) }]
        : []
    })
    .toSorted(
      (one, other) => other.common - one.common || other.price - one.price || one.name.length - other.name.length
    )
  return best?.name
}

/**
 * A smaller model for haiku, which Claude Code asks for much that goes on beside the conversation. `provider` is the kind
 * of who serves them.
 */
export const proposedSlots = (model: string, listed: ReadonlyArray<string>, provider: string): Slots => {
  const haiku = smallSister(model, listed, provider)
  return haiku === undefined ? {} : { haiku }
}

export type SlotsAnswer = "proposed" | "none" | "each"

const told = (slots: Slots): string =>
  modelSlots.flatMap((slot) => (slots[slot] === undefined ? [] : [`${slot} ${slots[slot]}`])).join(", ")

/** The answer is one of `SlotsAnswer`. */
export const slotsQuestion = (model: string, proposed: Slots): Question => {
  const choice = (value: SlotsAnswer, shown: string) => ({ value, shown })
  return {
    label: "Model slots",
    choices: [
      ...(told(proposed) === "" ? [] : [choice("proposed", `${told(proposed)}, else ${model}`)]),
      choice("none", `${model} for all of ${modelSlots.join(", ")}`),
      choice("each", "choose for each")
    ]
  }
}

/** The answer may be "": the slot has no model of its own then. */
export const slotQuestion = (
  slot: ModelSlot,
  model: string,
  proposed: Slots,
  listed: ReadonlyArray<string>
): Question => {
  const first = proposed[slot]
  const others = listed.filter((name) => name !== first && name !== model)
  return {
    label: `Model of ${slot}`,
    choices: [
      ...(first === undefined ? [] : [{ value: first, shown: first }]),
      { value: "", shown: `${model}, the profile's model` },
      ...others.map((name) => ({ value: name, shown: name }))
    ],
    fault: () => undefined
  }
}
