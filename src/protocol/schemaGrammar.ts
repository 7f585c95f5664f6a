/** JSON Schema for servers that compile it to a grammar before they generate: llama.cpp, LM Studio, Ollama, vLLM, xAI. */
import { isObject, type JsonObject } from "./json.ts"
import { type Lost, notSent } from "./schemaLost.ts"
import { placeOf, without } from "./schemaTree.ts"
import { type Relax, weaken } from "./schemaWeaken.ts"

/**
 * One tool's bad schema fails the whole request, whichever tool is called:
 *
 * - `pattern`: "failed to parse grammar" below the top level, or without anchors (ggml-org/llama.cpp#25895, #25746).
 * - `format`: compiled to rules that each count against the grammar's size; xAI says "Grammar is too complex"
 *   (superagent-ai/grok-cli#72, anomalyco/opencode#17405).
 * - `propertyNames`: "Unimplemented keys" from xgrammar (noonghunna/club-3090#45).
 */
const refused = new Set(["pattern", "format", "propertyNames"])

const counted = new Set(["minLength", "maxLength", "minItems", "maxItems"])

/** Half of what llama.cpp takes for one repetition ("exceeds sane defaults", ggml-org/llama.cpp#27087): nested ones add up. */
const maxRepetitions = 1000

const isRefused = (keyword: string, value: unknown): boolean => {
  if (refused.has(keyword)) return true
  if (counted.has(keyword)) return typeof value !== "number" || value > maxRepetitions
  // "Nothing", as a boolean schema says it: grammars have no such rule.
  return keyword === "not" && (value === true || (isObject(value) && Object.keys(value).length === 0))
}

const relax: Relax = (schema, path, lost) => {
  const dropped = Object.keys(schema).filter((keyword) => isRefused(keyword, schema[keyword]))
  for (const keyword of dropped) lost(placeOf(path, keyword), notSent(keyword))
  return dropped.length === 0 ? schema : without(schema, dropped)
}

/** The schema without what breaks the compilation of a grammar. */
export const forGrammar = (schema: JsonObject, lost?: Lost): JsonObject => weaken(schema, relax, lost)
