/** xAI's Grok models. */
import { usd, type Vendor } from "./row.ts"

const fast = { window: 2_000_000, output: 30_000, vision: true }
const million = { window: 1_000_000, output: 30_000, vision: true }
const grok45 = { window: 500_000, vision: true }
const grok3 = { window: 131_072, vision: false }

export const xai: Vendor = {
  name: "xAI",
  source: "https://docs.x.ai/developers/pricing",
  date: "2026-09",
  rows: [
    {
      example: "grok-4.7",
      match: /^grok-4\.[67]/,
      ...grok45,
      reasoning: ["low", "medium", "high", "xhigh"],
      price: usd(2, 6, 0.5)
    },
    {
      example: "grok-4.5",
      match: /^grok-4\.5/,
      ...grok45,
      reasoning: ["low", "medium", "high"],
      price: usd(2, 6, 0.3)
    },
    {
      example: "grok-4.3",
      match: /^grok-4\.3/,
      ...million,
      reasoning: ["low", "medium", "high"],
      price: usd(1.25, 2.5, 0.2)
    },
    {
      example: "grok-4.20-multi-agent-0309",
      match: /^grok-4\.20-multi-agent/,
      ...million,
      reasoning: ["low", "medium", "high"]
    },
    {
      example: "grok-4.20-beta-latest-non-reasoning",
      match: /^grok-4\.20.*beta.*non-reasoning/,
      ...million,
      reasoning: "none",
      price: usd(2, 6, 0.2)
    },
    {
      example: "grok-4.20-beta-latest-reasoning",
      match: /^grok-4\.20.*beta/,
      ...million,
      reasoning: "always",
      price: usd(2, 6, 0.2)
    },
    {
      example: "grok-4.20-0309-non-reasoning",
      match: /^grok-4\.20.*non-reasoning/,
      ...million,
      reasoning: "none",
      price: usd(1.25, 2.5, 0.2)
    },
    {
      example: "grok-4.20-0309-reasoning",
      match: /^grok-4\.20/,
      ...million,
      reasoning: "always",
      price: usd(1.25, 2.5, 0.2)
    },
    {
      example: "grok-4-fast-non-reasoning",
      match: /^grok-4([.-]1)?-fast-non-reasoning/,
      ...fast,
      reasoning: "none",
      price: usd(0.2, 0.5, 0.05)
    },
    { example: "grok-4-fast", match: /^grok-4([.-]1)?-fast/, ...fast, reasoning: "always", price: usd(0.2, 0.5, 0.05) },
    {
      example: "grok-4",
      match: /^grok-4(-0709|-latest)?$/,
      window: 256_000,
      vision: true,
      reasoning: "always",
      price: usd(3, 15, 0.75)
    },
    {
      example: "grok-build-0.1",
      match: /^grok-build/,
      window: 256_000,
      vision: true,
      reasoning: "always",
      price: usd(1, 2, 0.2)
    },
    {
      example: "grok-code-fast-1",
      match: /^grok-code-fast/,
      window: 256_000,
      vision: false,
      reasoning: "always",
      price: usd(0.2, 1.5, 0.02)
    },
    {
      example: "grok-3-mini-fast",
      match: /^grok-3-mini-fast/,
      ...grok3,
      reasoning: ["low", "high"],
      price: usd(0.6, 4, 0.15)
    },
    {
      example: "grok-3-mini",
      match: /^grok-3-mini/,
      ...grok3,
      reasoning: ["low", "high"],
      price: usd(0.3, 0.5, 0.075)
    },
    { example: "grok-3-fast", match: /^grok-3-fast/, ...grok3, reasoning: "none", price: usd(5, 25, 1.25) },
    { example: "grok-3", match: /^grok-3/, ...grok3, reasoning: "none", price: usd(3, 15, 0.75) },
    {
      example: "grok-2-vision-1212",
      match: /^grok-2-vision/,
      window: 8192,
      output: 4096,
      vision: true,
      reasoning: "none",
      price: usd(2, 10)
    },
    { example: "grok-2-1212", match: /^grok-2/, ...grok3, reasoning: "none", price: usd(2, 10) },
    // versions that came later: the least that their generation had
    { example: "grok-4.9", match: /^grok-[4-9]/, window: 256_000, vision: true, reasoning: "always" }
  ]
}
