/** What hosts of other vendors' models do differently. Dated as compiled, by way of models.dev. */
import { type Host, type HostRow, usd } from "./row.ts"

const limits = (example: string, match: RegExp, window: number, output?: number): HostRow =>
  output === undefined ? { example, match, window } : { example, match, window, output }

/** Sold by the request, so without prices. */
const copilot: Host = {
  kind: "copilot",
  source: "https://docs.github.com/en/copilot/reference/ai-models/supported-models",
  date: "2026-09",
  rows: [
    limits("claude-opus-4.6", /^claude-opus-4[.-]6/, 168_000, 32_000),
    limits("claude-opus-4.8", /^claude-opus-4[.-]8/, 200_000, 64_000),
    limits("claude-opus-4.7", /^claude-opus-4/, 200_000, 32_000),
    limits("claude-opus-5", /^claude-opus-5/, 1_000_000, 64_000),
    limits("claude-sonnet-4", /^claude-sonnet-4$/, 200_000, 16_000),
    limits("claude-sonnet-4.6", /^claude-sonnet-4/, 200_000, 32_000),
    limits("gemini-2.5-pro", /^gemini-(2\.5|3-)/, 128_000, 64_000),
    limits("gemini-3.5-flash", /^gemini-3\.5/, 200_000, 64_000),
    limits("gemini-3.1-pro-preview", /^gemini-3\.[1678]/, 1_000_000, 64_000),
    limits("gpt-4.1", /^gpt-4\.1/, 128_000, 16_384),
    limits("gpt-4o", /^gpt-4o/, 128_000, 4096),
    limits("gpt-5", /^gpt-5$/, 128_000, 128_000),
    limits("gpt-5-mini", /^gpt-5(-mini|\.1$)/, 264_000, 64_000),
    limits("gpt-5.4", /^gpt-5\.[1-4](?!-nano)/, 272_000, 128_000),
    limits("grok-code-fast-1", /^grok-code-fast/, 192_000, 64_000),
    limits("grok-4.7", /^grok-4\.[567]/, 500_000, 128_000),
    limits("kimi-k2.7-code", /^kimi-k2\.7/, 256_000, 32_000)
  ]
}

const groq: Host = {
  kind: "groq",
  source: "https://console.groq.com/docs/models",
  date: "2026-09",
  rows: [
    { ...limits("openai/gpt-oss-120b", /^gpt-oss-120b/, 131_072, 65_536), price: usd(0.15, 0.6, 0.075) },
    { ...limits("openai/gpt-oss-20b", /^gpt-oss-20b/, 131_072, 65_536), price: usd(0.075, 0.3, 0.0375) },
    { ...limits("llama-3.3-70b-versatile", /^llama-3\.3-70b/, 131_072, 32_768), price: usd(0.59, 0.79) },
    { ...limits("llama-3.1-8b-instant", /^llama-3\.1-8b/, 131_072, 131_072), price: usd(0.05, 0.08) },
    {
      ...limits("meta-llama/llama-4-maverick-17b-128e-instruct", /^llama-4-maverick/, 131_072, 8192),
      price: usd(0.2, 0.6)
    },
    { ...limits("meta-llama/llama-4-scout-17b-16e-instruct", /^llama-4-scout/, 131_072, 8192), price: usd(0.11, 0.34) },
    { ...limits("moonshotai/kimi-k2-instruct-0905", /^kimi-k2-instruct-0905/, 262_144, 16_384), price: usd(1, 3, 0.5) },
    { ...limits("moonshotai/kimi-k2-instruct", /^kimi-k2-instruct/, 131_072, 16_384), price: usd(1, 3) },
    { ...limits("qwen/qwen3.8-27b", /^qwen3\.8-27b/, 131_042, 16_384), price: usd(0.8, 4) },
    { ...limits("qwen/qwen3.6-27b", /^qwen3\.6-27b/, 131_072, 16_384), price: usd(0.6, 3, 0.3) },
    { ...limits("qwen/qwen3-32b", /^qwen3-32b/, 131_072, 40_960), price: usd(0.29, 0.59) },
    { ...limits("groq/compound", /^compound/, 131_072, 8192), vision: false }
  ]
}

const cerebras: Host = {
  kind: "cerebras",
  source: "https://inference-docs.cerebras.ai/models/overview",
  date: "2026-09",
  rows: [
    { ...limits("gpt-oss-120b", /^gpt-oss-120b/, 131_072, 40_960), price: usd(0.35, 0.75) },
    { ...limits("zai-glm-4.7", /^zai-glm-4\.7/, 131_072, 40_960), price: usd(2.25, 2.75) },
    limits("zai-glm-4.6", /^zai-glm-4\.6/, 131_072, 32_768),
    { ...limits("qwen-3.8-27b", /^qwen-3\.8-27b/, 65_536, 32_768), price: usd(0.99, 1.49) },
    { ...limits("qwen-3-235b-a22b-instruct-2507", /^qwen-3-235b/, 131_000, 32_000), price: usd(0.6, 1.2) },
    limits("qwen-3-coder-480b", /^qwen-3-coder-480b/, 131_072, 32_768),
    { ...limits("gemma-4-31b", /^gemma-4-31b/, 131_072, 40_960), price: usd(0.99, 1.49) },
    { ...limits("llama3.1-8b", /^llama3\.1-8b/, 32_000, 8000), price: usd(0.1, 0.1) }
  ]
}

