/**
 * Which files make up the configuration seen from a place on disk.
 *
 * Global: the first that exists of the user's places. Project: the nearest file from the working directory upwards.
 * Explicit: the one the user named. A file that is found twice takes part once, in the role that the user gave it.
 */
import { FileSystem, Path } from "@effect/platform"
import { Clock, Effect, Option } from "effect"
import type { ConfigFault } from "./errors.ts"
import { formats, isYaml, tomlBeside } from "./formats.ts"
import type { Anchor, FileLayer, PassedOver } from "./LoadedConfig.ts"
import type { Places } from "./Paths.ts"
import { type Survey, survey } from "./survey.ts"

/** How many directories above the working directory are searched. */
const parents = 10

/** The places to look at, the preferred ones first. All absolute. */
export interface Candidates {
  readonly explicit: string | undefined
  readonly project: ReadonlyArray<string>
  readonly global: ReadonlyArray<string>
}

/** A file that takes part. */
export interface FoundFile {
  readonly layer: FileLayer
  readonly path: string
  /** The same without symbolic links. */
  readonly real: string
}

export interface Discovery {
  /** Lowest precedence first. */
  readonly files: ReadonlyArray<FoundFile>
  /** Files in the same place as one of these that are not read, where the two are not of one format. */
  readonly passedOver: ReadonlyArray<PassedOver>
  readonly faults: ReadonlyArray<ConfigFault>
}

const upwards = (path: Path.Path, cwd: string): ReadonlyArray<string> => {
  const directories = [path.resolve(cwd)]
  for (let last = path.resolve(cwd); directories.length <= parents; last = path.dirname(last)) {
    const parent = path.dirname(last)
    if (parent === last) break
    directories.push(parent)
  }
  return directories
}

/** All places in which a file would take part, seen from an anchor. */
export const candidatesOf = (anchor: Anchor, places: Places, path: Path.Path): Candidates => ({
  explicit: Option.getOrUndefined(Option.map(anchor.explicit, (file) => path.resolve(anchor.cwd, file))),
  project: upwards(path, anchor.cwd).flatMap((directory) => [
    ...formats.map((format) => path.join(directory, `claudex.${format}`)),
    ...formats.map((format) => path.join(directory, ".claudex", `config.${format}`))
  ]),
  global: places.globalConfigFiles.flatMap((file) => formats.map((format) => file.replace(/toml$/, format)))
})

/** The paths whose change may change the configuration. */
export const pathsOf = ({ explicit, global, project }: Candidates): ReadonlyArray<string> => [
  ...(explicit === undefined ? [] : [explicit]),
  ...project,
  ...global
]

/** `toml`: a file of this name is there, as one that was YAML has it after its migration. */
const missingFault = (file: string, toml: string | undefined): ConfigFault => ({
  source: file,
  path: "",
  message:
    toml === undefined
      ? "there is no such file, expected the one that --config or CLAUDEX_CONFIG names"
      : `there is no such file, but there is ${toml}; expected the one that --config or CLAUDEX_CONFIG names`
})

const folderFault = (folder: string): ConfigFault => ({
  source: folder,
  path: "",
  message: "this is a folder, expected the file that --config or CLAUDEX_CONFIG names"
})

/** How many candidates one place has. */
const sizes = { project: 2 * formats.length, global: formats.length } as const

/** The candidates in the same place as one of them. */
const besides = (paths: ReadonlyArray<string>, size: number, path: string): ReadonlyArray<string> => {
  const first = Math.floor(paths.indexOf(path) / size) * size
  return paths.slice(first, first + size).filter((other) => other !== path)
}

/** Chooses the files among the candidates that were seen. */
export const discover = (
  candidates: Candidates,
  seen: Survey
): Effect.Effect<Discovery, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const isThere = (path: string) => seen.get(path)?.kind === "file"
    const first = (paths: ReadonlyArray<string>) => paths.find(isThere)
    const { explicit } = candidates
    const roles = [
      { layer: "explicit", path: explicit !== undefined && isThere(explicit) ? explicit : undefined },
      { layer: "global", path: first(candidates.global) },
      { layer: "project", path: first(candidates.project) }
    ] as const
    const chosen = new Set(roles.flatMap(({ path }) => path ?? []))
    const faults: Array<ConfigFault> = []
    if (explicit !== undefined && !isThere(explicit)) {
      const toml = tomlBeside(explicit)
      const migrated = isYaml(explicit) && (yield* Effect.orElseSucceed(fs.exists(toml), () => false))
      const isFolder = seen.get(explicit)?.kind === "directory"
      faults.push(isFolder ? folderFault(explicit) : missingFault(explicit, migrated ? toml : undefined))
    }
    const passedOver = roles.flatMap(({ layer, path }) =>
      path === undefined || layer === "explicit"
        ? []
        : besides(candidates[layer], sizes[layer], path)
            .filter((other) => isThere(other) && !chosen.has(other) && (isYaml(other) || isYaml(path)))
            .map((other): PassedOver => ({ path: other, instead: path }))
    )
    const taken: Array<FoundFile> = []
    for (const { layer, path } of roles) {
      if (path === undefined) continue
      // a file that has just gone is reported by whoever reads it
      const real = yield* Effect.orElseSucceed(fs.realPath(path), () => path)
      if (!taken.some((file) => file.real === real)) taken.push({ layer, path, real })
    }
    return { files: precedence.flatMap((layer) => taken.filter((file) => file.layer === layer)), passedOver, faults }
  })

const precedence: ReadonlyArray<FileLayer> = ["global", "project", "explicit"]

/** The files that take part, seen from an anchor. */
export const find = (
  anchor: Anchor,
  places: Places
): Effect.Effect<Discovery, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const candidates = candidatesOf(anchor, places, yield* Path.Path)
    const now = yield* Clock.currentTimeMillis
    return yield* discover(candidates, yield* survey(pathsOf(candidates), now))
  })
