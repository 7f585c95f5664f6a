/** docs/configuration.md: every key of the configuration, read off the JSON Schema that editors get. */
import { JSONSchema } from "effect"
import { configJsonSchema } from "../src/config/jsonSchema.ts"
import { Profile } from "../src/domain/Profile.ts"
import { isList, isTable, type Json, type JsonTable, valueWords } from "./jsonWords.ts"
import { cell, tableOf } from "./markdown.ts"

/** One key that holds a value. */
export interface Setting {
  /** As `claudex config get` takes it; what stands for any name is in angle brackets. */
  readonly path: ReadonlyArray<string>
  /** What may stand there, in words. */
  readonly value: string
  /** Absent: there is none, and the key may be left out, unless it is `required`. */
  readonly fallback: Json | undefined
  readonly required: boolean
  readonly meaning: string
}

/** One table of the file, with the keys that stand directly in it. */
export interface Section {
  /** As it is written in the file, `""` for the top. */
  readonly heading: string
  readonly meaning: string
  readonly settings: ReadonlyArray<Setting>
}

/** What stands for any name in tables whose keys are free. */
const freeNames: { readonly [key: string]: string } = {
  model_aliases: "<alias>",
  model_info: "<model>",
  rules: "<intent>",
  custom_headers: "<header>",
  extra_env: "<variable>",
  query_params: "<parameter>"
}

const free = (schema: JsonTable): Json | undefined => {
  const { additionalProperties, patternProperties } = schema
  if (isTable(patternProperties)) return patternProperties[""] ?? Object.values(patternProperties)[0]
  return isTable(additionalProperties) ? additionalProperties : undefined
}

/** The JSON Schema of a file leaves most of them to other files. */
const inProfile: ReadonlyArray<string> = JSON.parse(JSON.stringify(JSONSchema.make(Profile))).required

const meaningOf = (schema: JsonTable): string => {
  const { description } = schema
  return typeof description === "string" ? description : ""
}

const freeMeaning = "any number of them"

/** `heading` is that of the table above, without its brackets. */
const sectionsOf = (
  schema: JsonTable,
  path: ReadonlyArray<string>,
  heading: string,
  meaning = meaningOf(schema)
): ReadonlyArray<Section> => {
  const { properties, required } = schema
  const rest = free(schema)
  const named = isTable(properties) ? Object.entries(properties) : []
  const any = freeNames[path.at(-1) ?? ""] ?? "<name>"
  const settings: Array<Setting> = []
  const tables: Array<Section> = []
  for (const [key, inner] of rest === undefined ? named : [...named, [any, rest] as const]) {
    if (!isTable(inner)) continue
    const { default: fallback, items, type } = inner
    const below = heading === "" ? key : `${heading}.${key}`
    if (isTable(items) && items["type"] === "object") {
      tables.push(...sectionsOf({ ...items, required: inProfile }, [...path, key, "<name>"], below, meaningOf(inner)))
    } else if (type === "object") {
      tables.push(...sectionsOf(inner, [...path, key], below, meaningOf(inner) || meaning))
    } else {
      const words = inner === rest ? freeMeaning : meaningOf(inner)
      const isRequired = isList(required) && required.includes(key)
      settings.push({ path: [...path, key], value: valueWords(inner), fallback, required: isRequired, meaning: words })
    }
  }
  const brackets = path.at(-1) === "<name>" && path.length === 2 ? `[[${heading}]]` : `[${heading}]`
  const own = { heading: heading === "" ? "" : brackets, meaning, settings }
  return [...(settings.length === 0 ? [] : [own]), ...tables]
}

/** All tables of the file in the order of the schema. */
export const sections = (): ReadonlyArray<Section> => {
  const schema = configJsonSchema()
  return isTable(schema) ? sectionsOf(schema, [], "") : []
}

const defaultWords = ({ fallback, required }: Setting): string =>
  fallback === undefined ? (required ? "must be set" : "") : `\`${JSON.stringify(fallback)}\``

const rowOf = (setting: Setting): ReadonlyArray<string> => [
  `\`${setting.path.join(".")}\``,
  cell(setting.value),
  defaultWords(setting),
  cell(setting.meaning)
]

const sectionText = ({ heading, meaning, settings }: Section): string =>
  [
    heading === "" ? "## Above all tables" : `## \`${heading}\``,
    ...(meaning === "" ? [] : [cell(meaning)]),
    tableOf(["Key", "Value", "Default", "Meaning"], settings.map(rowOf))
  ].join("\n\n")

export const configurationPage = (): string => `# Configuration

<!-- written by \`npm run docs\` from the schema in src/config; what is changed here by hand is lost -->

Every key of the configuration, as \`claudex config get\` and \`claudex config set\` take it: in the file the part before the
last dot is the heading of its table, and \`profiles.<name>\` is the \`[[profiles]]\` table with that name.
[config.example.toml](../config.example.toml) shows them in place; the [README](../README.md#configuration) tells where the
files are and which of them counts. Where no default is given the key may be left out, and nothing stands for it.

${sections().map(sectionText).join("\n\n")}
`
