/** What `claudex env` says: for people, for programs, and for a shell. Pure. */
import { Redacted, Schema } from "effect"
import { field } from "../domain/field.ts"
import type { ChildPlan } from "../launcher/childArguments.ts"
import type { Change } from "../launcher/childEnvironment.ts"
import { isShellVariable, posix, type ShellDialect, shellWord } from "../launcher/shell.ts"
import { usualWidth, wrap } from "./text.ts"

export interface EnvFacts {
  readonly profile: string
  /** Undefined where it is Claude Code's own choice. */
  readonly model: string | undefined
  /** Absent where Claude Code talks to no gateway. */
  readonly gateway: { readonly url: string; readonly running: boolean } | undefined
  /** In the order of application: of two for one variable the later one counts. */
  readonly changes: ReadonlyArray<Change>
  readonly added: ChildPlan["added"]
}

const Why = field(Schema.String, "Why.")

/** What `--json` prints. Values that may be secrets are left out. */
export const EnvDocument = Schema.Struct({
  profile: field(Schema.String, "The profile that was asked for."),
  model: field(
    Schema.NullOr(Schema.String),
    "The model that its default tier gets. Null where Claude Code takes its own, with a login of its own."
  ),
  gateway: field(
    Schema.NullOr(
      Schema.Struct({
        url: field(Schema.String, "Its address."),
        running: field(Schema.Boolean, "It answers there now; else that is where the configuration wants it.")
      })
    ),
    "Null where Claude Code talks to no gateway."
  ),
  set: field(
    Schema.Array(
      Schema.Struct({
        name: field(Schema.String, "Of the variable."),
        value: field(Schema.NullOr(Schema.String), "Null where it is masked."),
        masked: field(Schema.Boolean, "Whether the value may be a secret."),
        reason: Why
      })
    ),
    "Variables that are set for Claude Code."
  ),
  removed: field(
    Schema.Array(Schema.Struct({ name: field(Schema.String, "Of the variable."), reason: Why })),
    "Variables that are taken away from it."
  ),
  arguments: field(
    Schema.Array(Schema.Struct({ argument: field(Schema.String, "As it is typed."), reason: Why })),
    "Arguments that are added."
  )
})
export type EnvDocument = typeof EnvDocument.Type

type Assignment = Change & Required<Pick<Change, "value">>

/** The last word on each variable. */
const settled = (changes: ReadonlyArray<Change>): ReadonlyArray<Change> => [
  ...new Map(changes.map((change) => [change.name, change])).values()
]

const isAssignment = (change: Change): change is Assignment => change.value !== undefined

const split = (changes: ReadonlyArray<Change>) => {
  const last = settled(changes)
  return { set: last.filter(isAssignment), removed: last.filter((change) => !isAssignment(change)) }
}

const shown = ({ name, value }: Assignment): string =>
  `${name}=${Redacted.isRedacted(value) ? "[masked]" : shellWord(value)}`

interface Row {
  readonly term: string
  readonly reason: string
}

/** `width`: of the reasons, in columns; undefined where they are not told. */
const section = (heading: string, rows: ReadonlyArray<Row>, width: number | undefined): ReadonlyArray<string> =>
  rows.length === 0
    ? []
    : [
        heading,
        ...rows.flatMap(({ term, reason }) => [
          `  ${term}`,
          ...(width === undefined ? [] : wrap("      ", reason, "      ", width))
        ]),
        ""
      ]

const notRunning = (url: string, width: number): ReadonlyArray<string> => {
  const place = url.endsWith(":0") ? "on any free port (0)" : "there, if that port is free"
  return wrap(
    "",
    `No gateway answers now. The address is the configured one: \`claudex run\` starts it ${place}.`,
    "",
    width
  )
}

/** For people. A value stands in a line of its own, whole and as a shell would take it. `width`: of the terminal, in columns. */
export const envReport = (facts: EnvFacts, explain: boolean, width = usualWidth): ReadonlyArray<string> => {
  const { set, removed } = split(facts.changes)
  const told = explain ? width : undefined
  const sections = [
    ...section(
      "Set:",
      set.map((change) => ({ term: shown(change), reason: change.reason })),
      told
    ),
    ...section(
      "Taken away:",
      removed.map(({ name, reason }) => ({ term: name, reason })),
      told
    ),
    ...section(
      "Added to the arguments:",
      facts.added.map(({ argument, reason }) => ({ term: argument, reason })),
      told
    )
  ]
  const start = sections.length === 0 ? ["Claude Code is started with your environment as it is."] : sections
  const note = facts.gateway === undefined || facts.gateway.running ? [] : notRunning(facts.gateway.url, width)
  return note.length === 0 && start.at(-1) === "" ? start.slice(0, -1) : [...start, ...note]
}

/** For programs. */
export const envDocument = ({ profile, model, gateway, changes, added }: EnvFacts): EnvDocument => {
  const { set, removed } = split(changes)
  return {
    profile,
    model: model ?? null,
    gateway: gateway ?? null,
    set: set.map(({ name, value, reason }) =>
      Redacted.isRedacted(value) ? { name, value: null, masked: true, reason } : { name, value, masked: false, reason }
    ),
    removed: removed.map(({ name, reason }) => ({ name, reason })),
    arguments: added
  }
}

export interface ShellScript {
  readonly lines: ReadonlyArray<string>
  /** Variables that no shell can set. */
  readonly impossible: ReadonlyArray<string>
}

/** A comment ends with its line; a name in it must not. */
const comment = (text: string): string => `# ${text.replace(/\s+/g, " ")}`

/** For `eval` in a shell. Holds the secrets. */
export const shellScript = (
  changes: ReadonlyArray<Change>,
  explain: boolean,
  shell: ShellDialect = posix
): ShellScript => {
  const statements = settled(changes).map(({ name, value, reason }) => {
    const open = Redacted.isRedacted(value) ? Redacted.value(value) : value
    if (!isShellVariable(name, open ?? "")) return { name, lines: undefined }
    const line = open === undefined ? shell.unset(name) : shell.export(name, open)
    return { name, lines: explain ? [comment(reason), line] : [line] }
  })
  return {
    lines: statements.flatMap(({ lines }) => lines ?? []),
    impossible: statements.filter(({ lines }) => lines === undefined).map(({ name }) => name)
  }
}
