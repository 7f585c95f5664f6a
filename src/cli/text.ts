/** Texts for a terminal of 80 columns. Pure. */

const width = 80

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim()

/** One line, cut where the terminal ends. */
export const clip = (text: string, most = width): string => {
  const line = oneLine(text)
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`
}

/** The words of a text in lines, all but the first behind `indent`; what is longer than a line is broken. */
export const wrap = (first: string, text: string, indent: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = first
  let isEmpty = true
  for (let word of oneLine(text).split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent
      isEmpty = true
    }
    while (line.length + word.length > width) {
      const room = width - line.length
      lines.push(line + word.slice(0, room))
      word = word.slice(room)
      line = indent
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}

/** Terms in one column, what they mean in the next, wrapped. */
export const entries = (rows: ReadonlyArray<readonly [string, string]>, indent = "  "): ReadonlyArray<string> => {
  const column = Math.max(...rows.map(([term]) => term.length)) + 2
  const next = " ".repeat(indent.length + column)
  return rows.flatMap(([term, meaning]) => wrap(`${indent}${term.padEnd(column)}`, meaning, next))
}

/** Columns as wide as what stands in them; no line is longer than the terminal. */
export const columns = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows.map((row) => {
    const line = row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd()
    return line.length <= width ? line : `${line.slice(0, width - 1)}…`
  })
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
