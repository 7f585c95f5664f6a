/** Zhipu's GLM models, at Z.ai, bigmodel.cn and, being open, elsewhere; some hosts write `zai-glm-5-2`. */
import { usd, type Vendor } from "./row.ts"

const million = { window: 1_000_000, output: 131_072 }
const glm5 = { window: 200_000, output: 131_072 }
const glm45 = { window: 131_072, output: 98_304 }

export const zhipu: Vendor = {
  name: "Zhipu AI",
  source: "https://docs.z.ai/guides/overview/pricing",
  date: "2026-09",
  rows: [
    {
      example: "glm-5.3-flashx",
      match: /^(zai-)?glm-5[.-]3-flashx/,
      ...million,
      vision: true,
      reasoning: ["low", "high", "max"],
      price: usd(0.37, 1.25, 0.075)
    },
    {
      example: "glm-5.3-flash",
      match: /^(zai-)?glm-5[.-]3-flash/,
      ...million,
      vision: true,
      reasoning: ["low", "high", "max"],
      price: usd(0.15, 0.5, 0.03)
    },
    {
      example: "glm-5.3",
      match: /^(zai-)?glm-5[.-]3$/,
      ...million,
      vision: false,
      reasoning: ["low", "high", "max"],
      price: usd(1.4, 4.4, 0.26)
    },
    // Ollama's own servers stop at 976,000
    {
      example: "glm-5.2",
      match: /^(zai-)?glm-5[.-]2$/,
      ...million,
      window: 976_000,
      vision: false,
      reasoning: ["high", "max"],
      price: usd(1.4, 4.4, 0.26)
    },
    {
      example: "glm-5.2-fast",
      match: /^(zai-)?glm-5[.-][23]/,
      ...million,
      window: 976_000,
      vision: false,
      reasoning: ["high", "max"]
    },
    {
      example: "glm-5.1",
      match: /^(zai-)?glm-5[.-]1$/,
      ...glm5,
      vision: false,
      reasoning: "switch",
      price: usd(1.4, 4.4, 0.26)
    },
    {
      example: "glm-5v-turbo",
      match: /^(zai-)?glm-5v/,
      ...glm5,
      vision: true,
      reasoning: "switch",
      price: usd(1.2, 4, 0.24)
    },
    {
      example: "glm-5-turbo",
      match: /^(zai-)?glm-5-turbo/,
      ...glm5,
      vision: false,
      reasoning: "switch",
      price: usd(1.2, 4, 0.24)
    },
    { example: "glm-5", match: /^(zai-)?glm-5$/, ...glm5, vision: false, reasoning: "switch", price: usd(1, 3.2, 0.2) },
    { example: "glm-5.1-fast", match: /^(zai-)?glm-5/, ...glm5, vision: false, reasoning: "switch" },
    {
      example: "glm-4.7-flashx",
      match: /^(zai-)?glm-4[.-]7-flashx/,
      ...glm5,
      vision: false,
      reasoning: "switch",
      price: usd(0.07, 0.4, 0.01)
    },
    {
      example: "glm-4.7-flash",
      match: /^(zai-)?glm-4[.-]7-flash/,
      ...glm5,
      vision: false,
      reasoning: "switch",
      price: usd(0, 0)
    },
    {
      example: "glm-4.6v-flash",
      match: /^(zai-)?glm-4[.-]6v-flash/,
      window: 128_000,
      output: 32_768,
      vision: true,
      reasoning: "switch",
      price: usd(0, 0)
    },
    {
      example: "glm-4.6v",
      match: /^(zai-)?glm-4[.-]6v/,
      window: 128_000,
      output: 32_768,
      vision: true,
      reasoning: "switch",
      price: usd(0.3, 0.9)
    },
    {
      example: "glm-4.6",
      match: /^(zai-)?glm-4[.-][67]/,
      ...glm5,
      vision: false,
      reasoning: "switch",
      price: usd(0.6, 2.2, 0.11)
    },
    {
      example: "glm-4.5v",
      match: /^(zai-)?glm-4[.-]5v/,
      window: 64_000,
      output: 16_384,
      vision: true,
      reasoning: "switch",
      price: usd(0.6, 1.8)
    },
    {
      example: "glm-4.5-air",
      match: /^(zai-)?glm-4[.-]5-air$/,
      ...glm45,
      vision: false,
      reasoning: "switch",
      price: usd(0.2, 1.1, 0.03)
    },
    {
      example: "glm-4.5-flash",
      match: /^(zai-)?glm-4[.-]5-flash/,
      ...glm45,
      vision: false,
      reasoning: "switch",
      price: usd(0, 0)
    },
    {
      example: "glm-4.5",
      match: /^(zai-)?glm-4[.-]5$/,
      ...glm45,
      vision: false,
      reasoning: "switch",
      price: usd(0.6, 2.2, 0.11)
    },
    { example: "glm-4.5-x", match: /^(zai-)?glm-4[.-]5/, ...glm45, vision: false, reasoning: "switch" }
  ]
}
