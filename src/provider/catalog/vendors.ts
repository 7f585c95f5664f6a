/** All vendors. Their names of models do not overlap, save that `open` takes what is left over. */
import { anthropic } from "./anthropic.ts"
import { deepseek } from "./deepseek.ts"
import { google } from "./google.ts"
import { minimax } from "./minimax.ts"
import { mistral } from "./mistral.ts"
import { moonshot } from "./moonshot.ts"
import { open } from "./open.ts"
import { openai } from "./openai.ts"
import { perplexity } from "./perplexity.ts"
import { qwen } from "./qwen.ts"
import type { Vendor } from "./row.ts"
import { xai } from "./xai.ts"
import { zhipu } from "./zhipu.ts"

export const vendors: ReadonlyArray<Vendor> = [
  openai,
  anthropic,
  google,
  xai,
  deepseek,
  moonshot,
  zhipu,
  minimax,
  qwen,
  mistral,
  perplexity,
  open
]
