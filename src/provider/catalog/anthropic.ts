/** Claude models, named with dashes by their vendor and with dots by OpenRouter and Copilot. */
import type { Effort } from "../../domain/ModelInfo.ts"
import { usd, type Vendor } from "./row.ts"

const upToMax: ReadonlyArray<Effort> = ["low", "medium", "high", "xhigh", "max"]

const million = { window: 1_000_000, output: 128_000, vision: true }
/** Larger windows of these need a beta header that not every host takes. */
const classic = { window: 200_000, output: 64_000, vision: true }

export const anthropic: Vendor = {
  name: "Anthropic",
  // Overview pages of the single models and the price list, by way of models.dev.
  source: "https://platform.claude.com/docs/en/about-claude/models/overview",
  date: "2026-10",
  rows: [
    { example: "claude-fable-5-2", match: /^claude-fable-5[-.]2/, ...million, reasoning: upToMax, price: usd(8, 40) },
    {
      example: "claude-fable-5-1",
      match: /^claude-(fable|mythos)-5[-.]1/,
      ...million,
      reasoning: upToMax,
      price: usd(10, 50, 0.25, 12.5)
    },
    {
      example: "claude-fable-5",
      match: /^claude-(fable|mythos)-5(?![-.]\d(\D|$))/,
      ...million,
      reasoning: upToMax,
      price: usd(10, 50, 1, 12.5)
    },
    {
      example: "claude-opus-4-6-fast",
      match: /^claude-opus-.*-fast/,
      ...million,
      reasoning: ["low", "medium", "high", "max"]
    },
    {
      example: "claude-opus-5-5",
      match: /^claude-opus-5[-.]5/,
      ...million,
      reasoning: upToMax,
      price: usd(4, 20, 0.2, 5)
    },
    {
      example: "claude-opus-5",
      match: /^claude-opus-5(?![-.]\d(\D|$))/,
      ...million,
      reasoning: upToMax,
      price: usd(5, 25, 0.5, 6.25)
    },
    {
      example: "claude-opus-4-7",
      match: /^claude-opus-4[-.][78]/,
      ...million,
      reasoning: upToMax,
      price: usd(5, 25, 0.5, 6.25)
    },
    {
      example: "claude-opus-4-6",
      match: /^claude-opus-4[-.]6/,
      ...million,
      reasoning: ["low", "medium", "high", "max"],
      price: usd(5, 25, 0.5, 6.25)
    },
    {
      example: "claude-opus-4-5-20251101",
      match: /^claude-opus-4[-.]5/,
      ...classic,
      reasoning: ["low", "medium", "high"],
      price: usd(5, 25, 0.5, 6.25)
    },
    {
      example: "claude-opus-4-1-20250805",
      match: /^claude-opus-4(?![-.][2-9](\D|$))/,
      ...classic,
      output: 32_000,
      reasoning: "switch",
      price: usd(15, 75, 1.5, 18.75)
    },
    {
      example: "claude-sonnet-5-5",
      match: /^claude-sonnet-5[-.]5/,
      ...million,
      reasoning: upToMax,
      price: usd(2, 10, 0.1, 2.5)
    },
    {
      example: "claude-sonnet-5",
      match: /^claude-sonnet-5(?![-.]\d(\D|$))/,
      ...million,
      reasoning: upToMax,
      price: usd(2, 10, 0.2, 2.5)
    },
    {
      example: "claude-sonnet-4-6",
      match: /^claude-sonnet-4[-.]6/,
      ...million,
      reasoning: ["low", "medium", "high"],
      price: usd(3, 15, 0.3, 3.75)
    },
    {
      example: "claude-sonnet-4-5",
      match: /^claude-sonnet-4(?![-.][7-9](\D|$))/,
      ...classic,
      reasoning: "switch",
      price: usd(3, 15, 0.3, 3.75)
    },
    {
      example: "claude-haiku-4-5",
      match: /^claude-haiku-4(?![-.][6-9](\D|$))/,
      ...classic,
      reasoning: "switch",
      price: usd(1, 5, 0.1, 1.25)
    },
    {
      example: "claude-3-7-sonnet-20250219",
      match: /^claude-3[-.]7-sonnet/,
      ...classic,
      reasoning: "switch",
      price: usd(3, 15, 0.3, 3.75)
    },
    {
      example: "claude-3-5-sonnet-20241022",
      match: /^claude-3[-.]5-sonnet/,
      ...classic,
      output: 8192,
      reasoning: "none",
      price: usd(3, 15, 0.3, 3.75)
    },
    {
      example: "claude-3-5-haiku-20241022",
      match: /^claude-3[-.]5-haiku/,
      ...classic,
      output: 8192,
      reasoning: "none",
      price: usd(0.8, 4, 0.08, 1)
    },
    {
      example: "claude-3-haiku-20240307",
      match: /^claude-3-haiku/,
      ...classic,
      output: 4096,
      reasoning: "none",
      price: usd(0.25, 1.25, 0.03, 0.3)
    },
    {
      example: "claude-3-opus-20240229",
      match: /^claude-3-opus/,
      ...classic,
      output: 4096,
      reasoning: "none",
      price: usd(15, 75, 1.5, 18.75)
    },
    // versions that came later: the least that their generation had
    { example: "claude-haiku-5", match: /^claude-/, window: 200_000, vision: true, reasoning: "switch" }
  ]
}
