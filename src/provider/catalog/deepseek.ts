/** DeepSeek's models at DeepSeek and, being open, nearly everywhere. */
import { usd, type Vendor } from "./row.ts"

const v4 = { window: 1_000_000, output: 384_000 }

export const deepseek: Vendor = {
  name: "DeepSeek",
  // V4 costs half at night (UTC+8); the rows hold the price of the day.
  source: "https://api-docs.deepseek.com/quick_start/pricing",
  date: "2026-09",
  rows: [
    {
      example: "deepseek-flash",
      match: /^deepseek-(flash|v4\.1-flash|v4-flash-vision)/,
      ...v4,
      vision: true,
      reasoning: ["low", "high", "max"],
      price: usd(0.3, 1.2, 0.006)
    },
    // the vendor serves the name with the model above; other hosts serve the old one, which is blind
    {
      example: "deepseek-v4-flash",
      match: /^deepseek-v4-flash/,
      ...v4,
      vision: false,
      reasoning: ["low", "high", "max"],
      price: usd(0.3, 1.2, 0.006)
    },
    {
      example: "deepseek-v4-pro",
      match: /^deepseek-v4-pro/,
      ...v4,
      vision: false,
      reasoning: ["high", "max"],
      price: usd(1.32, 3.96, 0.044)
    },
    { example: "deepseek-v4", match: /^deepseek-v4/, ...v4, vision: false, reasoning: ["high", "max"] },
    {
      example: "deepseek-chat",
      match: /^deepseek-chat$/,
      window: 128_000,
      output: 8192,
      vision: false,
      reasoning: "none",
      price: usd(0.28, 0.42, 0.028)
    },
    { example: "deepseek-reasoner", match: /^deepseek-reasoner/, window: 128_000, vision: false, reasoning: "always" },
    // OpenRouter has hosts that stop at 64,000
    { example: "deepseek-r1", match: /^deepseek-r1/, window: 64_000, vision: false, reasoning: "always" },
    {
      example: "deepseek-v3.2",
      match: /^deepseek-(chat-)?v3\.[12]/,
      window: 128_000,
      vision: false,
      reasoning: "switch"
    },
    { example: "deepseek-v3", match: /^deepseek(?!-(vl|ocr|janus))/, window: 128_000, vision: false, reasoning: "none" }
  ]
}