const together: Host = {
  kind: "together",
  source: "https://docs.together.ai/docs/serverless-models",
  date: "2026-09",
  rows: [
    {
      ...limits("deepseek-ai/DeepSeek-V4-Pro-0813", /^deepseek-v4-pro-0813/, 1_000_000, 384_000),
      price: usd(1.32, 3.96, 0.13)
    },
    { ...limits("deepseek-ai/DeepSeek-V4-Pro", /^deepseek-v4-pro/, 512_000, 384_000), price: usd(1.74, 3.48, 0.2) },
    {
      ...limits("deepseek-ai/DeepSeek-V4.1-Flash", /^deepseek-v4\.1-flash/, 1_000_000, 384_000),
      price: usd(0.3, 1.2, 0.006)
    },
    {
      ...limits("deepseek-ai/DeepSeek-V4-Flash-0731", /^deepseek-v4-flash/, 1_000_000, 384_000),
      price: usd(0.14, 0.28, 0.03)
    },
    { ...limits("deepseek-ai/DeepSeek-R1", /^deepseek-r1/, 131_072, 8192), price: usd(3, 7) },
    { ...limits("openai/gpt-oss-120b", /^gpt-oss-120b/, 131_072, 131_072), price: usd(0.15, 0.6) },
    { ...limits("openai/gpt-oss-20b", /^gpt-oss-20b/, 131_072, 131_072), price: usd(0.05, 0.2) },
    {
      ...limits("meta-llama/Llama-3.3-70B-Instruct-Turbo", /^llama-3\.3-70b/, 131_072, 131_072),
      price: usd(1.04, 1.04)
    },
    { ...limits("MiniMaxAI/MiniMax-M2.7", /^minimax-m2\.[57]/, 202_752, 131_072), price: usd(0.3, 1.2, 0.06) },
    { ...limits("MiniMaxAI/MiniMax-M3", /^minimax-m3/, 524_288, 250_000), price: usd(0.3, 1.2, 0.06) },
    { ...limits("moonshotai/Kimi-K3", /^kimi-k3$/, 1_048_576, 131_072), price: usd(3, 15, 0.3) },
    { ...limits("moonshotai/Kimi-K2.7-Code", /^kimi-k2\.7-code$/, 262_144, 131_072), price: usd(0.95, 4, 0.19) },
    { ...limits("moonshotai/Kimi-K2.6", /^kimi-k2\.6/, 262_144, 131_000), price: usd(1.2, 4.5, 0.2) },
    { ...limits("moonshotai/Kimi-K2.5", /^kimi-k2\.5/, 262_144), price: usd(0.5, 2.8) },
    { ...limits("zai-org/GLM-5.3-Flash", /^glm-5\.3-flash$/, 1_000_000), price: usd(0.15, 0.5, 0.03) },
    { ...limits("zai-org/GLM-5.3", /^glm-5\.3$/, 1_000_000), price: usd(1.4, 4.4, 0.26) },
    { ...limits("zai-org/GLM-5.2", /^glm-5\.2$/, 512_000, 164_000), price: usd(1.4, 4.4, 0.26) },
    { ...limits("zai-org/GLM-5.1", /^glm-5\.1$/, 200_000, 131_072), price: usd(1.4, 4.4, 0.26) },
    { ...limits("Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8", /^qwen3-coder-480b/, 262_144), price: usd(2, 2) },
    { ...limits("Qwen/Qwen3-Coder-Next-FP8", /^qwen3-coder-next/, 256_000), price: usd(0.5, 1.2) },
    {
      ...limits("Qwen/Qwen3-235B-A22B-Instruct-2507-tput", /^qwen3-235b-a22b-instruct-2507/, 262_144),
      price: usd(0.2, 0.6)
    },
    { ...limits("Qwen/Qwen3.5-397B-A17B", /^qwen3\.5-397b/, 262_144, 130_000), price: usd(0.6, 3.6, 0.35) },
    { ...limits("google/gemma-4-31B-it", /^gemma-4-31b/, 262_144, 131_072), price: usd(0.39, 0.97) }
  ]
}

/** Servers on the user's own machines charge nothing that anyone could list. */
const own = (kind: string, source: string): Host => ({ kind, source, date: "2026-09", rows: [] })

export const hosts: ReadonlyArray<Host> = [
  copilot,
  groq,
  cerebras,
  together,
  own("ollama", "https://docs.ollama.com"),
  own("vllm", "https://docs.vllm.ai"),
  own("sglang", "https://docs.sglang.ai"),
  own("lmstudio", "https://lmstudio.ai/docs"),
  own("llamacpp", "https://github.com/ggml-org/llama.cpp")
]
