/** OpenAI's models, also at Azure and in the ChatGPT subscription. */
import type { Effort } from "../../domain/ModelInfo.ts"
import { usd, type Vendor } from "./row.ts"

const classic: ReadonlyArray<Effort> = ["low", "medium", "high"]
const extended: ReadonlyArray<Effort> = ["low", "medium", "high", "xhigh"]
const pro: ReadonlyArray<Effort> = ["medium", "high", "xhigh"]
const whole: ReadonlyArray<Effort> = ["none", "low", "medium", "high", "xhigh"]
const upToMax: ReadonlyArray<Effort> = ["low", "medium", "high", "xhigh", "max"]

const million = { window: 1_050_000, prompt: 922_000, output: 128_000, vision: true }
const gpt5 = { window: 400_000, prompt: 272_000, output: 128_000, vision: true }
const chat = { window: 128_000, output: 16_384, vision: true, reasoning: "none" } as const
const gpt41 = { window: 1_047_576, output: 32_768, vision: true, reasoning: "none" } as const
const o = { window: 200_000, output: 100_000, vision: true, reasoning: classic }

export const openai: Vendor = {
  name: "OpenAI",
  // The pages of the single models, by way of models.dev; gpt-6.1: announcements of hosts that quote the vendor.
  source: "https://developers.openai.com/api/docs/models",
  date: "2026-10",
  rows: [
    { example: "gpt-6-astra", match: /^gpt-6-astra$/, ...million, reasoning: upToMax, price: usd(10, 50, 1, 12.5) },
    { example: "gpt-6.1-sol", match: /^gpt-6\.1-sol/, ...million, reasoning: upToMax, price: usd(2, 10, 0.1, 2.5) },
    {
      example: "gpt-6-sol",
      match: /^gpt-6-sol/,
      ...million,
      reasoning: ["none", ...upToMax],
      price: usd(2, 10, 0.2, 2.5)
    },
    { example: "gpt-6-luna", match: /^gpt-6-luna/, ...million, reasoning: upToMax, price: usd(0.1, 0.5, 0.01, 0.125) },
    // versions that came later: the least that their generation had
    { example: "gpt-6", match: /^gpt-([6-9]|\d\d)/, ...gpt5, reasoning: extended },

    {
      example: "gpt-5.6-luna",
      match: /^gpt-5\.6-luna/,
      ...million,
      reasoning: ["none", ...upToMax],
      price: usd(0.2, 1.2, 0.02, 0.25)
    },
    {
      example: "gpt-5.6-terra",
      match: /^gpt-5\.6-terra/,
      ...million,
      reasoning: ["none", ...upToMax],
      price: usd(2, 12, 0.2, 2.5)
    },
    {
      example: "gpt-5.6-cyber",
      match: /^gpt-5\.6-cyber/,
      ...gpt5,
      reasoning: upToMax,
      price: usd(12.5, 75, 1.25, 15.625)
    },
    {
      example: "gpt-5.6-sol",
      match: /^gpt-5\.6/,
      ...million,
      reasoning: ["none", ...upToMax],
      price: usd(2, 10, 0.2, 2.5)
    },
    { example: "gpt-5.5-pro", match: /^gpt-5\.[45]-pro/, ...million, reasoning: pro, price: usd(30, 180) },
    { example: "gpt-5.5", match: /^gpt-5\.5/, ...million, reasoning: whole, price: usd(5, 30, 0.5) },
    { example: "gpt-5.4-mini", match: /^gpt-5\.4-mini/, ...gpt5, reasoning: whole, price: usd(0.75, 4.5, 0.075) },
    { example: "gpt-5.4-nano", match: /^gpt-5\.4-nano/, ...gpt5, reasoning: whole, price: usd(0.2, 1.25, 0.02) },
    { example: "gpt-5.4", match: /^gpt-5\.4(?!-fast)/, ...million, reasoning: whole, price: usd(2.5, 15, 0.25) },
    { example: "gpt-5.3-chat-latest", match: /^gpt-5\.[23]-chat/, ...chat, price: usd(1.75, 14, 0.175) },
    { example: "gpt-5-chat-latest", match: /^gpt-5(\.1)?-chat/, ...chat, price: usd(1.25, 10, 0.125) },
    {
      example: "gpt-5.3-codex-spark",
      match: /^gpt-5\.3-codex-spark/,
      window: 128_000,
      prompt: 100_000,
      output: 32_000,
      vision: true,
      reasoning: extended,
      price: usd(1.75, 14, 0.175)
    },
    {
      example: "gpt-5.2-codex",
      match: /^gpt-5\.[23]-codex/,
      ...gpt5,
      reasoning: extended,
      price: usd(1.75, 14, 0.175)
    },
    {
      example: "gpt-5.1-codex-max",
      match: /^gpt-5\.1-codex-max/,
      ...gpt5,
      reasoning: extended,
      price: usd(1.25, 10, 0.125)
    },
    {
      example: "gpt-5.1-codex-mini",
      match: /^gpt-5\.1-codex-mini/,
      ...gpt5,
      reasoning: ["medium", "high"],
      price: usd(0.25, 2, 0.025)
    },
    { example: "gpt-5-codex", match: /^gpt-5(\.1)?-codex/, ...gpt5, reasoning: classic, price: usd(1.25, 10, 0.125) },
    { example: "gpt-5.2-pro", match: /^gpt-5\.2-pro/, ...gpt5, reasoning: pro, price: usd(21, 168) },
    { example: "gpt-5.2", match: /^gpt-5\.2/, ...gpt5, reasoning: whole, price: usd(1.75, 14, 0.175) },
    { example: "gpt-5.1", match: /^gpt-5\.1/, ...gpt5, reasoning: ["none", ...classic], price: usd(1.25, 10, 0.125) },
    { example: "gpt-5-pro", match: /^gpt-5-pro/, ...gpt5, reasoning: ["high"], price: usd(15, 120) },
    {
      example: "gpt-5-mini",
      match: /^gpt-5-mini/,
      ...gpt5,
      reasoning: ["minimal", ...classic],
      price: usd(0.25, 2, 0.025)
    },
    {
      example: "gpt-5-nano",
      match: /^gpt-5-nano/,
      ...gpt5,
      reasoning: ["minimal", ...classic],
      price: usd(0.05, 0.4, 0.005)
    },
    {
      example: "gpt-5",
      match: /^gpt-5(?!\.)(?!-image)/,
      ...gpt5,
      reasoning: ["minimal", ...classic],
      price: usd(1.25, 10, 0.125)
    },
    { example: "gpt-5.4-fast", match: /^gpt-5/, ...gpt5, reasoning: classic },

    { example: "gpt-4.1-mini", match: /^gpt-4\.1-mini/, ...gpt41, price: usd(0.4, 1.6, 0.1) },
    { example: "gpt-4.1-nano", match: /^gpt-4\.1-nano/, ...gpt41, price: usd(0.1, 0.4, 0.025) },
    { example: "gpt-4.1", match: /^gpt-4\.1/, ...gpt41, price: usd(2, 8, 0.5) },
    { example: "gpt-4o-mini", match: /^gpt-4o-mini/, ...chat, price: usd(0.15, 0.6, 0.075) },
    { example: "gpt-4o-2024-05-13", match: /^gpt-4o-2024-05-13/, ...chat, output: 4096, price: usd(5, 15) },
    { example: "gpt-4o", match: /^gpt-4o/, ...chat, price: usd(2.5, 10, 1.25) },
    { example: "chatgpt-4o-latest", match: /^chatgpt-4o/, ...chat },
    {
      example: "gpt-4-turbo",
      match: /^gpt-4-(turbo(?!-preview)|vision)/,
      window: 128_000,
      output: 4096,
      vision: true,
      reasoning: "none",
      price: usd(10, 30)
    },
    {
      example: "gpt-4-1106-preview",
      match: /^gpt-4-(turbo|1106|0125)/,
      window: 128_000,
      output: 4096,
      vision: false,
      reasoning: "none",
      price: usd(10, 30)
    },
    { example: "gpt-4-32k", match: /^gpt-4-32k/, window: 32_768, vision: false, reasoning: "none" },
    { example: "gpt-4", match: /^gpt-4(?![.\do])/, window: 8192, vision: false, reasoning: "none", price: usd(30, 60) },
    {
      example: "gpt-3.5-turbo",
      match: /^gpt-3\.5-turbo/,
      window: 16_385,
      output: 4096,
      vision: false,
      reasoning: "none",
      price: usd(0.5, 1.5)
    },

    {
      example: "o1-preview",
      match: /^o1-(mini|preview)/,
      window: 128_000,
      output: 32_768,
      vision: false,
      reasoning: "always"
    },
    { example: "o1-pro", match: /^o1-pro/, ...o, price: usd(150, 600) },
    { example: "o1", match: /^o1/, ...o, price: usd(15, 60, 7.5) },
    { example: "o3-pro", match: /^o3-pro/, ...o, price: usd(20, 80) },
    { example: "o3-mini", match: /^o3-mini/, ...o, vision: false, price: usd(1.1, 4.4, 0.55) },
    { example: "o3-deep-research", match: /^o3-deep-research/, ...o, price: usd(10, 40, 2.5) },
    { example: "o3", match: /^o3/, ...o, price: usd(2, 8, 0.5) },
    { example: "o4-mini-deep-research", match: /^o4-mini-deep-research/, ...o, price: usd(2, 8, 0.5) },
    { example: "o4-mini", match: /^o4-mini/, ...o, price: usd(1.1, 4.4, 0.275) },
    { example: "codex-mini-latest", match: /^codex-mini/, ...o, vision: false, price: usd(1.5, 6, 0.375) }
  ]
}
