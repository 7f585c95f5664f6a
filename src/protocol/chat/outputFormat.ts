/** A JSON Schema for the answer's text, as far as the provider can promise it (wire specification §4.11). */
import { adaptSchema } from "../jsonSchema.ts"
import type { JsonObject } from "../json.ts"
import { isStrictSchema } from "../schemaStrict.ts"
import type { Policy } from "../policy.ts"

export interface OutputFormat {
  readonly field: { readonly response_format?: JsonObject }
  /** What the system text has to say, for providers that take no schema. */
  readonly instruction?: string
}

export const outputFormat = (outputSchema: unknown, policy: Policy): OutputFormat => {
  if (outputSchema === undefined) return { field: {} }
  const schema = adaptSchema(outputSchema, policy.schemaLevel)
  if (policy.structuredOutput === "json_schema") {
    const format = { name: "output", schema, strict: isStrictSchema(schema) }
    return { field: { response_format: { type: "json_schema", json_schema: format } } }
  }
  return {
    field: policy.structuredOutput === "json_object" ? { response_format: { type: "json_object" } } : {},
    instruction: `Answer with one JSON value only, no other text. It must match this JSON schema:\n${JSON.stringify(schema)}`
  }
}
