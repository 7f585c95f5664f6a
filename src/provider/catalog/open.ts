/** Open models without a price list of their vendor's own, as Ollama, vLLM, LM Studio, llama.cpp and hosts serve them. */
import type { Vendor } from "./row.ts"

const text = { vision: false, reasoning: "none" } as const

export const open: Vendor = {
  name: "open weights",
  // The smallest of what the hosts of the provider table give a model; a local server may be started with less.
  source: "https://models.dev",
  date: "2026-09",
  rows: [
    {
      example: "gpt-oss:120b",
      match: /^gpt-oss/,
      window: 131_072,
      output: 32_768,
      vision: false,
      reasoning: ["low", "medium", "high"]
    },
    {
      example: "nemotron-3-super",
      match: /^nemotron-3(?!.*omni)/,
      window: 256_000,
      vision: false,
      reasoning: "switch"
    },
    {
      example: "llama-3.3-nemotron-super-49b-v1.5",
      match: /nemotron(?!.*(vl|omni))/,
      window: 128_000,
      vision: false,
      reasoning: "switch"
    },
    {
      example: "llama-4-maverick-17b-128e-instruct",
      match: /^(meta-)?llama-?4/,
      window: 131_072,
      vision: true,
      reasoning: "none"
    },
    {
      example: "llama3.2-vision",
      match: /^(meta-)?llama-?3\.2.*vision/,
      window: 131_072,
      vision: true,
      reasoning: "none"
    },
    { example: "llama-3.3-70b-instruct", match: /^(meta-)?llama-?3\.[123]/, window: 131_000, ...text },
    { example: "meta-llama-3-8b-instruct", match: /^(meta-)?llama-?3/, window: 8192, ...text },
    { example: "codellama", match: /^codellama/, window: 16_384, ...text },
    { example: "llama2", match: /^llama-?2/, window: 4096, ...text },
    { example: "phi4", match: /^phi-?4(?!-multimodal)/, window: 16_384, ...text }
  ]
}
