/** What was found out about one capability of a profile's provider. */
import { Schema } from "effect"
import { field } from "../../domain/field.ts"
import { Reason } from "../reachability/verdict.ts"

const common = {
  check: field(
    Schema.Literal("reach", "key", "model", "answer", "stream", "tools", "usage", "stop", "thinking"),
    "The capability; one that could not be seen is absent."
  ),
  message: field(Schema.String, "What was seen of it, in words without secrets.")
}

const Works = Schema.Struct({ ...common, status: Schema.Literal("ok") })

const Lacks = Schema.Struct({
  ...common,
  status: field(Schema.Literal("warn", "fail"), "warn: Claude Code can do without it; fail: it cannot, or not well."),
  reason: field(Reason, "What is wrong, in one word; absent where nothing is."),
  remedy: field(Schema.NonEmptyString, "What to do about it; absent where nothing is wrong.")
})

export const Capability = Schema.Union(Works, Lacks)
export type Capability = typeof Capability.Type
export type Word = Capability["check"]

export const works = (check: Word, message: string): Capability => ({ check, status: "ok", message })

export const fails = (check: Word, reason: Reason, message: string, remedy: string): Capability => ({
  check,
  status: "fail",
  reason,
  message,
  remedy
})

export const lacks = (check: Word, reason: Reason, message: string, remedy: string): Capability => ({
  check,
  status: "warn",
  reason,
  message,
  remedy
})
