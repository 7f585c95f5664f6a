/** Layers to settings: interpolated, merged, decoded and checked, with every fault of every layer found at once. */
import { Either, Schema } from "effect"
import { builtinTree } from "./builtin.ts"
import { checkLayer, checkMerged, malformedReference } from "./checks.ts"
import { ConfigFile } from "./ConfigFile.ts"
import type { Layered } from "./document.ts"
import type { EnvironmentRecord } from "./Environment.ts"
import { type ConfigFault, faultAt } from "./errors.ts"
import { fillIn, isTemplate, isWellFormed } from "./interpolation.ts"
import { issuesOf } from "./issues.ts"
import { keyPath, locate, originsOf } from "./keyPath.ts"
import type { FileLayer, LoadedConfig } from "./LoadedConfig.ts"
import { readOverrides } from "./overrides.ts"
import { fileOf, type Leaf, mergeTrees, type Node, type Table, type Tree } from "./tree.ts"

/** One file that takes part. Its content is left out when it could not be read; its faults then say why. */
export interface ReadFile {
  readonly layer: FileLayer
  readonly path: string
  readonly content: Either.Either<Layered, ConfigFault>
}

const decode = Schema.decodeUnknownEither(ConfigFile, { errors: "all", onExcessProperty: "error" })

type Decoded = ReturnType<typeof decode>

/** What the schema says of a decoded tree; `missing` includes keys that are not there at all. */
const schemaFaults = (decoded: Decoded, tree: Tree, missing: boolean): ReadonlyArray<ConfigFault> =>
  Either.match(decoded, {
    onRight: () => [],
    onLeft: ({ issue }) =>
      issuesOf(issue).flatMap((found) => {
        if (found.missing && !missing) return []
        const { origin, path } = locate(tree, found.path)
        // every variable is a string
        const inVariable = origin.layer === "environment"
        return [
          faultAt(origin, path, inVariable ? found.message.replace(/^is a string/, "does not fit") : found.message)
        ]
      })
  })

const fillLeaf = (
  leaf: Leaf,
  path: ReadonlyArray<string>,
  environment: EnvironmentRecord,
  faults: Array<ConfigFault>
): Leaf => {
  const fill = (value: unknown): unknown => {
    if (typeof value !== "string" || !isTemplate(value)) return value
    const filled = isWellFormed(value)
      ? Either.mapLeft(
          fillIn(value, environment),
          (name) => `\${${name}} is not set, expected a variable that has a value`
        )
      : Either.left(malformedReference)
    return Either.getOrElse(filled, (message) => {
      faults.push(faultAt(leaf.origin, keyPath(path), message))
      return value
    })
  }
  return { ...leaf, value: Array.isArray(leaf.value) ? leaf.value.map(fill) : fill(leaf.value) }
}

/** Fills in the variables outside of profiles, whose own are filled in when they are used. */
const interpolate = (layered: Layered, environment: EnvironmentRecord): Layered => {
  const faults = [...layered.faults]
  const walk = (node: Node, path: ReadonlyArray<string>): Node =>
    node.kind === "leaf" ? fillLeaf(node, path, environment, faults) : walkTable(node, path)
  const walkTable = (table: Table, path: ReadonlyArray<string>): Table => ({
    ...table,
    entries: new Map([...table.entries].map(([key, value]) => [key, walk(value, [...path, key])]))
  })
  return { tree: { ...layered.tree, root: walkTable(layered.tree.root, []) }, faults }
}

/** The first fault of each place: a value of the wrong type fails more than one check. */
const onePerPlace = (faults: ReadonlyArray<ConfigFault>): ReadonlyArray<ConfigFault> => {
  const byPlace = new Map<string, ConfigFault>()
  for (const fault of faults) {
    const place = JSON.stringify([fault.source, fault.line ?? 0, fault.path])
    if (!byPlace.has(place)) byPlace.set(place, fault)
  }
  return [...byPlace.values()]
}

/** Faults in the order in which the layers are read. */
const arranged = (faults: ReadonlyArray<ConfigFault>, sources: ReadonlyArray<string>): ReadonlyArray<ConfigFault> => {
  const rank = ({ source }: ConfigFault) => (sources.includes(source) ? sources.indexOf(source) : sources.length)
  return [...faults].sort(
    (left, right) =>
      rank(left) - rank(right) || left.source.localeCompare(right.source) || (left.line ?? 0) - (right.line ?? 0)
  )
}

/**
 * The settings of a list of files, lowest precedence first, and of the environment. `others` are faults found before;
 * they fail the whole as any other, and are reported in their place among them.
 */
export const assemble = (
  files: ReadonlyArray<ReadFile>,
  environment: EnvironmentRecord,
  others: ReadonlyArray<ConfigFault>
): Either.Either<LoadedConfig, ReadonlyArray<ConfigFault>> => {
  const unreadable = files.flatMap(({ content }) => (Either.isLeft(content) ? [content.left] : []))
  const readable = files.flatMap(({ content }) => (Either.isRight(content) ? [content.right] : []))
  const layers = [...readable.map((layered) => interpolate(layered, environment)), readOverrides(environment)]
  const tree = layers.reduce((lower, upper) => mergeTrees(lower, upper.tree), builtinTree)
  const settings = decode(fileOf(tree))
  const faults = [
    ...unreadable,
    ...layers.flatMap((layered) => [
      ...layered.faults,
      ...schemaFaults(decode(fileOf(layered.tree)), layered.tree, false),
      ...checkLayer(layered.tree)
    ])
  ]
  // with a file missing, what the others leave out or refer to cannot be judged
  const whole = [...unreadable, ...others].every(({ path }) => path !== "")
  const merged = whole ? [...schemaFaults(settings, tree, true), ...checkMerged(tree)] : []
  const found = arranged(
    [...others, ...onePerPlace([...faults, ...merged])],
    files.map(({ path }) => path)
  )
  return found.length > 0 || Either.isLeft(settings)
    ? Either.left(found)
    : Either.right({
        settings: settings.right,
        files: files.map(({ layer, path }) => ({ layer, path })),
        origin: originsOf(tree)
      })
}
