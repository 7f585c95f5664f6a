/**
 * A configuration layer as a tree whose every node knows where it was written. Layers merge into one tree; faults and
 * origins are found again by path.
 *
 * Invariant: what stands where a secret belongs is wrapped in `Redacted` while the tree is built.
 */
import { Redacted } from "effect"
import type { Origin } from "./LoadedConfig.ts"

export interface Leaf {
  readonly kind: "leaf"
  /** A scalar, a list, or a `Redacted` of either. */
  readonly value: unknown
  readonly origin: Origin
}

export interface Table {
  readonly kind: "table"
  readonly entries: ReadonlyMap<string, Node>
  readonly origin: Origin
}

export type Node = Leaf | Table

/** One element of `profiles`. Without a usable name it still takes part, so that its other faults are found. */
export interface ProfileNode {
  readonly name: string | undefined
  /** The element's place in its file. */
  readonly position: number
  readonly node: Node
}

export interface Tree {
  /** Everything but the profiles. A `profiles` that is no list stays here, for the schema to refuse. */
  readonly root: Table
  readonly profiles: ReadonlyArray<ProfileNode>
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)

const secretKeys: ReadonlySet<string> = new Set(["api_key", "custom_headers"])

type Place = (path: ReadonlyArray<string | number>) => Origin

const nodeOf = (value: unknown, path: ReadonlyArray<string | number>, place: Place, secret: boolean): Node =>
  isTable(value)
    ? {
        kind: "table",
        origin: place(path),
        entries: new Map(
          Object.entries(value).map(([key, inner]) => {
            const at = [...path, key]
            return [key, nodeOf(inner, at, place, secret || (path[0] === "profiles" && secretKeys.has(key)))]
          })
        )
      }
    : { kind: "leaf", value: secret ? Redacted.make(value) : value, origin: place(path) }

const nameOf = (node: Node): string | undefined => {
  const name = node.kind === "table" ? node.entries.get("name") : undefined
  return name?.kind === "leaf" && typeof name.value === "string" && name.value !== "" ? name.value : undefined
}

/** The tree of a parsed document; `place` tells where a path was written. */
export const treeOf = (document: Readonly<Record<string, unknown>>, place: Place): Tree => {
  const { profiles, ...others } = document
  const list = Array.isArray(profiles) ? profiles : undefined
  const root = list === undefined ? document : others
  return {
    root: {
      kind: "table",
      origin: place([]),
      entries: new Map(Object.entries(root).map(([key, value]) => [key, nodeOf(value, [key], place, false)]))
    },
    profiles: (list ?? []).map((value: unknown, position) => {
      const node = nodeOf(value, ["profiles", position], place, false)
      return { name: nameOf(node), position, node }
    })
  }
}

const mergeNodes = (lower: Node | undefined, upper: Node): Node => {
  if (lower?.kind !== "table" || upper.kind !== "table") return upper
  const entries = new Map(lower.entries)
  for (const [key, value] of upper.entries) entries.set(key, mergeNodes(entries.get(key), value))
  return { kind: "table", entries, origin: upper.origin }
}

/** The keys of a profile of which at most one says where its API key is. */
export const keySources: ReadonlyArray<string> = ["api_key", "api_key_env", "api_key_keyring"]

/** A file that says where the key is takes that decision whole: what a lower file said about it no longer holds. */
const mergeProfile = (lower: Node, upper: Node): Node => {
  const decides = upper.kind === "table" && keySources.some((key) => upper.entries.has(key))
  return lower.kind === "table" && decides
    ? mergeNodes({ ...lower, entries: new Map([...lower.entries].filter(([key]) => !keySources.includes(key))) }, upper)
    : mergeNodes(lower, upper)
}

/** Lays one tree over another: tables merge, profiles merge by name, everything else is replaced. */
export const mergeTrees = (lower: Tree, upper: Tree): Tree => {
  const profiles = [...lower.profiles]
  for (const profile of upper.profiles) {
    const at = profile.name === undefined ? -1 : profiles.findIndex(({ name }) => name === profile.name)
    const existing = profiles[at]
    if (existing === undefined) profiles.push(profile)
    else profiles[at] = { ...profile, node: mergeProfile(existing.node, profile.node) }
  }
  const root = mergeNodes(lower.root, upper.root)
  return { root: root.kind === "table" ? root : upper.root, profiles }
}

/** The value of a node as a plain value; secrets stay wrapped. */
export const plainOf = (node: Node): unknown =>
  node.kind === "leaf"
    ? node.value
    : Object.fromEntries([...node.entries].map(([key, value]) => [key, plainOf(value)] as const))

/** The whole tree in the form the file schema decodes. */
export const fileOf = (tree: Tree): unknown => {
  const root = [...tree.root.entries].map(([key, value]) => [key, plainOf(value)] as const)
  const profiles = tree.profiles.map(({ node }) => plainOf(node))
  return Object.fromEntries(tree.root.entries.has("profiles") ? root : [["profiles", profiles], ...root])
}

/** The node at a path below another, if it was written. */
export const at = (node: Node, ...path: ReadonlyArray<string>): Node | undefined =>
  path.reduce<Node | undefined>((inner, key) => (inner?.kind === "table" ? inner.entries.get(key) : undefined), node)

/** The text at a path, opened if it is secret. */
export const textAt = (node: Node, ...path: ReadonlyArray<string>): string | undefined => {
  const found = at(node, ...path)
  const value = found?.kind === "leaf" ? opened(found.value) : undefined
  return typeof value === "string" ? value : undefined
}

/** A value without its `Redacted`, if it has one. */
export const opened = (value: unknown): unknown => (Redacted.isRedacted(value) ? Redacted.value(value) : value)

/** Every leaf with its path below the node. */
export const leaves = (
  node: Node,
  path: ReadonlyArray<string> = []
): ReadonlyArray<{ readonly path: ReadonlyArray<string>; readonly leaf: Leaf }> =>
  node.kind === "leaf"
    ? [{ path, leaf: node }]
    : [...node.entries].flatMap(([key, value]) => leaves(value, [...path, key]))

/** The strings of a leaf: itself, or the members of its list. */
export const stringsOf = (leaf: Leaf): ReadonlyArray<string> => {
  const value = opened(leaf.value)
  return (Array.isArray(value) ? value : [value]).filter((member): member is string => typeof member === "string")
}
