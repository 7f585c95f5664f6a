/** Google's Gemini models, and Gemma, whose weights are open. */
import type { Effort } from "../../domain/ModelInfo.ts"
import { usd, type Vendor } from "./row.ts"

const classic: ReadonlyArray<Effort> = ["low", "medium", "high"]

/** Vertex counts one token less for the answer than the Gemini API. */
const gemini = { window: 1_048_576, output: 65_535, vision: true }
const old = { output: 8192, vision: true, reasoning: "none" } as const

export const google: Vendor = {
  name: "Google",
  // 3.6 to 3.8 cost this much until the end of 2026.
  source: "https://ai.google.dev/gemini-api/docs/pricing",
  date: "2026-09",
  rows: [
    {
      example: "gemini-2.5-flash-image",
      match: /^gemini-.*-image/,
      window: 32_768,
      output: 32_768,
      vision: true,
      reasoning: "none"
    },
    {
      example: "gemini-3.8-flash",
      match: /^gemini-3\.[78]-flash$/,
      ...gemini,
      reasoning: classic,
      price: usd(0.75, 3.75, 0.075)
    },
    {
      example: "gemini-3.6-flash",
      match: /^gemini-3\.6-flash$/,
      ...gemini,
      reasoning: ["minimal", ...classic],
      price: usd(0.75, 3.75, 0.075)
    },
    {
      example: "gemini-3.5-flash-lite",
      match: /^gemini-3\.5-flash-lite/,
      ...gemini,
      reasoning: ["minimal", ...classic],
      price: usd(0.3, 2.5, 0.03)
    },
    {
      example: "gemini-3.5-flash",
      match: /^gemini-3\.5-flash/,
      ...gemini,
      reasoning: ["minimal", ...classic],
      price: usd(1.5, 9, 0.15)
    },
    {
      example: "gemini-3.1-flash-lite",
      match: /^gemini-3\.1-flash-lite/,
      ...gemini,
      reasoning: ["minimal", ...classic],
      price: usd(0.25, 1.5, 0.025)
    },
    {
      example: "gemini-3.1-pro-preview",
      match: /^gemini-3(\.1)?-pro/,
      ...gemini,
      reasoning: ["low", "high"],
      price: usd(2, 12, 0.2)
    },
    {
      example: "gemini-3-flash-preview",
      match: /^gemini-3-flash/,
      ...gemini,
      reasoning: ["minimal", ...classic],
      price: usd(0.5, 3, 0.05)
    },
    {
      example: "gemini-2.5-pro",
      match: /^gemini-2\.5-pro/,
      ...gemini,
      reasoning: classic,
      price: usd(1.25, 10, 0.125)
    },
    {
      example: "gemini-2.5-flash-lite",
      match: /^gemini-2\.5-flash-lite/,
      ...gemini,
      reasoning: ["none", ...classic],
      price: usd(0.1, 0.4, 0.01)
    },
    {
      example: "gemini-2.5-flash",
      match: /^gemini-2\.5-flash/,
      ...gemini,
      reasoning: ["none", ...classic],
      price: usd(0.3, 2.5, 0.03)
    },
    {
      example: "gemini-2.0-flash-lite",
      match: /^gemini-2\.0-flash-lite/,
      window: 1_048_576,
      ...old,
      price: usd(0.075, 0.3)
    },
    { example: "gemini-2.0-flash", match: /^gemini-2\.0/, window: 1_048_576, ...old, price: usd(0.1, 0.4, 0.025) },
    {
      example: "gemini-1.5-flash-8b",
      match: /^gemini-1\.5-flash-8b/,
      window: 1_000_000,
      ...old,
      price: usd(0.0375, 0.15, 0.01)
    },
    {
      example: "gemini-1.5-flash",
      match: /^gemini-1\.5-flash/,
      window: 1_000_000,
      ...old,
      price: usd(0.075, 0.3, 0.01875)
    },
    { example: "gemini-1.5-pro", match: /^gemini-1\.5/, window: 1_000_000, ...old, price: usd(1.25, 5, 0.3125) },
    // aliases, and versions that came later
    { example: "gemini-flash-latest", match: /^gemini-(flash|pro|3)/, ...gemini, reasoning: ["low", "high"] },

    // small ones stop at half of what the large ones take
    { example: "gemma4", match: /^gemma-?4/, window: 131_072, vision: true, reasoning: "switch" },
    { example: "gemma-3n-e4b-it", match: /^gemma-?3n/, window: 32_768, vision: false, reasoning: "none" },
    { example: "gemma-3-1b-it", match: /^gemma-?3-1b/, window: 32_768, vision: false, reasoning: "none" },
    { example: "gemma-3-27b-it", match: /^gemma-?3/, window: 131_072, output: 8192, vision: true, reasoning: "none" },
    { example: "gemma2-9b-it", match: /^(code)?gemma/, window: 8192, vision: false, reasoning: "none" }
  ]
}
