import { describe, expect, it } from "@effect/vitest"
import { Either, Option, Redacted } from "effect"
import { genericPolicy, type Policy, type Protocol } from "../../src/protocol/policy.ts"
import { chatEndpoint } from "../../src/provider/endpoint.ts"
import { dialects, policyFor, providerOf, recognise } from "../../src/provider/quirks.ts"
import { generic, providers } from "../../src/provider/table/index.ts"
import type { ProviderRow } from "../../src/provider/table/row.ts"
import { profileOf } from "./support.ts"

const rowOf = (kind: string): ProviderRow => providers.find((row) => row.kind === kind) ?? generic

/** What holds for a model of the provider of this kind. */
const at = (kind: string, model = "some-model", protocol: Protocol = "chat"): Policy => {
  expect(dialects).toContain(kind)
  return policyFor({ baseUrl: rowOf(kind).example, dialect: kind }, model, protocol)
}

const headersAt = (kind: string): Readonly<Record<string, string>> => {
  const profile = profileOf({ base_url: rowOf(kind).example })
  return Either.getOrThrow(chatEndpoint(profile, Option.some(Redacted.make("key")))).headers
}

describe("every row of the provider table", () => {
  const found = providers.filter((row) => row.host !== undefined || row.port !== undefined)

  it.each(found.map((row) => [row.kind, row] as const))("%s is the one that its example leads to", (kind, row) => {
    const { by, row: first } = recognise(row.example)
    expect([first.kind, by]).toEqual([kind, row.host === undefined ? "port" : "host"])
  })

  it.each(providers.map((row) => [row.kind, row] as const))("%s can be named, wherever the server is", (kind) => {
    expect(recognise("https://relay.example.com/v1", kind)).toMatchObject({ row: { kind }, by: "dialect" })
    expect(providerOf("https://api.openai.com/v1", kind).kind).toBe(kind)
  })

  it("has a kind and a label of its own", () => {
    expect(new Set(dialects).size).toBe(providers.length + 1)
    expect(new Set(providers.map((row) => row.label)).size).toBe(providers.length)
  })

  it("says where its facts come from, and what the generic dialect does not say already", () => {
    for (const row of providers) {
      expect(row.source.length, row.kind).toBeGreaterThan(0)
      for (const part of [row, ...(row.models ?? [])]) {
        expect(part.policy ?? part.responses, row.kind).toBeDefined()
      }
      for (const [key, value] of Object.entries(row.policy ?? {})) {
        expect(value, `${row.kind}.${key}`).not.toEqual(
          Object.entries(genericPolicy).find(([name]) => name === key)?.[1]
        )
      }
    }
  })

  it.each(
    providers.flatMap((row) => (row.models ?? []).map((model) => [`${row.kind} ${model.example}`, row, model] as const))
  )("%s is a model that its model row is about", (_, row, model) => {
    const policy = policyFor({ baseUrl: row.example, dialect: row.kind }, model.example)
    expect(model.match.test(model.example.toLowerCase().replace(/^.*\//, ""))).toBe(true)
    expect(policy.kind).toBe(row.kind)
  })

  it("asks for effort with words, or not at all", () => {
    for (const row of [...providers, generic]) {
      for (const model of ["some-model", ...(row.models ?? []).map(({ example }) => example)]) {
        for (const protocol of ["chat", "responses"] as const) {
          const { effort, efforts } = at(row.kind, model, protocol)
          expect(effort === "none" || efforts.length > 0, `${row.kind} ${model} ${protocol}`).toBe(true)
        }
      }
    }
  })
})

describe("facts of providers", () => {
  it("[4.14 OpenAI] reasoning models get the developer role, no sampling and no stop; Responses has its own limits", () => {
    expect(at("openai", "gpt-5.1")).toMatchObject({
      systemRole: "developer",
      systemPlacement: "inline",
      maxTokensField: "max_completion_tokens",
      sampling: [],
      maxStop: 0,
      reasoningReplay: "none",
      strictTools: true,
      pdf: "file",
      cacheKey: true,
      priorityTier: true,
      thinkTags: false,
      minTokens: 1,
      webSearch: "none"
    })
    expect(at("openai", "gpt-5.1", "responses")).toMatchObject({
      minTokens: 16,
      resultMedia: "inline-parts",
      webSearch: "hosted",
      encryptedReasoning: true
    })
    expect(at("openai", "gpt-4o", "responses").encryptedReasoning).toBe(false)
    expect(at("openai", "gpt-4o-search-preview").webSearch).toBe("web_search_options")
  })

  it("[4.14 OpenAI] the highest effort exists in Responses only, and from GPT-5.4 on Chat has none", () => {
    expect(at("openai", "gpt-5.6").efforts).toEqual(["none"])
    expect(at("openai", "gpt-5.4", "responses").efforts).toEqual(["none", "low", "medium", "high", "xhigh"])
    expect(at("openai", "gpt-5.6", "responses").efforts).toContain("max")
    for (const model of ["gpt-6", "gpt-5.6", "gpt-5.2", "o3"]) expect(at("openai", model).efforts).not.toContain("max")
  })

  it("[4.14 Azure OpenAI] takes the key in a header of its own", () => {
    expect(headersAt("azure")).toMatchObject({ "api-key": "key" })
    expect(headersAt("azure")).not.toHaveProperty("authorization")
    expect(at("azure", "gpt-5")).toMatchObject({ systemRole: "developer", cacheKey: false, reasoningReplay: "none" })
  })

  it("[4.14 DeepSeek] thinks unless told not to, takes JSON objects only, and wants its reasoning back, even if empty", () => {
    expect(at("deepseek", "deepseek-v4-pro")).toMatchObject({
      sampling: [],
      toolChoice: "none",
      structuredOutput: "json_object",
      thinkingSwitch: "thinking",
      effort: "reasoning_effort",
      efforts: ["low", "medium", "high", "max"],
      reasoningReplay: "reasoning_content",
      reasoningFallback: "",
      thinkTags: false
    })
    expect(at("deepseek", "deepseek-v4", "responses").efforts[0]).toBe("none")
  })

  it("[4.14 Kimi / Moonshot] keeps its ids, takes images in results, and wants reasoning on calls", () => {
    const kimi = at("kimi", "kimi-k2.6")
    expect(kimi).toMatchObject({
      schemaLevel: "moonshot",
      resultMedia: "inline-parts",
      prefill: "partial",
      thinkingSwitch: "thinking",
      toolChoice: "none",
      reasoningReplay: "reasoning_content",
      reasoningFallback: " "
    })
    expect(kimi.idPattern.test("functions.Read:0")).toBe(true)
    expect(at("kimi", "kimi-k2.7-code").thinkingSwitch).toBe("none")
    expect(at("kimi", "kimi-k3")).toMatchObject({
      thinkingSwitch: "none",
      effort: "reasoning_effort",
      efforts: ["low", "high", "max"],
      toolChoice: "words",
      vision: true
    })
    expect(at("kimi", "kimi-k2-0905-preview").vision).toBe(false)
    expect(at("kimi", "moonshot-v1-128k")).toMatchObject({
      reasoningReplay: "none",
      sampling: ["temperature", "top_p"]
    })
  })

  it("[4.14 Kimi / Moonshot] Kimi Code is told who asks in its own headers", () => {
    expect(headersAt("kimi-code")).toMatchObject({ "x-msh-platform": "claudex" })
    expect(rowOf("kimi-code").anthropic).toBe("https://api.kimi.com/coding")
  })

  it("[4.14 GLM / Z.ai] has no tool choice, one stop, streamed arguments, and keeps its thinking", () => {
    expect(at("glm", "glm-4.7")).toMatchObject({
      toolChoice: "none",
      maxTokensField: "max_tokens",
      strictTools: false,
      maxStop: 1,
      emptyResult: "(no output)",
      structuredOutput: "json_object",
      thinkingSwitch: "thinking",
      thinkingExtra: { clear_thinking: false },
      reasoningReplay: "reasoning_content",
      extraBody: { tool_stream: true },
      webSearch: "web_search_tool",
      vision: false
    })
    expect(at("glm", "glm-4.5").extraBody).toEqual({})
    expect(at("glm", "glm-4.6v").vision).toBe(true)
    expect(at("glm", "glm-5.2").efforts).toEqual(["high", "max"])
    expect(at("glm", "glm-5.3")).toMatchObject({ thinkingSwitch: "none", efforts: ["low", "high", "max"] })
  })

  it("[4.14 MiniMax] separates reasoning from text and takes no tool choice", () => {
    expect(at("minimax", "MiniMax-M2.5")).toMatchObject({
      maxTokensField: "max_completion_tokens",
      toolChoice: "none",
      emptyResult: "(no output)",
      reasoningReplay: "reasoning_details",
      extraBody: { reasoning_split: true },
      thinkTags: true,
      thinkingSwitch: "none"
    })
    expect(at("minimax", "MiniMax-M3")).toMatchObject({ thinkingSwitch: "thinking-adaptive", vision: true })
  })

  it("[4.14 xAI Grok] reasoning models refuse stop, efforts are by model, and the session has a header", () => {
    expect(at("xai", "grok-4")).toMatchObject({
      maxStop: 0,
      schemaLevel: "grammar",
      emptyContent: "string",
      effort: "none",
      reasoningReplay: "none",
      reasoningExtra: true,
      sessionHeader: "x-grok-conv-id",
      cacheKey: false
    })
    expect(at("xai", "grok-4.3").efforts).toEqual(["low", "medium", "high"])
    expect(at("xai", "grok-4.3", "responses")).toMatchObject({
      encryptedReasoning: true,
      cacheKey: true,
      webSearch: "hosted"
    })
  })

  it("[4.14 OpenRouter] says who asks, takes the reasoning object, and keeps cache marks where they count", () => {
    expect(headersAt("openrouter")).toMatchObject({ "http-referer": expect.any(String), "x-title": "claudex" })
    expect(at("openrouter", "z-ai/glm-4.6")).toMatchObject({
      effort: "reasoning",
      reasoningReplay: "reasoning_details",
      systemPlacement: "inline",
      pdf: "file",
      webSearch: "plugins",
      cacheMarks: "none"
    })
    for (const model of ["anthropic/claude-sonnet-4.6", "google/gemini-3-pro", "qwen/qwen3-max"])
      expect(at("openrouter", model).cacheMarks).toBe("parts")
  })

  it("[4.14 Ollama] has no tool choice, reads embedded images only, and asks only models that think for effort", () => {
    expect(at("ollama", "qwen3-coder:30b")).toMatchObject({
      toolChoice: "none",
      imageUrls: "data-only",
      thinkTags: true,
      effort: "none",
      reasoningReplay: "reasoning"
    })
    expect(at("ollama", "qwen3:8b").efforts).toEqual(["none", "low", "medium", "high"])
    expect(at("ollama", "gpt-oss:20b").efforts).toEqual(["low", "medium", "high"])
    expect(rowOf("ollama").anthropic).toBe("http://127.0.0.1:11434")
  })

  it("[4.14 vLLM / SGLang] are named by dialect, and switch thinking in the template", () => {
    for (const kind of ["vllm", "sglang"]) {
      expect(recognise(rowOf(kind).example).by).toBe("nothing")
      expect(at(kind)).toMatchObject({
        sampling: ["temperature", "top_p", "top_k"],
        emptyContent: "string",
        systemPlacement: "reminder",
        thinkingSwitch: "chat_template_kwargs",
        schemaLevel: "grammar"
      })
    }
    expect(at("vllm").reasoningReplay).toBe("reasoning")
    expect(at("sglang").reasoningReplay).toBe("reasoning_content")
  })

  it("[4.14 LM Studio] reads embedded images only and names no tool in tool_choice", () => {
    expect(at("lmstudio")).toMatchObject({ imageUrls: "data-only", toolChoice: "words", reasoningReplay: "none" })
  })

  it("[4.14 llama.cpp] compiles schemas to grammars and takes reasoning_content; Anthropic works too", () => {
    expect(at("llamacpp")).toMatchObject({ schemaLevel: "grammar", reasoningReplay: "reasoning_content" })
    expect(rowOf("llamacpp").anthropic).toBe("http://127.0.0.1:8080")
  })

  it("[4.14 Gemini compat] has its own schema and names, and gets thought signatures back", () => {
    const gemini = at("gemini", "gemini-2.5-flash")
    expect(gemini).toMatchObject({ schemaLevel: "gemini", reasoningReplay: "thought_signature", parallelFlag: false })
    expect(["read", "_read", "1read", "a b"].map((name) => gemini.namePattern.test(name))).toEqual([
      true,
      true,
      false,
      false
    ])
    expect(gemini.efforts[0]).toBe("none")
    expect(at("gemini", "gemini-2.5-pro").efforts[0]).toBe("low")
    expect(at("gemini", "gemini-2.0-flash").effort).toBe("none")
    expect(providerOf("https://us-central1-aiplatform.googleapis.com/v1/x/endpoints/openapi").kind).toBe("gemini")
  })

  it("[4.14 GitHub Copilot] is told who integrates, and by the conversation who speaks", () => {
    expect(headersAt("copilot")).toMatchObject({
      "copilot-integration-id": expect.any(String),
      "editor-version": expect.stringContaining("claudex")
    })
    expect(at("copilot")).toMatchObject({ requestHeaders: "copilot", reasoningReplay: "reasoning_opaque" })
    expect(at("copilot").idPattern.test("a".repeat(41))).toBe(false)
    expect(providerOf("https://api.business.githubcopilot.com").kind).toBe("copilot")
  })

  it("[4.14 Mistral] has ids of nine letters or digits, a prefix flag, and refuses unknown fields", () => {
    const mistral = at("mistral", "mistral-large-latest")
    expect(mistral).toMatchObject({
      prefill: "prefix",
      reasoningReplay: "parts",
      streamUsage: false,
      maxTokensField: "max_tokens",
      systemPlacement: "reminder"
    })
    expect(["aB3dE6gH9", "call_1234", "abc"].map((id) => mistral.idPattern.test(id))).toEqual([true, false, false])
  })

  it("[4.14 Mistral] no message of the user stands behind results, whoever serves the model", () => {
    expect(at("mistral", "mistral-large-latest").assistantAfterTools).toBe(true)
    for (const kind of ["openrouter", "vllm", "generic"]) {
      expect(at(kind, "mistralai/mistral-small-4-119b-2603").assistantAfterTools).toBe(true)
      expect(at(kind, "qwen/qwen3-32b").assistantAfterTools).toBe(false)
    }
  })

  it("[4.14 Qwen / DashScope] switches thinking with its own field, and streams where thinking needs it", () => {
    expect(at("qwen", "qwen-plus")).toMatchObject({
      thinkingSwitch: "enable_thinking",
      toolChoice: "none",
      reasoningReplay: "reasoning_content",
      resultMedia: "inline-parts",
      forceStream: false
    })
    expect(at("qwen", "qwen3-235b-a22b").forceStream).toBe(true)
    expect(at("qwen", "qwen3.6-plus").cacheMarks).toBe("parts")
    expect(at("qwen", "qwen3-coder-plus").thinkingSwitch).toBe("none")
    for (const host of ["dashscope", "dashscope-intl", "dashscope-us", "coding-intl.dashscope"])
      expect(providerOf(`https://${host}.aliyuncs.com/compatible-mode/v1`).kind).toBe("qwen")
  })

  it("[4.14 Groq] wants max_completion_tokens, and a schema only for some models", () => {
    expect(at("groq", "llama-3.3-70b-versatile")).toMatchObject({
      maxTokensField: "max_completion_tokens",
      structuredOutput: "json_object",
      vision: false
    })
    expect(at("groq", "openai/gpt-oss-120b")).toMatchObject({
      structuredOutput: "json_schema",
      efforts: ["low", "medium", "high"]
    })
    expect(at("groq", "meta-llama/llama-4-scout-17b-16e-instruct").vision).toBe(true)
  })

  it("[4.14 Together] takes top_k, and efforts for models that have them", () => {
    expect(at("together", "Qwen/Qwen3-Coder").sampling).toContain("top_k")
    expect(at("together", "zai-org/GLM-5.3").efforts).toEqual(["low", "medium", "high", "max"])
  })

  it("[4.14 Cerebras] refuses parallel_tool_calls and reads no images", () => {
    expect(at("cerebras", "zai-glm-4.7")).toMatchObject({
      parallelFlag: false,
      vision: false,
      maxTokensField: "max_completion_tokens"
    })
  })

  it("[4.14 Perplexity] calls no tools, searches by itself, and ends with the user", () => {
    expect(at("perplexity", "sonar-pro")).toMatchObject({
      tools: false,
      webSearch: "web_search_options",
      citations: "text",
      prefill: "note"
    })
  })

  it("[4.14 ChatGPT subscription] only streams, always has its fields, and never gets what it refuses", () => {
    expect(at("chatgpt", "gpt-5.1", "responses")).toMatchObject({
      systemRole: "developer",
      forceStream: true,
      sampling: [],
      alwaysFields: ["instructions", "tools", "tool_choice", "parallel_tool_calls"],
      cacheKey: true,
      webSearch: "hosted",
      encryptedReasoning: true,
      sessionHeader: "session_id"
    })
    for (const field of ["max_output_tokens", "temperature", "truncation", "stream_options"])
      expect(rowOf("chatgpt").strip).toContain(field)
  })

  it("[4.14 DeepSeek] [4.14 Kimi / Moonshot] models that demand it get their reasoning back from any host", () => {
    for (const [model, reasoningFallback] of [
      ["deepseek-ai/DeepSeek-V4-Pro", ""],
      ["moonshotai/kimi-k2.6", " "],
      ["Kimi-K3", " "]
    ])
      expect(at("generic", model)).toMatchObject({ reasoningReplay: "reasoning_content", reasoningFallback })
    for (const model of ["deepseek-ai/DeepSeek-R1", "moonshotai/kimi-k2-instruct"])
      expect(at("generic", model)).toMatchObject({ kind: "generic", reasoningReplay: "none" })
  })

  it("[4.14 unknown host] is the generic dialect", () => {
    expect(at("generic")).toEqual(genericPolicy)
    expect(genericPolicy).toMatchObject({
      systemRole: "system",
      maxTokensField: "max_tokens",
      streamUsage: true,
      effort: "none",
      systemPlacement: "reminder",
      resultMedia: "follow-up",
      schemaLevel: "base",
      thinkTags: true
    })
  })
})
