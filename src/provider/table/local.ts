/** Servers that people run themselves. Facts dated 2026-11. */
import { gptOss, mistralModels } from "./hosts.ts"
import type { ProviderRow } from "./row.ts"

export const localRows: ReadonlyArray<ProviderRow> = [
  {
    kind: "ollama",
    label: "Ollama",
    example: "http://127.0.0.1:11434/v1",
    port: 11_434,
    auth: "bearer",
    anthropic: "http://127.0.0.1:11434",
    reportsCache: false,
    source: ["§4.9.1, §4.14", "ollama/ollama#14820"],
    policy: {
      toolChoice: "none",
      parallelFlag: false,
      schemaLevel: "grammar",
      imageUrls: "data-only",
      reasoningReplay: "reasoning"
    },
    models: [
      // A model that does not think refuses the field, so only those known to think are asked.
      {
        match: /^(qwen3(?!-(coder|vl.*instruct))|deepseek-(r1|v3\.[1-9]|v4)|glm-|kimi-|minimax-|magistral|nemotron-3)/,
        example: "qwen3:30b",
        policy: { effort: "reasoning_effort", efforts: ["none", "low", "medium", "high"] }
      },
      gptOss
    ]
  },
  {
    kind: "lmstudio",
    label: "LM Studio",
    example: "http://127.0.0.1:1234/v1",
    port: 1234,
    auth: "bearer",
    anthropic: "http://127.0.0.1:1234",
    reportsCache: false,
    source: ["§4.2.2, §4.13, §4.14"],
    policy: {
      sampling: ["temperature", "top_p", "top_k"],
      // takes the words of tool_choice but not an object that names a tool
      toolChoice: "words",
      parallelFlag: false,
      schemaLevel: "grammar",
      emptyContent: "string",
      imageUrls: "data-only"
    },
    models: [gptOss]
  },
  {
    kind: "llamacpp",
    label: "llama.cpp",
    example: "http://127.0.0.1:8080/v1",
    port: 8080,
    auth: "bearer",
    anthropic: "http://127.0.0.1:8080",
    reportsCache: true,
    source: ["§4.13, §4.14", "ggml-org/llama.cpp#25895"],
    policy: {
      sampling: ["temperature", "top_p", "top_k"],
      schemaLevel: "grammar",
      reasoningReplay: "reasoning_content"
    },
    models: [gptOss]
  },
  {
    kind: "vllm",
    label: "vLLM",
    example: "http://127.0.0.1:8000/v1",
    auth: "bearer",
    anthropic: "http://127.0.0.1:8000",
    reportsCache: true,
    source: ["§4.9.1, §4.13, §4.14", "vllm-project/vllm"],
    policy: {
      sampling: ["temperature", "top_p", "top_k"],
      schemaLevel: "grammar",
      emptyContent: "string",
      thinkingSwitch: "chat_template_kwargs",
      reasoningReplay: "reasoning",
      prefill: "continue_final_message"
    },
    models: [gptOss, mistralModels]
  },
  {
    kind: "sglang",
    label: "SGLang",
    example: "http://127.0.0.1:30000/v1",
    auth: "bearer",
    reportsCache: true,
    source: ["§4.9.1, §4.13, §4.14"],
    policy: {
      sampling: ["temperature", "top_p", "top_k"],
      schemaLevel: "grammar",
      emptyContent: "string",
      thinkingSwitch: "chat_template_kwargs",
      reasoningReplay: "reasoning_content",
      prefill: "continue_final_message"
    },
    models: [gptOss]
  }
]
