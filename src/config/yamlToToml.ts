/**
 * The text of a YAML configuration as TOML, comments included. Pure.
 *
 * What is not kept: blank lines and the order in which plain settings and tables of one table stand, for TOML has the plain
 * ones first; aliases, whose values are written out; keys without a value; the place of a comment within a list, which then
 * stands above it.
 */
import { keyText, valueText, type TomlValue } from "./tomlText.ts"
import { type YamlComment, yamlComments } from "./yamlComments.ts"
import { type Plain, plainYaml, type Spot, type YamlEntry, type YamlTable, type YamlValue } from "./yamlTree.ts"

/** One line of the TOML text: a setting, or the header of a table. */
interface Unit {
  readonly text: string
  readonly header: boolean
  /** It says nothing that the lines behind it do not say too. */
  readonly spare: boolean
  /** Where it stands in the YAML text; undefined when it was written for another place. */
  readonly start: Spot | undefined
  readonly lastLine: number
}

interface Noted {
  readonly above: Array<string>
  readonly below: Array<string>
  behind: string | undefined
}

/** The members of a list that TOML writes as tables of their own; undefined for anything else. */
const tablesIn = (value: YamlValue): ReadonlyArray<YamlTable> | undefined => {
  if (value.kind !== "list" || value.items.length === 0) return undefined
  const tables = value.items.filter((item) => item.kind === "table")
  return tables.length === value.items.length ? tables : undefined
}

const isLeaf = ({ value }: YamlEntry): boolean => value.kind !== "table" && tablesIn(value) === undefined

/** TOML has no word for nothing; whoever compares the outcome finds the list that had one. */
const tomlValue = (value: Plain): TomlValue => {
  if (value === null) return ""
  if (typeof value !== "object") return value
  return isList(value)
    ? value.map(tomlValue)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, tomlValue(inner)]))
}

const isList = (value: Plain): value is ReadonlyArray<Plain> => Array.isArray(value)

const leafUnit = ({ key, start, value }: YamlEntry): Unit => ({
  text: `${keyText([key])} = ${valueText(tomlValue(plainYaml(value)))}`,
  header: false,
  spare: false,
  start,
  lastLine: value.borrowed ? start.line : value.lastLine
})

const headerUnit = (text: string, start: Spot, table: YamlTable, borrowed: boolean): Unit => ({
  text,
  header: true,
  spare: table.entries.length > 0 && !table.entries.some(isLeaf),
  start: borrowed ? undefined : start,
  lastLine: start.line
})

/** All lines below a header, in the order of TOML. `borrowed`: the table was written for another place. */
const unitsOf = ({ entries }: YamlTable, path: ReadonlyArray<string>, borrowed: boolean): ReadonlyArray<Unit> => [
  ...entries.filter(isLeaf).map((entry) => (borrowed ? { ...leafUnit(entry), start: undefined } : leafUnit(entry))),
  ...entries.flatMap(({ key, start, value }) => {
    const name = [...path, key]
    if (value.kind === "table") {
      const inner = borrowed || value.borrowed
      return [headerUnit(`[${keyText(name)}]`, start, value, borrowed), ...unitsOf(value, name, inner)]
    }
    return (tablesIn(value) ?? []).flatMap((item) => {
      const inner = borrowed || value.borrowed || item.borrowed
      // each element needs its header, else there is none
      const header = { ...headerUnit(`[[${keyText(name)}]]`, item.start, item, inner), spare: false }
      return [header, ...unitsOf(item, name, inner)]
    })
  })
]

type Placed = Unit & { readonly start: Spot }

const isPlaced = (unit: Unit): unit is Placed => unit.start !== undefined

/** The column in which a line begins, from 1. */
const indentOf = (line: string | undefined): number => (line ?? "").search(/\S|$/) + 1

/** The comments at the beginning that an empty line parts from the first setting. */
const headOf = (comments: ReadonlyArray<YamlComment>, lines: ReadonlyArray<string>, first: number): number => {
  const before = lines.slice(0, first - 1)
  const gap = before.findLastIndex((line) => line.trim() === "") + 1
  return comments.filter(({ alone, line }) => alone && line < gap).length
}

/** Control characters may not stand in a comment of TOML. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const commentText = (text: string): string => text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, "\ufffd")

/** The TOML text of a table and of the YAML text that it was read from. */
export const tomlOfYaml = (table: YamlTable, text: string): string => {
  const units = unitsOf(table, [], false)
  const placed = units
    .filter(isPlaced)
    .toSorted((one, other) => one.start.line - other.start.line || one.start.column - other.start.column)
  const lines = text.split("\n")
  const comments = yamlComments(text)
  const head = headOf(comments, lines, placed[0]?.start.line ?? 1)
  const end: Array<string> = []
  const notes = new Map<Unit, Noted>()
  const notesOf = (unit: Unit): Noted => {
    const noted = notes.get(unit) ?? { above: [], below: [], behind: undefined }
    notes.set(unit, noted)
    return noted
  }
  for (const comment of comments.slice(head)) {
    const { alone, column, line } = comment
    const words = commentText(comment.text)
    const same = placed.findLast(({ start }) => start.line === line)
    const within = placed.findLast(({ lastLine, start }) => start.line < line && line <= lastLine)
    const next = placed.find(({ start }) => start.line > line)
    const last = placed.findLast(({ start }) => start.line < line)
    const isDeeper = next !== undefined && column > indentOf(lines[next.start.line - 1])
    if (!alone && same !== undefined && notesOf(same).behind === undefined) notesOf(same).behind = words
    else if (same !== undefined) notesOf(same).above.push(words)
    else if (within !== undefined) notesOf(within).above.push(words)
    else if (alone && last !== undefined && (isDeeper || (next === undefined && column > 1)))
      notesOf(last).below.push(words)
    else if (next !== undefined) notesOf(next).above.push(words)
    else end.push(words)
  }
  const written = units
    .filter((unit) => !unit.spare || notes.has(unit))
    .flatMap((unit, at) => {
      const { above, behind, below } = notes.get(unit) ?? { above: [], behind: undefined, below: [] }
      const own = behind === undefined ? unit.text : `${unit.text} ${behind}`
      return [...(unit.header && at > 0 ? [""] : []), ...above, own, ...below]
    })
  const begin = comments.slice(0, head).map((comment) => commentText(comment.text))
  const parts = [begin, written, end].filter((part) => part.length > 0).map((part) => part.join("\n"))
  return parts.length === 0 ? "" : `${parts.join("\n\n")}\n`
}
