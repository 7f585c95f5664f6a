/** The user's configuration: discovered on disk and merged, or held by the program itself. */

/** Loads the configuration that holds at a place; `Config.layerOf` makes one from settings in the program. */
export {
  Config,
  type Anchor,
  type FileLayer,
  type LoadedConfig,
  type Origin,
  type PassedOver
} from "../config/Config.ts"
/** Every key with its type and default. `Schema.decodeSync(ConfigFile)` reads what a TOML file would hold. */
export { ConfigFile, type ConfigFileEncoded } from "../config/ConfigFile.ts"
export { ConfigError, type ConfigFault } from "../config/errors.ts"
/** The variables claudex was started with, as a service. */
export { Environment, type EnvironmentRecord } from "../config/Environment.ts"
/** Where configuration, state and caches are kept. */
export { Paths, type Places } from "../config/Paths.ts"
