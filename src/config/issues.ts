/**
 * What a schema found wrong, in one sentence per place: what is wrong, what is expected.
 *
 * Invariant: a sentence never quotes a value. Whatever stands in the file may be a secret in the wrong place.
 */
import { Array as Arr, Option, type ParseResult, SchemaAST } from "effect"
import { fileShape, namedKeys } from "./shape.ts"
import { nearest } from "./suggest.ts"
import { opened } from "./tree.ts"

export interface Issue {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
  /** The key is not there at all: another layer may have it. */
  readonly missing: boolean
}

/** What may stand in a place, as a noun. */
const expectation = (ast: SchemaAST.AST): string =>
  Option.getOrElse(SchemaAST.getDescriptionAnnotation(ast), () => {
    switch (ast._tag) {
      case "Union": {
        const members = ast.types.filter((type) => !SchemaAST.isUndefinedKeyword(type))
        const words = Arr.dedupe(members.map(expectation)).join(members.every(SchemaAST.isLiteral) ? ", " : " or ")
        return members.length > 1 && members.every(SchemaAST.isLiteral) ? `one of ${words}` : words
      }
      case "Literal":
        return JSON.stringify(ast.literal)
      case "Refinement":
      case "Transformation":
        return expectation(ast.from)
      case "TypeLiteral":
        return "a table"
      case "TupleType":
        return "a list"
      default:
        return "something else"
    }
  })
    .replace("a boolean", "true or false")
    .replace("non empty", "non-empty")

const literalsOf = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (ast._tag === "Union") return ast.types.flatMap(literalsOf)
  if (ast._tag === "Transformation") return literalsOf(ast.from)
  return ast._tag === "Literal" && typeof ast.literal === "string" ? [ast.literal] : []
}

/** What stands there instead, by kind only. */
const kindOf = (actual: unknown): string => {
  const value = opened(actual)
  if (typeof value === "string") return "is a string"
  if (typeof value === "number" || typeof value === "bigint") return "is a number"
  if (typeof value === "boolean") return "is true or false"
  if (Array.isArray(value)) return "is a list"
  if (value === null) return "is nothing"
  return value instanceof Date ? "is a date" : "is a table"
}

const wrongValue = (ast: SchemaAST.AST, actual: unknown): string => {
  const literals = literalsOf(ast)
  const meant = typeof actual === "string" ? nearest(actual, literals) : undefined
  if (meant !== undefined) return `is not known, did you mean "${meant}"? Expected ${expectation(ast)}`
  const wrong = typeof actual === "string" && literals.length > 0 ? "is not known" : kindOf(actual)
  return `${wrong}, expected ${expectation(ast)}`
}

const topLevel = namedKeys(fileShape).filter((path) => path.length === 1)
const inProfiles = namedKeys(fileShape).filter((path) => path.length === 2 && path[0] === "profiles")

const unknownKey = (path: ReadonlyArray<PropertyKey>, table: SchemaAST.AST | undefined): string => {
  const key = String(path.at(-1))
  const known = table?._tag === "TypeLiteral" ? table.propertySignatures.map(({ name }) => String(name)) : []
  const meant = nearest(key, known)
  if (meant !== undefined) return `unknown key, did you mean "${meant}"?`
  if (path.length > 1 && topLevel.some(([name]) => name === key))
    return "unknown key here, expected above the first [table] of the file"
  if (path.length === 1 && inProfiles.some(([, name]) => name === key))
    return "unknown key here, expected in a [[profiles]] table"
  return known.length > 0 && known.length <= 8 ? `unknown key, expected one of ${known.join(", ")}` : "unknown key"
}

const typeOfKey = (table: SchemaAST.AST | undefined, key: PropertyKey | undefined): string => {
  const property = table?._tag === "TypeLiteral" ? table.propertySignatures.find(({ name }) => name === key) : undefined
  return property === undefined ? "a value" : expectation(property.type)
}

const isDeep = (issue: ParseResult.ParseIssue): boolean => {
  switch (issue._tag) {
    case "Pointer":
      return true
    case "Composite":
      return Arr.ensure(issue.issues).some(isDeep)
    case "Refinement":
    case "Transformation":
      return isDeep(issue.issue)
    default:
      return false
  }
}

const isUndefinedMember = (issue: ParseResult.ParseIssue): boolean =>
  issue._tag === "Type" && SchemaAST.isUndefinedKeyword(issue.ast)

/**
 * All issues of a failed decoding, in the order of the schema. `table` is the table type around the place, `wanted` the
 * whole type of the value where the issue is about a part of it (a number, of "a whole number, 1 or more").
 */
export const issuesOf = (
  issue: ParseResult.ParseIssue,
  path: ReadonlyArray<PropertyKey> = [],
  table?: SchemaAST.AST,
  wanted?: SchemaAST.AST
): ReadonlyArray<Issue> => {
  const one = (message: string, missing = false): ReadonlyArray<Issue> => [{ path, message, missing }]
  switch (issue._tag) {
    case "Pointer":
      return issuesOf(issue.issue, [...path, ...Arr.ensure(issue.path)], table)
    case "Missing":
      return one(`is missing, expected ${typeOfKey(table, path.at(-1))}`, true)
    case "Unexpected":
      return one(unknownKey(path, table))
    case "Transformation":
      return issuesOf(issue.issue, path, table, wanted)
    case "Refinement": {
      const whole = wanted ?? issue.ast
      if (issue.kind === "From") return issuesOf(issue.issue, path, table, whole)
      const wrong = opened(issue.actual) === "" ? "is empty" : "does not fit"
      return one(`${wrong}, expected ${expectation(whole)}`)
    }
    case "Composite": {
      const members = Arr.ensure(issue.issues)
      if (issue.ast._tag !== "Union") return members.flatMap((member) => issuesOf(member, path, issue.ast))
      // of several possible types, the one whose inner part is at fault was meant
      const meant = members.filter((member) => !isUndefinedMember(member))
      const chosen = meant.length === 1 ? meant[0] : meant.find(isDeep)
      return chosen === undefined ? one(wrongValue(issue.ast, issue.actual)) : issuesOf(chosen, path, table)
    }
    case "Type":
    case "Forbidden":
      return one(wrongValue(wanted ?? issue.ast, issue.actual))
  }
}
