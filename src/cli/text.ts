/** Texts for a terminal of 80 columns. Pure. */
import { displayWidth, padded, startOf } from "./displayWidth.ts"

/** In columns; of a terminal that does not tell another. */
export const usualWidth = 80

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim()

/** One line, cut where the terminal ends. */
export const clip = (text: string, most = usualWidth): string => {
  const line = oneLine(text)
  return displayWidth(line) <= most ? line : `${startOf(line, most - 1)}…`
}

/** The words of a text in lines, all but the first behind `indent`; what is longer than a line of `most` columns is broken. */
export const wrap = (first: string, text: string, indent: string, most = usualWidth): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = first
  let isEmpty = true
  for (let word of oneLine(text).split(" ")) {
    if (!isEmpty && displayWidth(line) + 1 + displayWidth(word) > most) {
      lines.push(line)
      line = indent
      isEmpty = true
    }
    while (word !== "" && displayWidth(line) + displayWidth(word) > most) {
      // one letter at least, where there is no room for any
      const piece = startOf(word, Math.max(2, most - displayWidth(line)))
      lines.push(line + piece)
      word = word.slice(piece.length)
      line = indent
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}

const foldLine = (line: string, most: number): ReadonlyArray<string> => {
  const [first = "", ...words] = line.split(" ")
  return words.reduce<ReadonlyArray<string>>(
    (lines, word) => {
      const last = lines.at(-1) ?? ""
      return displayWidth(last) + 1 + displayWidth(word) > most
        ? [...lines, word]
        : [...lines.slice(0, -1), `${last} ${word}`]
    },
    [first]
  )
}

/**
 * A text whose lines end at words where they are wider than `most` columns. A word that is wider than that stays whole: a
 * path or a command can be copied then.
 */
export const fold = (text: string, most: number): string =>
  text
    .split("\n")
    .flatMap((line) => (displayWidth(line) <= most ? [line] : foldLine(line, most)))
    .join("\n")

/** Terms in one column, what they mean in the next, wrapped. */
export const entries = (
  rows: ReadonlyArray<readonly [string, string]>,
  indent = "  ",
  most = usualWidth
): ReadonlyArray<string> => {
  const column = Math.max(0, ...rows.map(([term]) => displayWidth(term))) + 2
  const next = " ".repeat(indent.length + column)
  return rows.flatMap(([term, meaning]) => wrap(`${indent}${padded(term, column)}`, meaning, next, most))
}

const gap = "  "

/** Widths that fit into a line together: the widest give way, all to the same width. */
const fitting = (widths: ReadonlyArray<number>, width: number): ReadonlyArray<number> => {
  const room = width - gap.length * (widths.length - 1)
  let most = Math.min(room, Math.max(0, ...widths))
  const fitted = () => widths.map((wanted) => Math.min(wanted, most))
  while (most > 1 && fitted().reduce((sum, one) => sum + one, 0) > room) most -= 1
  return fitted()
}

/** The width of each column, as wide as what stands in it. */
const natural = (cells: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<number> =>
  Array.from({ length: Math.max(0, ...cells.map((row) => row.length)) }, (_, at) =>
    Math.max(...cells.map((row) => displayWidth(row[at] ?? "")))
  )

/** Columns as wide as what stands in them, or cut where they would be wider than the terminal together. */
export const columns = (rows: ReadonlyArray<ReadonlyArray<string>>, width = usualWidth): ReadonlyArray<string> => {
  const cells = rows.map((row) => row.map(oneLine))
  const widths = fitting(natural(cells), width)
  const cellOf = (cell: string, at: number) => padded(clip(cell, widths[at]), widths[at] ?? 0)
  return cells.map((row) => row.map(cellOf).join(gap).trimEnd())
}

export interface Table {
  /** None where the rows tell by themselves what their cells are. */
  readonly head: ReadonlyArray<string>
  /** The lines of each row. */
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

/** Columns below their heads; on a terminal that is narrower than usual and than they are, the cells of a row below its first. */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  width: number
): Table => {
  const cells = [head, ...rows].map((row) => row.map(oneLine))
  const wanted = natural(cells).reduce((sum, one) => sum + gap.length + one, -gap.length)
  if (width < usualWidth && wanted > width) {
    const below = (row: ReadonlyArray<string>) =>
      row.flatMap((cell, at): ReadonlyArray<readonly [string, string]> =>
        at === 0 || cell === "" ? [] : [[head[at] ?? "", cell]]
      )
    return {
      head: [],
      rows: rows.map((row) => [clip(row[0] ?? "", width), ...entries(below(row), gap, width)])
    }
  }
  const [first = "", ...lines] = columns([head, ...rows], width)
  return { head: [first], rows: lines.map((line) => [line]) }
}

const units = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1]
] as const

/** "3 hours 5 minutes": the two largest units that are not zero. */
export const duration = (seconds: number): string => {
  let rest = Math.max(0, Math.floor(seconds))
  const parts = units.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? [] : [`${count} ${unit}${count === 1 ? "" : "s"}`]
  })
  return parts.length === 0 ? "0 seconds" : parts.slice(0, 2).join(" ")
}

/** How long a step took: "840 ms", "4.2 s", and what is longer as `duration` says it. */
export const elapsed = (milliseconds: number): string => {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  return milliseconds < 60_000 ? `${(milliseconds / 1_000).toFixed(1)} s` : duration(milliseconds / 1_000)
}

export const count = (value: number): string => value.toLocaleString("en-US")

/** "3 requests", "1 request". */
export const countOf = (value: number, what: string): string => `${count(value)} ${what}${value === 1 ? "" : "s"}`

/** US dollars; a request costs fractions of a cent. */
export const money = (dollars: number): string => `$${dollars.toFixed(dollars < 1 ? 4 : 2)}`
