/** What may be written in a configuration file, read off the schema: its keys and the kinds of their values. */
import { Schema, SchemaAST } from "effect"
import { ConfigFile } from "./ConfigFile.ts"

/** The kind of value a key takes, as far as naming keys and reading environment variables needs it. */
export type Shape =
  | {
      readonly kind: "table"
      readonly keys: ReadonlyMap<string, Shape>
      /** What free keys hold, in tables that have them (`model_aliases`). */
      readonly rest?: Shape
    }
  | { readonly kind: "list"; readonly item: Shape }
  | {
      readonly kind: "scalar"
      readonly boolean: boolean
      readonly number: boolean
      readonly string: boolean
      /** The words it may be, where they are known; there may be others. */
      readonly words: ReadonlyArray<string>
    }

const nothing = { kind: "scalar", boolean: false, number: false, string: false, words: [] } as const

const either = (left: Shape, right: Shape): Shape =>
  left.kind === "scalar" && right.kind === "scalar"
    ? {
        kind: "scalar",
        boolean: left.boolean || right.boolean,
        number: left.number || right.number,
        string: left.string || right.string,
        words: [...new Set([...left.words, ...right.words])]
      }
    : right.kind === "scalar"
      ? left
      : right

/** The shape of an encoded schema. Where a scalar or something larger may stand, the larger one counts. */
const shapeOf = (ast: SchemaAST.AST): Shape => {
  switch (ast._tag) {
    case "TypeLiteral": {
      const keys = new Map(ast.propertySignatures.map((key) => [String(key.name), shapeOf(key.type)]))
      const free = ast.indexSignatures[0]
      return free === undefined ? { kind: "table", keys } : { kind: "table", keys, rest: shapeOf(free.type) }
    }
    case "TupleType":
      return { kind: "list", item: ast.rest[0] === undefined ? nothing : shapeOf(ast.rest[0].type) }
    case "Union":
      return ast.types.map(shapeOf).reduce<Shape>(either, nothing)
    case "Refinement":
      return shapeOf(ast.from)
    case "BooleanKeyword":
      return { ...nothing, boolean: true, words: ["true", "false"] }
    case "NumberKeyword":
      return { ...nothing, number: true }
    case "StringKeyword":
      return { ...nothing, string: true }
    case "Literal":
      return {
        kind: "scalar",
        boolean: typeof ast.literal === "boolean",
        number: typeof ast.literal === "number",
        string: typeof ast.literal === "string",
        words: ["string", "boolean"].includes(typeof ast.literal) ? [String(ast.literal)] : []
      }
    default:
      return nothing
  }
}

/** The shape of the whole file. */
export const fileShape: Shape = shapeOf(Schema.encodedSchema(ConfigFile).ast)

/** What stands below a key, if it may be written. */
export const below = (shape: Shape | undefined, key: string): Shape | undefined => {
  if (shape?.kind === "table") return shape.keys.get(key) ?? shape.rest
  return shape?.kind === "list" ? shape.item : undefined
}

/** Every key that has a name, as paths; free keys and list positions are left out. */
export const namedKeys = (shape: Shape, path: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<string>> => {
  if (shape.kind === "list") return namedKeys(shape.item, path)
  if (shape.kind === "scalar") return []
  return [...shape.keys].flatMap(([key, value]) => [[...path, key], ...namedKeys(value, [...path, key])])
}
