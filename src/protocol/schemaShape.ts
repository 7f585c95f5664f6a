/**
 * What a schema says about objects, with its combinators resolved. A statement stands here only if every object valid
 * under the schema satisfies it; what does not fit this form is left out.
 */
import { isObject, type JsonObject } from "./json.ts"
import { lookUp } from "./schemaTree.ts"

export interface Shape {
  /** Property → the schemas of which its value satisfies at least one. A property not listed may hold anything. */
  readonly properties: ReadonlyMap<string, ReadonlyArray<unknown>>
  readonly required: ReadonlySet<string>
  /** No property beside the listed ones can be present. */
  readonly closed: boolean
}

const open: Shape = { properties: new Map(), required: new Set(), closed: false }

/** Stands for a schema that no object satisfies. */
type Never = undefined

/** All hold. Where two speak about one property the first wins: dropping a statement only weakens. */
const every = (shapes: ReadonlyArray<Shape | Never>): Shape | Never => {
  const properties = new Map<string, ReadonlyArray<unknown>>()
  const required = new Set<string>()
  let closed = false
  for (const shape of shapes) {
    if (shape === undefined) return undefined
    for (const [name, schemas] of shape.properties) if (!properties.has(name)) properties.set(name, schemas)
    for (const name of shape.required) required.add(name)
    closed ||= shape.closed
  }
  return { properties, required, closed }
}

const distinct = (schemas: ReadonlyArray<unknown>): ReadonlyArray<unknown> => [
  ...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()
]

/** At least one holds. */
const some = (branches: ReadonlyArray<Shape | Never>): Shape | Never => {
  const shapes = branches.filter((shape) => shape !== undefined)
  const [first, ...others] = shapes
  if (first === undefined) return undefined
  const names = new Set(shapes.flatMap((shape) => [...shape.properties.keys()]))
  // A branch that does not mention a property takes any value there, unless it is closed and has no such property.
  const alternatives = (name: string) =>
    shapes.flatMap((shape) => shape.properties.get(name) ?? (shape.closed ? [] : [{}]))
  return {
    properties: new Map([...names].map((name) => [name, distinct(alternatives(name))])),
    required: new Set([...first.required].filter((name) => others.every((shape) => shape.required.has(name)))),
    closed: shapes.every((shape) => shape.closed)
  }
}

const acceptsObjects = ({ type, enum: values, not, ...rest }: JsonObject): boolean => {
  if (type !== undefined && type !== "object" && !(Array.isArray(type) && type.includes("object"))) return false
  if (Array.isArray(values) && !values.some(isObject)) return false
  if ("const" in rest && !isObject(rest.const)) return false
  return !(isObject(not) && Object.keys(not).length === 0)
}

const ownShape = (schema: JsonObject): Shape => ({
  properties: new Map(Object.entries(isObject(schema.properties) ? schema.properties : {}).map(([k, v]) => [k, [v]])),
  required: new Set(Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === "string") : []),
  closed: schema.additionalProperties === false && !("patternProperties" in schema)
})

/**
 * The shape of a schema; its own `type` is taken to be an object whatever it says. References are looked up in `target`:
 * what is not found there may be anything.
 */
export const rootShape = (root: JsonObject, target: JsonObject = root): Shape => {
  // One entry per reference, made before its target is read: cycles end in "anything", shared targets cost once.
  const known = new Map<string, Shape | Never>()
  const referenced = (reference: string): Shape | Never => {
    if (known.has(reference)) return known.get(reference)
    known.set(reference, open)
    const found = lookUp(target, reference)
    const shape = found === undefined ? open : shapeOf(found)
    known.set(reference, shape)
    return shape
  }
  const parts = (schema: JsonObject): ReadonlyArray<Shape | Never> => [
    ownShape(schema),
    ...(typeof schema.$ref === "string" ? [referenced(schema.$ref)] : []),
    ...(Array.isArray(schema.allOf) ? schema.allOf.map(shapeOf) : []),
    ...[schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? [some(list.map(shapeOf))] : []))
  ]
  const shapeOf = (schema: unknown): Shape | Never => {
    if (!isObject(schema)) return open
    return acceptsObjects(schema) ? every(parts(schema)) : undefined
  }
  return every(parts(root)) ?? ownShape(root)
}

/** The `properties` of a schema that says what the shape says. */
export const shapeProperties = ({ properties }: Shape): JsonObject =>
  Object.fromEntries(
    [...properties].map(([name, schemas]) => [name, schemas.length === 1 ? schemas[0] : { anyOf: schemas }])
  )
