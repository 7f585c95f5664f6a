/**
 * Context windows and output limits of well-known models, in tokens, for profiles that do not state their own. Compiled
 * 2026-11 from the vendors' model pages and models.dev; a wrong row is corrected by the profile's `context_window`.
 *
 * A window that is too large makes the client compact too late and fail; one that is too small only makes it compact
 * early. Where hosts or versions differ, the row holds the smaller value.
 */
import { type ModelInfo, type ModelOverrides, overridden } from "../domain/ModelInfo.ts"
import { bareName, entryFor } from "./catalog/names.ts"

interface CatalogRow {
  /** Against the model's name in lower case, without vendor prefix and variant suffix. The first match wins. */
  readonly match: RegExp
  /** Prompt and answer together. */
  readonly window: number
  /** Longest answer, where it is smaller than the window and known. */
  readonly output?: number
}

const rows: ReadonlyArray<CatalogRow> = [
  { match: /^gpt-5\.[4-9].*-mini|^gpt-5\.[4-9].*-nano/, window: 400_000, output: 128_000 },
  { match: /^gpt-5\.3-codex-spark/, window: 128_000, output: 32_000 },
  { match: /^gpt-5\.[4-9](?!.*-chat\b)/, window: 1_050_000, output: 128_000 },
  { match: /^gpt-5.*-chat\b/, window: 128_000, output: 16_384 },
  { match: /^gpt-5/, window: 400_000, output: 128_000 },
  { match: /^gpt-4\.1/, window: 1_047_576, output: 32_768 },
  { match: /^gpt-4o|^chatgpt-4o/, window: 128_000, output: 16_384 },
  { match: /^gpt-4-turbo/, window: 128_000, output: 4096 },
  { match: /^gpt-4-32k/, window: 32_768 },
  { match: /^gpt-4(?![.\do])/, window: 8192 },
  { match: /^gpt-3\.5-turbo/, window: 16_385, output: 4096 },
  { match: /^o1-(mini|preview)/, window: 128_000, output: 32_768 },
  { match: /^(o1|o3|o4-mini)/, window: 200_000, output: 100_000 },
  { match: /^codex-mini/, window: 200_000, output: 100_000 },
  { match: /^gpt-oss/, window: 131_072, output: 32_768 },
  { match: /^grok-(4-fast|4-1-fast|4\.1-fast|4\.20)/, window: 2_000_000, output: 30_000 },
  { match: /^grok-4\.3/, window: 1_000_000, output: 30_000 },
  { match: /^grok-4\.[5-7]/, window: 500_000 },
  { match: /^grok-(4|code-fast)/, window: 256_000 },
  { match: /^grok-[23]/, window: 131_072 },
  { match: /^deepseek-(v4|flash)/, window: 1_000_000 },
  { match: /^deepseek/, window: 128_000, output: 8192 },
  { match: /^kimi-k3/, window: 1_048_576 },
  { match: /^kimi-k2-0711/, window: 131_072, output: 16_384 },
  { match: /^kimi-k2/, window: 262_144 },
  { match: /^glm-4\.5/, window: 131_072, output: 98_304 },
  { match: /^glm-4\.6v/, window: 128_000 },
  { match: /^glm-(4\.[67]|5)/, window: 200_000, output: 131_072 },
  { match: /^minimax-m2/, window: 204_800, output: 131_072 },
  { match: /^qwen3-coder-(plus|flash)/, window: 1_000_000, output: 65_536 },
  { match: /^qwen3-coder/, window: 262_144, output: 65_536 },
  { match: /^gemini-(2\.5|3)/, window: 1_048_576, output: 65_535 },
  { match: /^gemini-2\.0/, window: 1_048_576, output: 8192 },
  { match: /^(codestral|devstral|mistral-large|mistral-medium)/, window: 128_000 },
  { match: /^llama-?(3\.[123])/, window: 131_072 },
  { match: /^claude-/, window: 200_000 }
]

const rowOf = (model: string): CatalogRow | undefined => {
  const name = bareName(model)
  return rows.find((row) => row.match.test(name))
}

/** What is known about a model, with the user's word (`[model_info]`) above it. */
export const modelInfo = (model: string, overrides: ModelOverrides = {}): ModelInfo => {
  const row = rowOf(model)
  const known: ModelInfo = {
    ...(row === undefined ? {} : { contextWindow: row.window }),
    ...(row?.output === undefined ? {} : { outputLimit: row.output })
  }
  const override = entryFor(overrides, model)
  return override === undefined ? known : overridden(known, override)
}

/** The model's context window in tokens; undefined when the catalog does not know the model. */
export const contextWindowOf = (model: string): number | undefined => modelInfo(model).contextWindow

/** The longest answer the model gives, in tokens; undefined when not known. */
export const outputLimitOf = (model: string): number | undefined => modelInfo(model).outputLimit
