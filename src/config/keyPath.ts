/** Paths to settings as people read and type them, and back to the node that was written there. */
import type { LoadedConfig, Origin } from "./LoadedConfig.ts"
import type { Node, ProfileNode, Tree } from "./tree.ts"

const segment = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key))

/** `profiles.grok`, or `profiles[2]` for one without a name. */
export const profilePath = ({ name, position }: ProfileNode): string =>
  name === undefined ? `profiles[${position}]` : `profiles.${segment(name)}`

/** A path in file spelling; keys that TOML would quote are quoted, list positions stand in brackets. */
export const keyPath = (keys: ReadonlyArray<PropertyKey>, base = ""): string =>
  keys.reduce<string>(
    (path, key) =>
      typeof key === "number" ? `${path}[${key}]` : `${path}${path === "" ? "" : "."}${segment(String(key))}`,
    base
  )

const deepest = (node: Node, keys: ReadonlyArray<PropertyKey>): Node => {
  const [first, ...rest] = keys
  const inner = node.kind === "table" && first !== undefined ? node.entries.get(String(first)) : undefined
  return inner === undefined ? node : deepest(inner, rest)
}

/** A place in the decoded file (`["profiles", 1, "models"]`) as its readable path and the origin of what stands there. */
export const locate = (
  tree: Tree,
  keys: ReadonlyArray<PropertyKey>
): { readonly path: string; readonly origin: Origin } => {
  const [first, position, ...rest] = keys
  const profile = first === "profiles" && typeof position === "number" ? tree.profiles[position] : undefined
  return profile === undefined
    ? { path: keyPath(keys), origin: deepest(tree.root, keys).origin }
    : { path: keyPath(rest, profilePath(profile)), origin: deepest(profile.node, rest).origin }
}

const origins = (node: Node, path: string): ReadonlyArray<readonly [string, Origin]> => [
  [path, node.origin],
  ...(node.kind === "table" ? [...node.entries].flatMap(([key, value]) => origins(value, keyPath([key], path))) : [])
]

/** Looks origins up by path; what was not written anywhere is a default. */
export const originsOf = (tree: Tree): LoadedConfig["origin"] => {
  let known: ReadonlyMap<string, Origin> | undefined
  return (path) => {
    known ??= new Map([
      ...origins(tree.root, ""),
      ...tree.profiles.flatMap((profile) => origins(profile.node, profilePath(profile)))
    ])
    return known.get(path) ?? { layer: "default" }
  }
}
