/** From where a command looks for its configuration. */
import { Option } from "effect"
import { type EnvironmentRecord, variable } from "./Environment.ts"
import type { Anchor } from "./LoadedConfig.ts"

/** The anchor of a command: `--config` (`flag`) names the explicit file, else `$CLAUDEX_CONFIG` does. */
export const anchorOf = (cwd: string, flag: Option.Option<string>, environment: EnvironmentRecord): Anchor => ({
  cwd,
  explicit: Option.orElse(flag, () => Option.fromNullable(variable(environment, "CLAUDEX_CONFIG")))
})
