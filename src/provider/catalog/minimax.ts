/** MiniMax's models, at MiniMax and, being open, elsewhere. */
import { usd, type Vendor } from "./row.ts"

/** MiniMax itself says 204,800; hosts of the open weights stop at 196,608. Reasoning cannot be switched off. */
const m2 = { window: 196_608, output: 131_072, vision: false, reasoning: "always" } as const
/** MiniMax itself says 1,000,000; hosts of the open weights stop at 512,000. */
const m3 = { window: 512_000, output: 128_000, vision: true, reasoning: "switch" } as const

export const minimax: Vendor = {
  name: "MiniMax",
  source: "https://platform.minimax.io/docs/guides/pricing",
  date: "2026-09",
  rows: [
    { example: "MiniMax-M3", match: /^minimax-m3$/, ...m3, price: usd(0.3, 1.2, 0.06) },
    { example: "MiniMax-M3-highspeed", match: /^minimax-m3/, ...m3 },
    {
      example: "MiniMax-M2.7-highspeed",
      match: /^minimax-m2\.[57]-highspeed/,
      ...m2,
      price: usd(0.6, 2.4, 0.06, 0.375)
    },
    { example: "MiniMax-M2.7", match: /^minimax-m2\.7$/, ...m2, price: usd(0.3, 1.2, 0.06, 0.375) },
    { example: "MiniMax-M2.5", match: /^minimax-m2\.[15]$/, ...m2, price: usd(0.3, 1.2, 0.03, 0.375) },
    { example: "MiniMax-M2", match: /^minimax-m2$/, ...m2, price: usd(0.3, 1.2) },
    { example: "MiniMax-M2.5-lightning", match: /^minimax-m2/, ...m2, output: 32_000 },
    {
      example: "MiniMax-M1",
      match: /^minimax-m1/,
      window: 1_000_000,
      output: 40_000,
      vision: false,
      reasoning: "always"
    }
  ]
}
