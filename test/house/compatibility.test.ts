import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { compatibilityTable, withTable } from "../../scripts/compatibility.ts"
import { generic, providers } from "../../src/provider/table/index.ts"
import { root } from "./support.ts"

/** Column titles to cells, by the provider's label. */
const cells = (label: string): Readonly<Record<string, string>> => {
  const [head = [], , ...rows] = compatibilityTable()
    .split("\n")
    .map((line) => line.slice(2, -2).split(" | "))
  const row = rows.find(([name]) => name?.replace(/ \*$/, "") === label) ?? []
  return Object.fromEntries(head.map((title, i) => [title, row[i] ?? ""]))
}

describe("the compatibility table", () => {
  it("in the README is what the provider table says (npm run compat writes it)", async () => {
    const readme = await readFile(join(root, "README.md"), "utf8")
    expect(withTable(readme)).toBe(readme)
  })

  it("has a row for every provider and an answer in every column", () => {
    for (const { label } of [...providers, generic]) {
      const row = Object.values(cells(label))
      expect(row, label).toHaveLength(9)
      expect(
        row.every((cell) => cell !== ""),
        label
      ).toBe(true)
    }
  })

  it("is read off the policies", () => {
    expect(cells("OpenAI")).toMatchObject({ Tools: "yes", Documents: "file", Structured: "schema", Thinking: "effort" })
    expect(cells("DeepSeek")).toMatchObject({ Tools: "not forced", Structured: "JSON", Thinking: "effort, on/off" })
    expect(cells("Perplexity")).toMatchObject({ Tools: "no", Parallel: "no", "Web search": "yes" })
    expect(cells("Any other server")).toMatchObject({ Thinking: "not told", "Web search": "no", Images: "yes" })
    expect(cells("xAI")["Web search"]).toBe("Responses")
  })

  it("is not written into a text that has no place for it", () => {
    expect(withTable("# claudex\n")).toBeUndefined()
  })
})
