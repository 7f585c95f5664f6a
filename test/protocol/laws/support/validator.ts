/** The judge of JSON Schema: a validator of its own, with what it does wrong. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"
import { isObject, type JsonObject } from "../../../../src/protocol/json.ts"
import { mapSubschemas } from "../../../../src/protocol/schemaTree.ts"

/** One for all: each of its own would first compile the schema of schemas, which takes longer than all the rest. */
const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false })
const compiled = new WeakMap<JsonObject, ValidateFunction>()

/** The validator takes an empty array for one that contains something when `prefixItems` stands beside: apart it does not. */
const apart = (schema: JsonObject): JsonObject => {
  const inner = mapSubschemas(schema, (subschema) => (isObject(subschema) ? apart(subschema) : subschema))
  const { contains, maxContains, minContains, ...rest } = inner
  if (contains === undefined || !("prefixItems" in inner)) return inner
  const others = Array.isArray(inner.allOf) ? inner.allOf : []
  const part = {
    contains,
    ...(minContains === undefined ? {} : { minContains }),
    ...(maxContains === undefined ? {} : { maxContains })
  }
  return { ...rest, allOf: [...others, part] }
}

/** Undefined for a schema that refers to nothing but itself: the validator looks for its end until the stack is full. */
export const validator = (schema: JsonObject): ValidateFunction | undefined => {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  try {
    const fresh = ajv.compile(apart(schema))
    compiled.set(schema, fresh)
    return fresh
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  } finally {
    ajv.removeSchema()
  }
}

/**
 * Undefined when the validator has no verdict: references that go in circles on one value exhaust its stack, and it has
 * a fault of its own in some nestings of `unevaluatedProperties`.
 */
export const verdict = (validate: ValidateFunction | undefined, candidate: unknown): boolean | undefined => {
  try {
    return validate?.(candidate)
  } catch {
    return undefined
  }
}
