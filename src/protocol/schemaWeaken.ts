/**
 * Leaves statements out of a schema so that every value that was valid stays valid. That takes care in a few places: what
 * stands under `not` or decides an `if` demands more once it says less, and of two weaker `oneOf` branches both may hold.
 */
import { asArray, isObject, type JsonObject } from "./json.ts"
import { type Lost, notSent, untold } from "./schemaLost.ts"
import { mapSubschemas, placeOf, someSchema, without } from "./schemaTree.ts"

/** Weakens one schema, without looking into its subschemas; the same object when there is nothing to weaken. */
export type Relax = (schema: JsonObject, path: string, lost: Lost) => JsonObject

const refers = (schema: JsonObject): boolean => "$ref" in schema || "$dynamicRef" in schema

/** They forbid what nothing else looked at: with fewer statements that is more. */
const unevaluated = ["unevaluatedItems", "unevaluatedProperties"]

/** A reference to what may be gone, or elsewhere, afterwards. */
const losesTarget = (reference: unknown): boolean =>
  typeof reference === "string" &&
  /\/(oneOf|not|if|then|else|propertyNames|unevaluatedItems|unevaluatedProperties)(\/|$)/.test(reference)

const conditional = ["if", "then", "else"]

/** The keywords of one schema that would demand more if what they hold became weaker. */
const unsafe = (schema: JsonObject, changes: (subschema: unknown) => boolean): ReadonlyArray<string> => [
  ...("not" in schema && changes(schema.not) ? ["not"] : []),
  ...("if" in schema && changes(schema.if) ? conditional : []),
  ...("maxContains" in schema && changes(schema.contains) ? ["maxContains"] : []),
  ...(losesTarget(schema.$ref) ? ["$ref"] : []),
  ...unevaluated
]

const oneOfAsAnyOf = ({ oneOf, ...schema }: JsonObject): JsonObject =>
  "anyOf" in schema ? { ...schema, allOf: [...asArray(schema.allOf), { anyOf: oneOf }] } : { ...schema, anyOf: oneOf }

/** The schema with `relax` applied at every depth; the same object when that changes nothing. */
export const weaken = (root: JsonObject, relax: Relax, lost: Lost = untold): JsonObject => {
  const relaxes = (schema: JsonObject): boolean => relax(schema, "", untold) !== schema
  if (!someSchema(root, relaxes)) return root
  // What a reference leads to may have changed.
  const changes = (subschema: unknown) =>
    someSchema(
      subschema,
      (schema) => refers(schema) || unevaluated.some((keyword) => keyword in schema) || relaxes(schema)
    )
  const visit = (schema: JsonObject, path: string): JsonObject => {
    const dropped = unsafe(schema, changes).filter((keyword) => keyword in schema)
    for (const keyword of dropped) lost(placeOf(path, keyword), notSent(keyword))
    const loose = Array.isArray(schema.oneOf) && schema.oneOf.some(changes)
    if (loose) lost(placeOf(path, "oneOf"), "more than one may match")
    const relaxed = relax(without(schema, dropped), path, lost)
    const inner = mapSubschemas(relaxed, (subschema, keyword, name) =>
      isObject(subschema) ? visit(subschema, placeOf(path, keyword, name)) : subschema
    )
    return loose ? oneOfAsAnyOf(inner) : inner
  }
  return visit(root, "")
}
