/** Tables and cells of the pages under docs/. */

/** Text that stands in a cell as it is. */
export const cell = (text: string): string =>
  text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("*", "\\*").replaceAll("\n", " ")

const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

export const tableOf = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")
