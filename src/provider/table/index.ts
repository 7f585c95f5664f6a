/**
 * What differs between providers, as one table. A new provider is a new row. Nothing else in claudex asks for a host's
 * name; the generic dialect, which every row differs from, is in protocol/policy.ts.
 */
import { genericPolicy } from "../../protocol/policy.ts"
import { hostRows, mistralModels } from "./hosts.ts"
import { localRows } from "./local.ts"
import { openaiRows } from "./openai.ts"
import type { ProviderRow } from "./row.ts"
import { vendorRows } from "./vendors.ts"

/** The first row that matches wins. */
export const providers: ReadonlyArray<ProviderRow> = [...openaiRows, ...vendorRows, ...hostRows, ...localRows]

/** Any other server: the generic dialect, the key as a bearer token. */
export const generic: ProviderRow = {
  kind: genericPolicy.kind,
  label: "Any other server",
  example: "https://example.com/v1",
  ownAddress: true,
  auth: "bearer",
  reportsCache: true,
  source: ["§4.14"],
  models: [
    {
      // Who serves them passes on what DeepSeek demands: "reasoning_content must be passed back". R1 did not want it.
      match: /^deepseek-(v3\.[2-9]|v[4-9]|reasoner|flash)/,
      example: "deepseek-ai/deepseek-v4-pro",
      policy: { reasoningReplay: "reasoning_content", reasoningFallback: "" }
    },
    {
      // The same of Kimi's, to which an empty text counts as missing. [spacedriveapp/spacebot#549; earendil-works/pi#4251]
      match: /^kimi-(k2\.[5-9]|k2-thinking|k[3-9]|for-coding)/,
      example: "moonshotai/kimi-k2.6",
      policy: { reasoningReplay: "reasoning_content", reasoningFallback: " " }
    },
    mistralModels
  ]
}
