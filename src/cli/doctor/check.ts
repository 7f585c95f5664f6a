/** What `claudex doctor` says: one check for each thing that was looked at. The JSON of `--json` is a `Diagnosis`. */
import { Schema } from "effect"
import { field } from "../../domain/field.ts"

const Word = Schema.Literal(
  "node",
  "claude",
  "config",
  "state",
  "gateway",
  "port",
  "proxy",
  "ca",
  "clock",
  "profile",
  "key",
  "provider",
  "loopback"
)

/** All things that can be looked at. */
export const subjects = Word.literals

/** What was looked at. */
export const Subject = Schema.Struct({
  check: field(Word, "What was looked at."),
  profile: Schema.optional(field(Schema.String, "The profile that was looked at, where it is about one."))
})
export type Subject = typeof Subject.Type

const Message = field(Schema.String, "How it is, in words without secrets.")

const Fine = Schema.Struct({ ...Subject.fields, status: Schema.Literal("ok"), message: Message })

const Wrong = Schema.Struct({
  ...Subject.fields,
  status: field(
    Schema.Literal("warn", "fail"),
    "warn: claudex works, perhaps not as was meant; fail: something does not work."
  ),
  message: Message,
  remedy: field(
    Schema.NonEmptyTrimmedString,
    "What to do about it, a command to type or a sentence; absent where nothing is wrong."
  )
})

export const Check = Schema.Union(Fine, Wrong)
/** How a thing is, in words without secrets; what is not well has a remedy. */
export type Check = typeof Check.Type

export const Diagnosis = Schema.Struct({
  ok: field(Schema.Boolean, "No check failed."),
  version: field(Schema.String, "The version of claudex that looked."),
  checks: field(Schema.Array(Check), "In the order of the report.")
})
export type Diagnosis = typeof Diagnosis.Type

export const ok = (subject: Subject, message: string): Check => ({ ...subject, status: "ok", message })

export const warn = (subject: Subject, message: string, remedy: string): Check => ({
  ...subject,
  status: "warn",
  message,
  remedy: remedy.trim()
})

export const fail = (subject: Subject, message: string, remedy: string): Check => ({
  ...subject,
  status: "fail",
  message,
  remedy: remedy.trim()
})

export const diagnosis = (version: string, checks: ReadonlyArray<Check>): Diagnosis => ({
  ok: checks.every(({ status }) => status !== "fail"),
  version,
  checks
})
