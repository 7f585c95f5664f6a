/** docs/json-output.md: what each command prints with `--json`, read off the schemas that the commands encode with. */
import { JSONSchema, Schema } from "effect"
import { Diagnosis } from "../src/cli/doctor/check.ts"
import { EnvDocument } from "../src/cli/envReport.ts"
import { LogLine } from "../src/cli/logLine.ts"
import { PlaceList } from "../src/cli/placeList.ts"
import { ProfileList } from "../src/cli/profileList.ts"
import { ProfileTests } from "../src/cli/profileTest.ts"
import { ProfileView } from "../src/cli/profileView.ts"
import { StatusDocument } from "../src/cli/statusDocument.ts"
import { Validation } from "../src/cli/validation.ts"
import { ConfigFile } from "../src/config/ConfigFile.ts"
import { inlined } from "../src/config/jsonSchema.ts"
import { RequestRecord } from "../src/domain/RequestRecord.ts"
import { isList, isTable, type Json, type JsonTable, valueWords } from "./jsonWords.ts"
import { cell, tableOf } from "./markdown.ts"

/** What one command prints. */
export interface Output {
  /** Without `claudex` and `--json`. */
  readonly command: string
  readonly about: string
  readonly schema: Schema.Schema.AnyNoContext
  /** What is described elsewhere, or has any form, has no table. */
  readonly isListed: boolean
}

const listed = (command: string, schema: Schema.Schema.AnyNoContext, about: string): Output => ({
  command,
  schema,
  about,
  isListed: true
})

const settings =
  "Every setting, defaults too, by its key in the file: [configuration.md](configuration.md) lists them, and `claudex config schema` prints their JSON Schema. Secrets read `[masked]`."

/** Every command that takes `--json`. */
export const outputs: ReadonlyArray<Output> = [
  listed("env", EnvDocument, "What `claudex run` sets for Claude Code, and why."),
  listed("profile list", ProfileList, "All profiles. No secret is in it."),
  listed("profile show", ProfileView, "What a profile comes to. Secrets are masked, save with `--reveal`."),
  listed("profile test", ProfileTests, "How each profile did. The exit code is 1 when one failed."),
  listed("proxy status", StatusDocument, "How the gateway is. The exit code is 1 when it does not run."),
  listed("logs", LogLine, "One document for each line, on a line of its own; with `-f` they go on coming."),
  listed("explain", RequestRecord, "What became of a request."),
  { command: "config", about: "The same as `claudex config show --json`.", schema: ConfigFile, isListed: false },
  { command: "config show", about: settings, schema: ConfigFile, isListed: false },
  {
    command: "config get",
    about: "The value of the setting as JSON, whatever it is. Secrets read `[masked]`.",
    schema: Schema.Unknown,
    isListed: false
  },
  listed("config path", PlaceList, "Where the configuration is looked for."),
  listed(
    "config validate",
    Validation,
    "What is wrong with the configuration, and with `--connectivity` with the providers. The exit code is 2 for the former, 1 for the latter."
  ),
  listed("doctor", Diagnosis, "What was looked at. The exit code is 1 when a check failed; a warning leaves it at 0.")
]

/** Why the other commands have no `--json`. */
export const withoutJson: { readonly [command: string]: string } = {
  run: "its output is Claude Code's",
  "profile add": "it changes something",
  "profile use": "it changes something",
  "profile edit": "it changes something",
  "profile remove": "it changes something",
  "profile set-key": "it changes something",
  "profile forget-key": "it changes something",
  "proxy start": "it changes something",
  "proxy stop": "it changes something",
  "proxy token": "it prints one word and nothing else",
  "config set": "it changes something",
  "config unset": "it changes something",
  "config init": "it changes something",
  "config edit": "it changes something",
  "config migrate": "it changes something",
  "config trust": "it changes something",
  "config export": "it prints JSON unless it is asked for TOML",
  "config schema": "it prints JSON in any case",
  completions: "it prints a program for a shell"
}

const described = (schema: Json): string =>
  isTable(schema) && typeof schema["description"] === "string" ? schema["description"] : ""

const distinct = (values: ReadonlyArray<Json>): ReadonlyArray<Json> => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values()
]

const alternatives = (schema: Json): ReadonlyArray<Json> =>
  isTable(schema) && isList(schema["anyOf"]) ? schema["anyOf"] : [schema]

