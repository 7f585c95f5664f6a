/** The corpus by provider: look here for what one of them answers. */
import type { Provider } from "../known.ts"
import { anthropic } from "./anthropic.ts"
import { azure } from "./azure.ts"
import { cerebras } from "./cerebras.ts"
import { codex } from "./codex.ts"
import { copilot } from "./copilot.ts"
import { deepseek } from "./deepseek.ts"
import { gateways } from "./gateways.ts"
import { gemini } from "./gemini.ts"
import { glm } from "./glm.ts"
import { groq } from "./groq.ts"
import { kimi } from "./kimi.ts"
import { litellm } from "./litellm.ts"
import { llamacpp } from "./llamacpp.ts"
import { lmstudio } from "./lmstudio.ts"
import { minimax } from "./minimax.ts"
import { mistral } from "./mistral.ts"
import { ollama } from "./ollama.ts"
import { openai } from "./openai.ts"
import { openrouter } from "./openrouter.ts"
import { perplexity } from "./perplexity.ts"
import { qwen } from "./qwen.ts"
import { sglang } from "./sglang.ts"
import { together } from "./together.ts"
import { vllm } from "./vllm.ts"
import { xai } from "./xai.ts"

/** In the order of the table of providers (wire specification §4.14), then the servers that stand in between. */
export const providers: ReadonlyArray<Provider> = [
  openai,
  codex,
  azure,
  deepseek,
  kimi,
  glm,
  minimax,
  xai,
  openrouter,
  ollama,
  vllm,
  sglang,
  lmstudio,
  llamacpp,
  gemini,
  copilot,
  mistral,
  qwen,
  groq,
  together,
  cerebras,
  perplexity,
  anthropic,
  litellm,
  gateways
]
