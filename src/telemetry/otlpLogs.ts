/** A line of the log as OTLP has it. Pure. */
import { Cause, HashMap, Inspectable, type Logger, type LogLevel } from "effect"
import { attributesOf, nanosOf } from "./otlp.ts"

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
const severities: Readonly<Record<LogLevel.LogLevel["_tag"], number>> = {
  All: 1,
  Trace: 1,
  Debug: 5,
  Info: 9,
  Warning: 13,
  Error: 17,
  Fatal: 21,
  None: 0
}

export const logRecordOf = (entry: Logger.Logger.Options<unknown>): object => {
  const { annotations, cause, date, logLevel, message } = entry
  const words = (Array.isArray(message) ? message : [message]).map((part) => Inspectable.toStringUnknown(part, 0))
  const reason = Cause.isEmpty(cause) ? [] : [Cause.pretty(cause)]
  const time = nanosOf(date.getTime())
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: severities[logLevel._tag],
    severityText: logLevel.label,
    body: { stringValue: [...words, ...reason].join(" ") },
    attributes: attributesOf(
      Object.fromEntries([...HashMap.entries(annotations)].map(([key, value]) => [key, String(value)]))
    )
  }
}
