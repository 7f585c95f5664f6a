/** A user with a home of their own on disk: real files, nothing of this machine's. */
import { FileSystem, Path } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer, Option } from "effect"
import { Config, type LoadedConfig } from "../../src/config/Config.ts"
import type { ConfigError } from "../../src/config/errors.ts"
import { Environment, type EnvironmentRecord } from "../../src/config/Environment.ts"
import { Paths, placesOf } from "../../src/config/Paths.ts"
import { Trust } from "../../src/config/Trust.ts"

export interface Where {
  /** Below the sandbox; the directory `repo` when left out. */
  readonly cwd?: string
  readonly explicit?: string
  readonly environment?: EnvironmentRecord
  readonly platform?: string
}

/** Where the global file of a sandbox's user is. */
export const globalFile = "home/.config/claudex/config.toml"

export const sandbox = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const root = yield* Effect.flatMap(fs.makeTempDirectoryScoped({ prefix: "claudex-config-" }), fs.realPath)
  const inside = (file: string) => path.join(root, file)
  yield* fs.makeDirectory(inside("repo"))
  yield* fs.makeDirectory(inside("home"))

  const write = (file: string, text: string) =>
    Effect.zipRight(
      fs.makeDirectory(path.dirname(inside(file)), { recursive: true }),
      fs.writeFileString(inside(file), text)
    )
  const link = (target: string, file: string) =>
    Effect.zipRight(
      fs.makeDirectory(path.dirname(inside(file)), { recursive: true }),
      fs.symlink(inside(target), inside(file))
    )

  const layer = ({ environment = {}, platform = "linux" }: Where = {}) => {
    const variables = { HOME: inside("home"), ...environment }
    const places = Layer.succeed(Paths, placesOf(variables, platform))
    return Layer.mergeAll(Config.layer, Trust.layer).pipe(
      Layer.provideMerge(Layer.mergeAll(places, Environment.layerOf(variables)))
    )
  }
  const anchor = ({ cwd = "repo", explicit }: Where = {}) => ({
    cwd: inside(cwd),
    explicit: Option.fromNullable(explicit)
  })
  const load = (where: Where = {}): Effect.Effect<LoadedConfig, ConfigError, FileSystem.FileSystem | Path.Path> =>
    Effect.flatMap(Config, (config) => config.load(anchor(where))).pipe(Effect.provide(layer(where)))

  /** Paths inside the sandbox shortened, as expected texts write them. */
  const shown = (text: string) => text.replaceAll(root, "")
  /** The lines of the error of a load that must fail. */
  const faults = (where: Where = {}) =>
    Effect.map(Effect.flip(load(where)), (error) => shown(error.message).split("\n"))
  /** The files that take part in a load that must succeed. */
  const files = (where: Where = {}) =>
    Effect.map(load(where), (config) => config.files.map((file) => `${file.layer} ${shown(file.path)}`))

  return { root, inside, write, link, layer, anchor, load, faults, files, shown }
})

/** The layers every test of real files runs in. */
export const platform = NodeContext.layer
