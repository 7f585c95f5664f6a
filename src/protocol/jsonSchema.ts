/** JSON Schema as a provider accepts it (wire specification §4.13): only ever weaker than what the client sent. */
import { isDeeperThan, isObject, type JsonObject } from "./json.ts"
import { forGemini } from "./schemaGemini.ts"
import { forGrammar } from "./schemaGrammar.ts"
import type { Lost } from "./schemaLost.ts"
import { forMoonshot } from "./schemaMoonshot.ts"
import { mergeRoot } from "./schemaRoot.ts"
import { mapSubschemas, spellOut } from "./schemaTree.ts"

export type { Lost } from "./schemaLost.ts"

/**
 * How much has to change. `base` is what every server needs: a plain object at the root, objects where JSON Schema has
 * booleans, `items` in arrays. The others do that and more, each in its own file.
 */
export type SchemaLevel = "base" | "moonshot" | "gemini" | "grammar"

/** Deeper schemas are taken by no provider, and walking them could exhaust the stack. */
const maxDepth = 200

const empty: JsonObject = { type: "object", properties: {} }

const spelledOut = (schema: JsonObject): JsonObject => mapSubschemas(schema, spellOut)

const forAll = (schema: JsonObject, lost?: Lost): JsonObject => mergeRoot(spelledOut(schema), lost)

const adapt: { readonly [Level in SchemaLevel]: (schema: JsonObject, lost?: Lost) => JsonObject } = {
  base: forAll,
  moonshot: (schema, lost) => forAll(forMoonshot(schema, lost), lost),
  gemini: (schema, lost) => forGemini(forAll(schema, lost), lost),
  grammar: (schema, lost) => forAll(forGrammar(spelledOut(schema), lost), lost)
}

/**
 * A tool's parameter schema for a provider: an object schema that every object valid under `schema` satisfies. Property
 * order is kept, the input is not changed, adapting twice changes nothing more. Total: whatever is no schema at all
 * becomes an object without declared properties. The same object comes back when there is nothing to change.
 *
 * `lost` hears of every statement that became weaker or was left out, where it stood (`.properties.a.pattern`) and what
 * became of it; rewriting that says the same is not reported.
 */
export const adaptSchema = (schema: unknown, level: SchemaLevel, lost?: Lost): JsonObject => {
  if (!isObject(schema)) return empty
  if (isDeeperThan(maxDepth, schema)) {
    lost?.("", "nested too deep to be sent")
    return empty
  }
  return adapt[level](schema, lost)
}
