/** What `claudex config validate` found: for people and, as the JSON of `--json`, for programs. Pure. */
import { Schema } from "effect"
import type { ConfigError } from "../config/errors.ts"
import type { LoadedConfig } from "../config/LoadedConfig.ts"
import { field } from "../domain/field.ts"
import { ProfileTest, type ProfileTests, profileTests } from "./profileTest.ts"
import { fold, usualWidth } from "./text.ts"

const Fault = Schema.Struct({
  source: field(Schema.String, "The file, or the environment variable, at fault."),
  line: Schema.optional(field(Schema.Int, "The line in the file, from 1.")),
  column: Schema.optional(field(Schema.Int, "The column in the line, from 1, where it is known.")),
  path: field(Schema.String, "The setting; empty where the file as a whole is at fault."),
  message: field(Schema.String, "What is wrong and what is expected, without secrets.")
})

export const Validation = Schema.Struct({
  ok: field(Schema.Boolean, "Nothing is wrong with the files, and no provider failed that was asked."),
  faults: field(Schema.Array(Fault), "All that is wrong with the files and variables, at once."),
  files: field(
    Schema.Array(
      Schema.Struct({
        path: field(Schema.String, "The file."),
        layer: field(Schema.Literal("global", "project", "explicit"), "The role in which it takes part.")
      })
    ),
    "The files that take part, the weakest first; empty where something is wrong with them."
  ),
  profiles: field(
    Schema.Array(
      Schema.Struct({
        name: field(Schema.String, "Of the profile."),
        enabled: field(Schema.Boolean, "Whether it can be used.")
      })
    ),
    "All profiles; empty where something is wrong with the files."
  ),
  tests: Schema.optional(
    field(
      Schema.Array(ProfileTest),
      "With --connectivity, how each enabled profile did, in the order of the configuration."
    )
  )
})
export type Validation = typeof Validation.Type

/** `tests`: how those did that were asked, if any were. */
export const validation = ({ files, settings }: LoadedConfig, tests: ProfileTests | undefined): Validation => ({
  ok: tests?.ok ?? true,
  faults: [],
  files,
  profiles: settings.profiles.map(({ enabled, name }) => ({ name, enabled })),
  ...(tests === undefined ? {} : { tests: tests.tests })
})

export const invalid = ({ faults }: ConfigError): Validation => ({
  ok: false,
  faults,
  files: [],
  profiles: []
})

/** A list whose lines end where they are too wide; a path stays whole. */
const listed = (heading: string, members: ReadonlyArray<string>, width: number): ReadonlyArray<string> =>
  fold(`${heading}: ${members.join(", ")}`, width - 4)
    .split("\n")
    .map((line, at) => `${at === 0 ? "  " : "    "}${line}`)

/** Lines about files without a fault. `width`: of the terminal, in columns; 80 unless told. `tableWidth`: of what was asked. */
export const validationReport = (
  { files, ok, profiles, tests }: Validation,
  width = usualWidth,
  tableWidth = width
): ReadonlyArray<string> => {
  const names = profiles.map(({ enabled, name }) => (enabled ? name : `${name} (disabled)`))
  const paths = files.length === 0 ? ["none, only the built-in settings"] : files.map(({ path }) => path)
  return [
    "The configuration is valid.",
    ...listed("files", paths, width),
    ...listed("profiles", names, width),
    ...(tests === undefined ? [] : ["", ...profileTests({ ok, tests }, width, tableWidth)])
  ]
}
