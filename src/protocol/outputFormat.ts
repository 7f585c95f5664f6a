/** A JSON Schema for the answer's text, as far as the provider can promise it (wire specification §4.11). */
import type { Encoder } from "./encoding.ts"
import type { JsonObject } from "./json.ts"
import { adaptSchema } from "./jsonSchema.ts"
import { isStrictSchema } from "./schemaStrict.ts"

export interface OutputFormat {
  /** What the provider promises: JSON of this schema, or some JSON. */
  readonly json?: { readonly name: string; readonly schema: JsonObject; readonly strict: boolean } | "any"
  /** What the system text has to say, for providers that take no schema. */
  readonly instruction?: string
}

export const outputFormat = (outputSchema: unknown, { lose, policy }: Encoder): OutputFormat => {
  if (outputSchema === undefined) return {}
  const schema = adaptSchema(outputSchema, policy.schemaLevel, (path, what) =>
    lose("weakened", `output_config.format.schema${path}`, what, "the provider does not take it")
  )
  if (policy.structuredOutput === "json_schema")
    return { json: { name: "output", schema, strict: isStrictSchema(schema) } }
  lose("downgraded", "output_config.format", "the schema is asked for in words", "the provider promises no schema")
  return {
    ...(policy.structuredOutput === "json_object" ? { json: "any" as const } : {}),
    instruction: `Answer with one JSON value only, no other text. It must match this JSON schema:\n${JSON.stringify(schema)}`
  }
}
