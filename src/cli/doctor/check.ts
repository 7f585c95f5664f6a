/** What `claudex doctor` says: one check for each thing that was looked at. The JSON of `--json` is a `Diagnosis`. */
import { Schema } from "effect"

/** What was looked at. */
export const Subject = Schema.Struct({
  check: Schema.Literal(
    "node",
    "claude",
    "config",
    "gateway",
    "port",
    "proxy",
    "ca",
    "clock",
    "profile",
    "key",
    "provider",
    "loopback"
  ),
  /** The profile that was looked at, where it is about one. */
  profile: Schema.optional(Schema.String)
})
export type Subject = typeof Subject.Type

const Fine = Schema.Struct({ ...Subject.fields, status: Schema.Literal("ok"), message: Schema.String })

const Wrong = Schema.Struct({
  ...Subject.fields,
  /** `warn`: claudex works, perhaps not as was meant; `fail`: something does not work. */
  status: Schema.Literal("warn", "fail"),
  message: Schema.String,
  /** What to do about it: a command to type, or a sentence. */
  remedy: Schema.NonEmptyTrimmedString
})

export const Check = Schema.Union(Fine, Wrong)
/** How a thing is, in words without secrets; what is not well has a remedy. */
export type Check = typeof Check.Type

export const Diagnosis = Schema.Struct({
  /** No check failed. */
  ok: Schema.Boolean,
  /** The version of claudex that looked. */
  version: Schema.String,
  checks: Schema.Array(Check)
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
