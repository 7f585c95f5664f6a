/** Faults in a configuration, and the error that carries them all. */
import { Data } from "effect"
import type { Origin } from "./LoadedConfig.ts"

/** One fault in a configuration: `file:line: path: what is wrong, what is expected`. */
export interface ConfigFault {
  /** The file, or the environment variable, at fault. */
  readonly source: string
  readonly line?: number
  /** From 1, where the text itself is at fault and the place in the line is known. */
  readonly column?: number
  readonly path: string
  readonly message: string
}

/** Everything that is wrong with the configuration, at once. Never contains a secret. */
export class ConfigError extends Data.TaggedError("ConfigError")<{ readonly faults: ReadonlyArray<ConfigFault> }> {
  override get message(): string {
    return this.faults
      .map(
        (fault) =>
          `${fault.source}${[fault.line, fault.column].flatMap((at) => (at === undefined ? [] : `:${at}`)).join("")}: ${fault.path === "" ? "" : `${fault.path}: `}${fault.message}`
      )
      .join("\n")
  }
}

/** The fault of what was written at an origin. */
export const faultAt = (origin: Origin, path: string, message: string): ConfigFault => {
  if ("file" in origin) return { source: origin.file, line: origin.line, path, message }
  return { source: "variable" in origin ? origin.variable : "built-in settings", path, message }
}
