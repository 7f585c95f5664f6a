import { Data } from "effect"

/** One fault in a configuration: `file:line: path: what is wrong, what is expected`. */
export interface ConfigFault {
  /** The file, or the environment variable, at fault. */
  readonly source: string
  readonly line?: number
  readonly path: string
  readonly message: string
}

/** Everything that is wrong with the configuration, at once. Never contains a secret. */
export class ConfigError extends Data.TaggedError("ConfigError")<{ readonly faults: ReadonlyArray<ConfigFault> }> {
  override get message(): string {
    return this.faults
      .map(
        (fault) =>
          `${fault.source}${fault.line === undefined ? "" : `:${fault.line}`}: ${fault.path === "" ? "" : `${fault.path}: `}${fault.message}`
      )
      .join("\n")
  }
}
