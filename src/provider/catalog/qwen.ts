/** Alibaba's Qwen models: the hosted ones of DashScope, and the open ones. */
import { usd, type Vendor } from "./row.ts"

/** DashScope says 1,000,000; some of its resellers stop at 991,000. */
const hosted = { window: 991_000, output: 64_000 }
const local = { vision: false, reasoning: "none" } as const

export const qwen: Vendor = {
  name: "Alibaba",
  // The prices of the international region for the shortest prompts; hosts that resell at a discount are no source.
  source: "https://www.alibabacloud.com/help/en/model-studio/models",
  date: "2026-09",
  rows: [
    {
      example: "qwen3.8-max",
      match: /^qwen-?3\.8-(max|2\.4t)/,
      window: 262_144,
      output: 128_000,
      vision: true,
      reasoning: "switch"
    },
    {
      example: "qwen3.8-flash",
      match: /^qwen-?3\.8-(omni-)?flash/,
      window: 991_000,
      output: 128_000,
      vision: true,
      reasoning: "switch"
    },
    { example: "qwen3.7-max", match: /^qwen-?3\.7-max/, ...hosted, vision: false, reasoning: "switch" },
    {
      example: "qwen3.6-max-preview",
      match: /^qwen-?3\.6-max/,
      window: 240_000,
      output: 64_000,
      vision: false,
      reasoning: "switch"
    },
    {
      example: "qwen3.6-plus",
      match: /^qwen-?3\.6-plus/,
      ...hosted,
      vision: true,
      reasoning: "switch",
      price: usd(0.5, 3, 0.05, 0.625)
    },
    {
      example: "qwen3.5-plus",
      match: /^qwen-?3\.5-plus/,
      ...hosted,
      vision: true,
      reasoning: "switch",
      price: usd(0.4, 2.4, 0.04, 0.5)
    },
    { example: "qwen3.7-flash", match: /^qwen-?3\.[5-8]-(plus|flash)/, ...hosted, vision: true, reasoning: "switch" },
    {
      example: "qwen3-max",
      match: /^qwen-?3-max(-2025-09-23)?$/,
      window: 262_144,
      output: 65_536,
      vision: false,
      reasoning: "none",
      price: usd(1.2, 6, 0.24, 1.5)
    },
    {
      example: "qwen3-max-thinking",
      match: /^qwen-?3-max/,
      window: 262_144,
      output: 32_768,
      vision: false,
      reasoning: "switch"
    },
    {
      example: "qwen3-coder-plus",
      match: /^qwen-?3-coder-plus/,
      window: 1_000_000,
      output: 65_536,
      ...local,
      price: usd(1, 5, 0.2, 1.25)
    },
    {
      example: "qwen3-coder-flash",
      match: /^qwen-?3-coder-flash/,
      window: 1_000_000,
      output: 65_536,
      ...local,
      price: usd(0.3, 1.5, 0.06, 0.375)
    },
    { example: "qwen-vl-max", match: /^qwen-vl/, window: 131_072, output: 32_768, vision: true, reasoning: "none" },
    { example: "qwen-max", match: /^qwen-max/, window: 32_768, output: 8192, ...local, price: usd(1.6, 6.4, 0.32) },
    {
      example: "qwen-plus",
      match: /^qwen-plus/,
      window: 1_000_000,
      output: 32_768,
      vision: false,
      reasoning: "switch",
      price: usd(0.4, 1.2, 0.08, 0.5)
    },
    {
      example: "qwen-flash",
      match: /^qwen-flash/,
      window: 1_000_000,
      output: 32_768,
      vision: false,
      reasoning: "switch",
      price: usd(0.05, 0.4, 0.01, 0.063)
    },
    { example: "qwen-turbo", match: /^qwen-turbo/, window: 131_072, output: 8192, vision: false, reasoning: "switch" },

    // weights; a local server may be started with less
    { example: "qwen3-coder-next", match: /^qwen-?3-coder-next/, window: 256_000, ...local },
    { example: "qwen3-coder:30b", match: /^qwen-?3-coder/, window: 262_144, ...local },
    { example: "qwen3.5-27b", match: /^qwen-?3\.[5-8]/, window: 256_000, vision: true, reasoning: "switch" },
    {
      example: "qwen3-vl-30b-a3b-thinking",
      match: /^qwen-?3-(vl|omni).*thinking/,
      window: 131_072,
      vision: true,
      reasoning: "always"
    },
    { example: "qwen3-vl-8b-instruct", match: /^qwen-?3-(vl|omni)/, window: 131_072, vision: true, reasoning: "none" },
    {
      example: "qwen3-next-80b-a3b-thinking",
      match: /^qwen-?3-next.*thinking/,
      window: 262_114,
      vision: false,
      reasoning: "always"
    },
    { example: "qwen3-next-80b-a3b-instruct", match: /^qwen-?3-next/, window: 262_114, ...local },
    {
      example: "qwen3-235b-a22b-thinking-2507",
      match: /^qwen-?3-.*thinking/,
      window: 81_920,
      vision: false,
      reasoning: "always"
    },
    { example: "qwen3-235b-a22b-instruct-2507", match: /^qwen-?3-.*2507/, window: 131_000, ...local },
    { example: "qwen3:8b", match: /^qwen-?3/, window: 40_960, vision: false, reasoning: "switch" },
    {
      example: "qwen2.5-vl-72b-instruct",
      match: /^qwen-?2.*(vl|omni)/,
      window: 32_768,
      vision: true,
      reasoning: "none"
    },
    { example: "qwen2.5-coder:7b", match: /^qwen-?2/, window: 32_768, ...local },
    { example: "qwq-32b", match: /^qwq/, window: 40_960, vision: false, reasoning: "always" }
  ]
}
