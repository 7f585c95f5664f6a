/** Mistral's models, at Mistral and, where their weights are open, elsewhere. */
import { usd, type Vendor } from "./row.ts"

const text = { vision: false, reasoning: "none" } as const
const seeing = { vision: true, reasoning: "none" } as const
/** These reason when asked to, and then as much as they can. */
const reasoning = { vision: true, reasoning: ["none", "high"] } as const

export const mistral: Vendor = {
  name: "Mistral AI",
  source: "https://docs.mistral.ai/getting-started/models/models_overview",
  date: "2026-10",
  rows: [
    // in preview at half the price
    {
      example: "mistral-large-4",
      match: /^mistral-large-4/,
      window: 524_288,
      ...reasoning,
      price: usd(1.36, 4.18, 0.14)
    },
    { example: "mistral-large-2411", match: /^mistral-large(-24|$)/, window: 128_000, ...text, price: usd(2, 6) },
    {
      example: "mistral-large-2512",
      match: /^mistral-large-(3|25|latest)/,
      window: 262_144,
      ...seeing,
      price: usd(0.5, 1.5)
    },
    {
      example: "mistral-medium-3.5",
      match: /^mistral-medium-(3[.-]5|2604|latest)/,
      window: 262_144,
      ...reasoning,
      price: usd(1.5, 7.5)
    },
    { example: "mistral-medium-3.1", match: /^mistral-medium/, window: 128_000, ...seeing, price: usd(0.4, 2) },
    {
      example: "mistral-small-2603",
      match: /^mistral-small-(2603|latest|4)/,
      window: 256_000,
      ...reasoning,
      price: usd(0.15, 0.6)
    },
    {
      example: "mistral-small-2506",
      match: /^mistral-small-?(2503|2506|3\.[12])/,
      window: 128_000,
      ...seeing,
      price: usd(0.1, 0.3)
    },
    { example: "mistral-small-24b-instruct-2501", match: /^mistral-small/, window: 32_768, ...text },
    { example: "codestral-latest", match: /^codestral/, window: 128_000, ...text, price: usd(0.3, 0.9) },
    { example: "labs-devstral-small-2512", match: /^(labs-)?devstral-small-(2$|2512)/, window: 256_000, ...seeing },
    { example: "devstral-small-2507", match: /^devstral-small/, window: 128_000, ...text, price: usd(0.1, 0.3) },
    { example: "devstral-medium-2507", match: /^devstral-medium-2507/, window: 128_000, ...text, price: usd(0.4, 2) },
    {
      example: "devstral-2512",
      match: /^devstral-(2$|2-|2512|latest|medium-latest)/,
      window: 256_000,
      ...text,
      price: usd(0.4, 2)
    },
    { example: "devstral", match: /^devstral/, window: 128_000, ...text },
    {
      example: "magistral-medium-latest",
      match: /^magistral-medium/,
      window: 128_000,
      reasoning: "always",
      price: usd(2, 5)
    },
    {
      example: "magistral-small",
      match: /^magistral/,
      window: 128_000,
      reasoning: "always",
      price: usd(0.5, 1.5)
    },
    { example: "ministral-8b-2512", match: /^ministral-(3$|14b|.*2512|.*latest)/, window: 128_000, ...seeing },
    { example: "ministral-8b-2410", match: /^ministral/, window: 128_000, ...text },
    { example: "pixtral-large-latest", match: /^pixtral-large/, window: 128_000, ...seeing, price: usd(2, 6) },
    { example: "pixtral-12b", match: /^pixtral/, window: 128_000, ...seeing, price: usd(0.15, 0.15) },
    { example: "mistral-nemo", match: /^(open-)?mistral-nemo/, window: 128_000, ...text, price: usd(0.15, 0.15) },
    { example: "open-mixtral-8x22b", match: /^(open-)?mixtral-8x22b/, window: 64_000, ...text, price: usd(2, 6) },
    { example: "open-mixtral-8x7b", match: /^(open-)?mixtral/, window: 32_000, ...text, price: usd(0.7, 0.7) },
    { example: "open-mistral-7b", match: /^open-mistral-7b/, window: 8000, ...text, price: usd(0.25, 0.25) },
    { example: "mistral", match: /^mistral/, window: 32_000, ...text }
  ]
}
