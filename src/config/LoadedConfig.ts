/** What loading answers: the settings, the files they came from, and the origin of each value. */
import type { Option } from "effect"
import type { ConfigError } from "./errors.ts"
import type { ConfigFile } from "./ConfigFile.ts"

/** From where discovery starts. Absolute paths. */
export interface Anchor {
  readonly cwd: string
  /** The file named by `--config` or `$CLAUDEX_CONFIG`; it must exist. A relative path is taken from `cwd`. */
  readonly explicit: Option.Option<string>
}

/** The kinds of configuration files, lowest precedence first. */
export type FileLayer = "global" | "project" | "explicit"

/** Where a value came from. */
export type Origin =
  | { readonly layer: "default" | "builtin" }
  | { readonly layer: "environment"; readonly variable: string }
  | { readonly layer: FileLayer; readonly file: string; readonly line: number }

/** A file that is not read, for another one in the same place counts instead of it. */
export interface PassedOver {
  readonly path: string
  readonly instead: string
}

/** The configuration as it holds for one anchor. */
export interface LoadedConfig {
  readonly settings: ConfigFile
  /** The files that took part, lowest precedence first. */
  readonly files: ReadonlyArray<{ readonly layer: FileLayer; readonly path: string }>
  /** Origin of a value by its path in file spelling, e.g. `proxy_port` or `profiles.grok.base_url`. */
  readonly origin: (path: string) => Origin
  /** Files that one might take for a part of the configuration, and that are not read. Absent where there are none. */
  readonly passedOver?: ReadonlyArray<PassedOver>
  /**
   * What is wrong with the files as they are now, where a running gateway goes on with an earlier state of them. Never set
   * by loading itself, which fails.
   */
  readonly stale?: ConfigError
}
