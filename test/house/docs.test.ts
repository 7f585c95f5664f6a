import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { sections } from "../../scripts/configDocs.ts"
import { written } from "../../scripts/docs.ts"
import { fieldsIn, outputs, withoutJson } from "../../scripts/jsonOutput.ts"
import { words } from "../../src/cli/commands.ts"
import type { CommandWord } from "../../src/cli/grammar.ts"
import { fileShape, namedKeys } from "../../src/config/shape.ts"
import { root } from "./support.ts"

const settings = sections().flatMap((section) => section.settings)
const rowOf = (path: string) => settings.find((setting) => setting.path.join(".") === path)

describe("what is written from the sources", () => {
  for (const [file, text] of Object.entries(written())) {
    it(`is current: ${file} (npm run docs writes it)`, async () => {
      expect(await readFile(join(root, file), "utf8")).toBe(text)
    })
  }
})

describe("the page of all keys", () => {
  it("has every key of the schema that holds a value", () => {
    const listed = new Set(settings.map(({ path }) => path.filter((key) => !key.startsWith("<")).join(".")))
    const paths = namedKeys(fileShape).map((path) => path.join("."))
    const values = paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`)))
    expect(values.length).toBeGreaterThan(100)
    // of a table whose keys are free the keys below it are listed
    expect(values.filter((path) => !listed.has(path) && ![...listed].some((key) => key.startsWith(path)))).toEqual([])
  })

  it("says of every key and every table what it means and of every key what may stand there", () => {
    expect(settings.filter(({ meaning, value }) => meaning === "" || value === "" || value === "anything")).toEqual([])
    expect(sections().filter(({ heading, meaning }) => heading !== "" && meaning === "")).toEqual([])
    // "a string" and the like are what faults say of a value
    expect(settings.filter(({ meaning }) => /^an? (string|number|whole|list)/.test(meaning))).toEqual([])
  })

  it("is read off the schema", () => {
    expect(rowOf("proxy_port")).toMatchObject({ fallback: 13_456, value: "whole number from 0 to 65535" })
    expect(rowOf("resilience.failure_rate")).toMatchObject({
      fallback: 0.5,
      value: "number, greater than 0, at most 1"
    })
    expect(rowOf("profiles.<name>.enabled")).toMatchObject({ fallback: true, value: "true or false" })
    expect(rowOf("profiles.<name>.base_url")).toMatchObject({ fallback: undefined, required: true })
    expect(rowOf("profiles.<name>.auth_header")).toMatchObject({ value: '"bearer" or "x-api-key"', required: false })
  })

  it("is where the README says", async () => {
    expect(await readFile(join(root, "README.md"), "utf8")).toContain("](docs/configuration.md)")
  })
})

/** What can be typed: commands without others below them, and those that do something alone too. */
const typed = (command: CommandWord, path: ReadonlyArray<string>): ReadonlyArray<readonly [string, CommandWord]> => [
  ...(path.length > 0 && (command.commands.length === 0 || command.options.length > 0)
    ? [[path.join(" "), command] as const]
    : []),
  ...command.commands.flatMap((one) => typed(one, [...path, one.name]))
]

describe("the page of JSON documents", () => {
  it("has every command that takes --json, and says of every other one why it does not", () => {
    const takes = (command: CommandWord) => command.options.some(({ names }) => names.includes("--json"))
    const all = typed(words, [])
    expect(outputs.map(({ command }) => command).toSorted()).toEqual(
      all.flatMap(([name, command]) => (takes(command) ? [name] : [])).toSorted()
    )
    expect(Object.keys(withoutJson).toSorted()).toEqual(
      all.flatMap(([name, command]) => (takes(command) ? [] : [name])).toSorted()
    )
  })

  it("says of every field what it is and what it means", () => {
    for (const { command, isListed, schema } of outputs) {
      if (!isListed) continue
      const fields = fieldsIn(schema)
      expect(fields.length, command).toBeGreaterThan(0)
      expect(
        fields.filter(({ meaning, type }) => meaning === "" || type === ""),
        command
      ).toEqual([])
    }
  })

  it("is read off the schemas", () => {
    const doctor = outputs.find(({ command }) => command === "doctor")
    const fields = doctor === undefined ? [] : fieldsIn(doctor.schema)
    const typeOf = (path: string) => fields.find((one) => one.path === path)?.type
    expect(typeOf("checks")).toBe("list of objects")
    expect(typeOf("checks[].status")).toBe('"ok", "warn" or "fail"')
    expect(typeOf("checks[].remedy?")).toBe("text, not empty")
  })

  it("is where the README says", async () => {
    expect(await readFile(join(root, "README.md"), "utf8")).toContain("](docs/json-output.md)")
  })
})
