/** Moonshot's Kimi models, at Moonshot, in Kimi Code and, being open, elsewhere. */
import { usd, type Vendor } from "./row.ts"

const k2 = { window: 262_144, output: 262_144, vision: false }
const seeing = { window: 262_144, output: 262_144, vision: true }

export const moonshot: Vendor = {
  name: "Moonshot AI",
  source: "https://platform.kimi.ai/docs/pricing/chat",
  date: "2026-10",
  rows: [
    {
      example: "kimi-k3.1-pro",
      match: /^kimi-k3[.-]1-pro$/,
      window: 1_048_576,
      output: 131_072,
      vision: true,
      reasoning: ["none", "low", "high", "max"],
      price: usd(2, 10, 0.2)
    },
    {
      example: "kimi-k3",
      match: /^kimi-k3$/,
      window: 1_048_576,
      output: 131_072,
      vision: true,
      reasoning: ["low", "high", "max"],
      price: usd(3, 15, 0.3)
    },
    {
      example: "k3-256k",
      match: /^k3-256k/,
      window: 262_144,
      output: 131_072,
      vision: true,
      reasoning: ["low", "high", "max"]
    },
    {
      example: "k3",
      match: /^(kimi-)?k3/,
      window: 1_048_576,
      output: 131_072,
      vision: true,
      reasoning: ["low", "high", "max"]
    },
    {
      example: "kimi-for-coding",
      match: /^kimi-for-coding/,
      window: 262_144,
      output: 32_768,
      vision: true,
      reasoning: "always"
    },
    {
      example: "kimi-k2.7-code-highspeed",
      match: /^kimi-k2\.7-code-highspeed/,
      ...seeing,
      reasoning: "always",
      price: usd(1.9, 8, 0.38)
    },
    { example: "kimi-k2.7-code", match: /^kimi-k2\.7/, ...seeing, reasoning: "always", price: usd(0.95, 4, 0.19) },
    { example: "kimi-k2.6", match: /^kimi-k2\.6/, ...seeing, reasoning: "switch", price: usd(0.95, 4, 0.16) },
    { example: "kimi-k2.5", match: /^kimi-k2\.5/, ...seeing, reasoning: "switch", price: usd(0.6, 3, 0.1) },
    {
      example: "kimi-k2-thinking-turbo",
      match: /^kimi-k2-thinking-turbo/,
      ...k2,
      reasoning: "always",
      price: usd(1.15, 8, 0.15)
    },
    { example: "kimi-k2-thinking", match: /^kimi-k2-thinking/, ...k2, reasoning: "always", price: usd(0.6, 2.5, 0.15) },
    { example: "kimi-k2-turbo-preview", match: /^kimi-k2-turbo/, ...k2, reasoning: "none", price: usd(2.4, 10, 0.6) },
    {
      example: "kimi-k2-0905-preview",
      match: /^kimi-k2(-instruct)?-0905/,
      ...k2,
      reasoning: "none",
      price: usd(0.6, 2.5, 0.15)
    },
    {
      example: "kimi-k2-0711-preview",
      match: /^kimi-k2/,
      window: 131_072,
      output: 16_384,
      vision: false,
      reasoning: "none",
      price: usd(0.6, 2.5, 0.15)
    },
    { example: "moonshot-v1-8k", match: /^moonshot-v1-8k(?!-vision)/, window: 8192, vision: false, reasoning: "none" },
    {
      example: "moonshot-v1-32k",
      match: /^moonshot-v1-32k(?!-vision)/,
      window: 32_768,
      vision: false,
      reasoning: "none"
    },
    {
      example: "moonshot-v1-128k",
      match: /^(moonshot-v1|kimi(?!-vl))(?!.*vision)/,
      window: 131_072,
      vision: false,
      reasoning: "none"
    }
  ]
}