/** One table for several: what is not in all of them may be absent. */
const merged = (objects: ReadonlyArray<JsonTable>): JsonTable => {
  const [first = {}] = objects
  if (objects.length < 2) return first
  const propertiesOf = (one: JsonTable) => (isTable(one["properties"]) ? one["properties"] : {})
  const keys = [...new Set(objects.flatMap((one) => Object.keys(propertiesOf(one))))]
  const properties = keys.map((key) => {
    const found = objects.flatMap((one) => propertiesOf(one)[key] ?? [])
    const description = found.map(described).find((text) => text !== "") ?? ""
    const choices = found.flatMap((one) => (isTable(one) && isList(one["enum"]) ? one["enum"] : []))
    const anyOf = distinct(found.map((one) => (isTable(one) ? { ...one, description } : one)))
    return [key, choices.length > 0 ? { enum: distinct(choices), description } : { anyOf, description }] as const
  })
  const required = keys.filter((key) => objects.every(({ required: needed }) => isList(needed) && needed.includes(key)))
  return { type: "object", properties: Object.fromEntries(properties), required }
}

const objectsIn = (schema: Json): ReadonlyArray<JsonTable> =>
  alternatives(schema)
    .filter(isTable)
    .flatMap((one) => (isList(one["anyOf"]) ? objectsIn(one) : one["type"] === "object" ? [one] : []))

const isRecord = (schema: JsonTable): boolean => Object.keys(Object(schema["properties"])).length === 0

/** Its type in words. */
const typeWords = (schema: Json): string => {
  const words = alternatives(schema).map((one) => {
    if (!isTable(one)) return "anything"
    if (isList(one["anyOf"])) return typeWords(one)
    if (one["type"] === "object") return "object"
    return one["type"] === "array" && objectsIn(one["items"] ?? null).length > 0 ? "list of objects" : valueWords(one)
  })
  return [...new Set(words)].join(" or ")
}

/** One place in a document. */
export interface Field {
  /** `[]` behind a list stands for each of its values, `?` for what may be absent. */
  readonly path: string
  readonly type: string
  readonly meaning: string
}

const fieldsOf = (schema: Json, path: string): ReadonlyArray<Field> => {
  const { properties, required } = merged(objectsIn(schema))
  if (!isTable(properties)) return []
  return Object.entries(properties).flatMap(([key, inner]) => {
    const mark = isList(required) && required.includes(key) ? "" : "?"
    const own: Field = { path: `${path}${key}${mark}`, type: typeWords(inner), meaning: described(inner) }
    const lists = alternatives(inner)
      .filter(isTable)
      .flatMap((one) => (one["type"] === "array" ? [one["items"] ?? null] : []))
    const inside = objectsIn(inner).some((one) => !isRecord(one)) ? fieldsOf(inner, `${path}${key}.`) : []
    return [own, ...inside, ...lists.flatMap((items) => fieldsOf(items, `${path}${key}[].`))]
  })
}

/** All places in what a schema describes, outer ones first. */
export const fieldsIn = (schema: Schema.Schema.AnyNoContext): ReadonlyArray<Field> =>
  fieldsOf(inlined(JSONSchema.make(schema)), "")

const rowOf = ({ meaning, path, type }: Field): ReadonlyArray<string> => [`\`${path}\``, cell(type), cell(meaning)]

const section = ({ about, command, isListed, schema }: Output): string =>
  [
    `## \`claudex ${command} --json\``,
    about,
    ...(isListed ? [tableOf(["Field", "Type", "Meaning"], fieldsIn(schema).map(rowOf))] : [])
  ].join("\n\n")

export const jsonPage = (): string => `# JSON for programs

<!-- written by \`npm run docs\` from the schemas of the commands; what is changed here by hand is lost -->

With \`--json\` a command prints one JSON document on stdout, and on stderr what it has to say besides. When it fails before
it has an answer, stdout stays empty; the [exit code](../README.md#commands) tells. A \`?\` marks a field that may be absent, \`[]\` each
value of a list. Fields may be added in later versions: a program should pass over those that it does not know.

${outputs.map(section).join("\n\n")}

## Without \`--json\`

| Command | Why |
| --- | --- |
${Object.entries(withoutJson)
  .map(([command, why]) => `| \`claudex ${command}\` | ${why} |`)
  .join("\n")}
`
