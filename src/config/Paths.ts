/**
 * The user's places on disk: where the global configuration is looked for, where state and caches are kept. Computed
 * from the environment and the platform alone; nothing here touches the disk.
 */
import { Context, Effect, Layer } from "effect"
import { Environment, type EnvironmentRecord, variable } from "./Environment.ts"

/** All paths are absolute. */
export interface Places {
  readonly home: string
  /** Where a global configuration file may be, the preferred place first; the first that exists is used. */
  readonly globalConfigFiles: ReadonlyArray<string>
  /** The gateway's state file, token and log, and the trust store. Private to the user (0700). */
  readonly stateDir: string
  /** What can be made again when it is lost. */
  readonly cacheDir: string
}

const isAbsolute = (path: string, platform: string): boolean =>
  path.startsWith("/") || (platform === "win32" && /^[A-Za-z]:[\\/]|^\\\\/.test(path))

const absolute = (environment: EnvironmentRecord, platform: string, name: string): string | undefined => {
  const value = variable(environment, name)
  return value !== undefined && isAbsolute(value, platform) ? value : undefined
}

// "/" also separates on Windows; a trailing separator would show in messages
const join = (base: string, ...rest: ReadonlyArray<string>): string =>
  [base.replace(/(?<=.)[\\/]+$/, ""), ...rest].join("/").replace(/^\/\//, "/")

const homeOf = (environment: EnvironmentRecord, platform: string): string =>
  absolute(environment, platform, "HOME") ??
  (platform === "win32" ? absolute(environment, platform, "USERPROFILE") : undefined) ??
  "/"

const platformConfigDir = (environment: EnvironmentRecord, platform: string, home: string): string | undefined => {
  if (platform === "darwin") return join(home, "Library", "Application Support")
  if (platform === "win32") return absolute(environment, platform, "APPDATA") ?? join(home, "AppData", "Roaming")
  return undefined
}

/**
 * The places of the user whom the environment describes. `platform` as in Node's `process.platform`. Relative XDG
 * directories are ignored, as the XDG base directory specification demands.
 */
export const placesOf = (environment: EnvironmentRecord, platform: string): Places => {
  const home = homeOf(environment, platform)
  const xdg = (name: string, fallback: ReadonlyArray<string>) =>
    join(absolute(environment, platform, name) ?? join(home, ...fallback), "claudex")
  const configFile = join(xdg("XDG_CONFIG_HOME", [".config"]), "config.toml")
  const platformDir = platformConfigDir(environment, platform, home)
  return {
    home,
    globalConfigFiles:
      platformDir === undefined ? [configFile] : [configFile, join(platformDir, "claudex", "config.toml")],
    stateDir: xdg("XDG_STATE_HOME", [".local", "state"]),
    cacheDir: xdg("XDG_CACHE_HOME", [".cache"])
  }
}

/** The user's places on disk. */
export class Paths extends Context.Tag("claudex/Paths")<Paths, Places>() {
  /** The places of the user who runs this process. */
  static readonly layer: Layer.Layer<Paths, never, Environment> = Layer.effect(
    Paths,
    Effect.map(Environment, (environment) => placesOf(environment, globalThis.process.platform))
  )
}
