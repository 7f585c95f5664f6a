/**
 * The user's configuration, discovered from a place on disk, merged, decoded and with the origin of every value.
 *
 * Invariants: loading never writes; a secret never appears in an error; all faults of all files are reported at once.
 */
import { Context, type Effect, type Option } from "effect"
import type { ConfigError } from "./errors.ts"
import type { ConfigFile } from "./ConfigFile.ts"

/** From where discovery starts. Absolute paths. */
export interface Anchor {
  readonly cwd: string
  /** The file named by `--config` or `$CLAUDEX_CONFIG`; it must exist. */
  readonly explicit: Option.Option<string>
}

/** Where a value came from. */
export type Origin =
  | { readonly layer: "default" | "builtin" }
  | { readonly layer: "environment"; readonly variable: string }
  | { readonly layer: "global" | "project" | "explicit"; readonly file: string; readonly line: number }

export interface LoadedConfig {
  readonly settings: ConfigFile
  /** The files that took part, lowest precedence first. */
  readonly files: ReadonlyArray<{ readonly layer: "global" | "project" | "explicit"; readonly path: string }>
  /** Origin of a value by its path in file spelling, e.g. `proxy_port` or `profiles.grok.base_url`. */
  readonly origin: (path: string) => Origin
}

export class Config extends Context.Tag("claudex/Config")<
  Config,
  {
    /**
     * Loads (or returns the cached, still fresh) configuration for an anchor. Files are looked at again at most once a
     * second, so that a running gateway follows edits; cheap enough for every request.
     */
    readonly load: (anchor: Anchor) => Effect.Effect<LoadedConfig, ConfigError>
  }
>() {}
