/** A line of the gateway's log for programs: the JSON of `claudex logs --json`. Pure. */
import { Schema } from "effect"
import { fieldsOf } from "../daemon/logLines.ts"
import { field } from "../domain/field.ts"

const Level = Schema.Literal("trace", "debug", "info", "warn", "error", "fatal")
const isLevel = Schema.is(Level)

export const LogLine = Schema.Struct({
  time: field(
    Schema.NullOr(Schema.String),
    "As ISO 8601 has it; null for a line that is not the log's own, as a crash leaves it."
  ),
  level: field(Schema.NullOr(Level), "Null for a line that is not the log's own."),
  message: field(Schema.String, "What happened, or the whole line where it is not the log's own."),
  fields: field(Schema.Record({ key: Schema.String, value: Schema.String }), "What else the line tells, by its name.")
})
export type LogLine = typeof LogLine.Type

export const logLine = (line: string): LogLine => {
  const fields = fieldsOf(line)
  if (fields === undefined) return { time: null, level: null, message: line, fields: {} }
  const { timestamp = null, level = "", message = "", ...others } = Object.fromEntries(fields)
  const known = level.toLowerCase()
  return { time: timestamp, level: isLevel(known) ? known : null, message, fields: others }
}
