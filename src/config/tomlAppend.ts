/**
 * One more table at the end of a list of tables (`[[profiles]]`) of a TOML text. Pure.
 *
 * Invariant: the text before is the beginning of the text after, which means the same with that table behind the others of
 * its list; where that cannot be, nothing is changed.
 */
import { Either } from "effect"
import { parse } from "smol-toml"
import { indexLines } from "./lines.ts"
import { breakOf, type EditRefused, isEqual, notToml } from "./tomlEdit.ts"
import { keyText, type TomlValue, valueText } from "./tomlText.ts"

/** A table as it is written: a value per key, in this order. */
export interface TomlTable {
  readonly [key: string]: TomlValue
}

/** What parts the new table from the text: the end of its last line, where that has none, and an empty line. */
const gap = (text: string): string => {
  const end = breakOf(text)
  if (text === "" || /\n\r?\n$/.test(text)) return ""
  return text.endsWith("\n") ? end : end + end
}

const membersOf = (value: unknown): ReadonlyArray<unknown> | undefined =>
  value === undefined ? [] : Array.isArray(value) ? value : undefined

/** The text with a table behind all else. `list` is a key of the document's root. */
export const appendTable = (text: string, list: string, table: TomlTable): Either.Either<string, EditRefused> =>
  Either.gen(function* () {
    const before = yield* Either.try({ try: () => parse(text), catch: () => notToml })
    const lines = [`[[${keyText([list])}]]`].concat(
      Object.entries(table).map(([key, value]) => `${keyText([key])} = ${valueText(value)}`)
    )
    const after = text + gap(text) + lines.map((line) => line + breakOf(text)).join("")
    const members = membersOf(before[list])
    const means = Either.try(() => isEqual(parse(after), { ...before, [list]: [...(members ?? []), table] }))
    if (members !== undefined && Either.isRight(means) && means.right) return after
    // TOML has it that a list in brackets takes no tables behind it
    return yield* Either.left({
      ...(before[list] === undefined ? {} : { line: indexLines(text).lineOf([list]) }),
      message: `cannot stand in this file unless each is a table of its own, below [[${keyText([list])}]]`
    })
  })
