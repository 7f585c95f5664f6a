/** Which rule is held by which tests, read off the names of the tests. */
import { rules, type Rule } from "./rules.ts"

export interface NamedTest {
  readonly file: string
  readonly name: string
}

export interface Covered {
  readonly rule: Rule
  readonly tests: ReadonlyArray<NamedTest>
}

const bracketed = /\[(4\.\d[^\]]*|problem \d+)\]/g

/** The ids in a test's name. */
export const idsIn = (name: string): ReadonlyArray<string> => [...name.matchAll(bracketed)].map(([, id]) => id ?? "")

/** Every rule with its tests, and ids that are no rule of these tables although their section has rules here. */
export const coverage = (
  tests: ReadonlyArray<NamedTest>
): { readonly covered: ReadonlyArray<Covered>; readonly strange: ReadonlyArray<string> } => {
  const byId = new Map<string, Array<NamedTest>>()
  for (const test of tests) for (const id of new Set(idsIn(test.name))) byId.set(id, [...(byId.get(id) ?? []), test])
  const known = new Set(rules.map(({ id }) => id))
  const sections = new Set(rules.map(({ id }) => id.split(" ")[0] ?? ""))
  return {
    covered: rules.map((rule) => ({ rule, tests: byId.get(rule.id) ?? [] })),
    strange: [...byId.keys()].filter((id) => !known.has(id) && sections.has(id.split(" ")[0] ?? ""))
  }
}
