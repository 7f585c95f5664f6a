/** Perplexity's Sonar models. A request also costs a fee by the size of the search, which no price here holds. */
import type { Effort } from "../../domain/ModelInfo.ts"
import { usd, type Vendor } from "./row.ts"

const efforts: ReadonlyArray<Effort> = ["minimal", "low", "medium", "high"]

export const perplexity: Vendor = {
  name: "Perplexity",
  source: "https://docs.perplexity.ai/docs/getting-started/pricing",
  date: "2026-09",
  rows: [
    {
      example: "sonar-deep-research",
      match: /^sonar-deep-research/,
      window: 128_000,
      output: 32_768,
      vision: false,
      reasoning: efforts,
      price: usd(2, 8)
    },
    {
      example: "sonar-reasoning-pro",
      match: /^sonar-reasoning-pro/,
      window: 128_000,
      output: 4096,
      vision: true,
      reasoning: efforts,
      price: usd(2, 8)
    },
    {
      example: "sonar-reasoning",
      match: /^sonar-reasoning/,
      window: 128_000,
      output: 4096,
      vision: false,
      reasoning: "always"
    },
    {
      example: "sonar-pro",
      match: /^sonar-pro/,
      window: 200_000,
      output: 8000,
      vision: true,
      reasoning: "none",
      price: usd(3, 15)
    },
    {
      example: "sonar",
      match: /^sonar$/,
      window: 127_000,
      output: 4096,
      reasoning: "none",
      price: usd(1, 1)
    }
  ]
}
