/** What there is to know about a model before it is asked: its sizes, senses, reasoning and price. */
import { Schema } from "effect"
import type { Price } from "./Cost.ts"
import { optional } from "./keys.ts"
import { tokens } from "./Profile.ts"

/** The words for how hard a model thinks, the least first. */
export const Effort = Schema.Literal("none", "minimal", "low", "medium", "high", "xhigh", "max")
export type Effort = typeof Effort.Type

/**
 * How a model's reasoning is asked for: it has none, it always reasons and nothing changes that, it can only be switched
 * on and off, or it takes these words (lowest first).
 */
export type Reasoning = "none" | "always" | "switch" | ReadonlyArray<Effort>

/** Whatever is absent is not known. */
export interface ModelInfo {
  /** Prompt and answer together, in tokens. */
  readonly contextWindow?: number
  /** The longest prompt, in tokens, where that is less than the window. */
  readonly promptLimit?: number
  /** The longest answer, in tokens. */
  readonly outputLimit?: number
  /** Whether the model reads images. */
  readonly vision?: boolean
  readonly reasoning?: Reasoning
  readonly price?: Price
}

const dollars = Schema.Finite.pipe(Schema.nonNegative()).annotations({ description: "a number, 0 or more" })

/** What the user knows better about a model: one `[model_info."name"]` table of the configuration. */
export const ModelOverride = Schema.Struct({
  contextWindow: optional(tokens, "context_window", "Prompt and answer together, in tokens."),
  outputLimit: optional(tokens, "output_limit", "The longest answer, in tokens."),
  vision: optional(Schema.Boolean, "vision", "Whether it reads images."),
  efforts: optional(
    Schema.Array(Effort),
    "efforts",
    "The words for how hard it thinks, the least first; an empty list when it does not reason."
  ),
  priceInput: optional(dollars, "price_input", "US dollars per million tokens of a prompt."),
  priceCached: optional(dollars, "price_cached", "US dollars per million tokens that are read from a cache."),
  priceWrite: optional(dollars, "price_write", "US dollars per million tokens that are written to a cache."),
  priceOutput: optional(dollars, "price_output", "US dollars per million tokens of an answer.")
})
export type ModelOverride = typeof ModelOverride.Type

/** By the name of a model, or by the beginning of names with `*` behind it. */
export type ModelOverrides = Readonly<Record<string, ModelOverride>>

/**
 * With a price for fresh input of the user's own, the catalog's discounts and surcharges for cached input do not hold
 * any more. Without a price for both directions there is none: half a price would look like a cheap one.
 */
const priceWith = (known: Price | undefined, override: ModelOverride): Price | undefined => {
  const input = override.priceInput ?? known?.input
  const output = override.priceOutput ?? known?.output
  if (input === undefined || output === undefined) return undefined
  const base = override.priceInput === undefined ? known : undefined
  const cached = override.priceCached ?? base?.cached
  const write = override.priceWrite ?? base?.write
  return { input, output, ...(cached === undefined ? {} : { cached }), ...(write === undefined ? {} : { write }) }
}

/** The same with another window, which a prompt may then fill. */
export const withWindow = (info: ModelInfo, contextWindow: number | undefined): ModelInfo => {
  if (contextWindow === undefined) return info
  const { promptLimit: _, ...others } = info
  return { ...others, contextWindow }
}

/** How long a conversation may get before its model refuses it, in tokens. */
export const longestPrompt = (info: ModelInfo): number | undefined => info.promptLimit ?? info.contextWindow

/** What is known, with the user's word above it. */
export const overridden = (known: ModelInfo, override: ModelOverride): ModelInfo => {
  const { contextWindow, efforts, outputLimit, vision } = override
  const price = priceWith(known.price, override)
  return {
    ...withWindow(known, contextWindow),
    ...(outputLimit === undefined ? {} : { outputLimit }),
    ...(vision === undefined ? {} : { vision }),
    ...(efforts === undefined ? {} : { reasoning: efforts.length === 0 ? "none" : efforts }),
    ...(price === undefined ? {} : { price })
  }
}
