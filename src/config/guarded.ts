/**
 * What a project file may not decide without its user's consent. A cloned repository must not run code, nor take
 * prompts or keys: it must not choose the program that is started or its environment, not open the gateway to others,
 * not say where telemetry goes or which profile is meant where none is named, and not say where the user's own profiles, or anything that carries one of the user's secrets, send to.
 */
import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils"
import { Either } from "effect"
import type { ReadFile } from "./assemble.ts"
import { builtinTree } from "./builtin.ts"
import { isTemplate } from "./interpolation.ts"
import { keyPath, profilePath } from "./keyPath.ts"
import type { Origin } from "./LoadedConfig.ts"
import { at, leaves, type Node, opened, plainOf, type ProfileNode, stringsOf, textAt, type Tree } from "./tree.ts"

export interface GuardedKey {
  readonly path: string
  readonly origin: Origin
  readonly node: Node
}

const always = ["claude_binary", "proxy_host", "allow_remote", "telemetry", "default_profile"]
/** It would let every profile of the user have conversations that were meant for one. */
const spreading = ["any_profile"]
const destinations = ["base_url", "custom_headers", "query_params"]
/** Which secret goes to the destination. Harmless alone; beside a destination it is part of what is agreed to. */
const secrets = ["api_key_env", "api_key_keyring", "auth_type", "oauth_provider"]

/** What the user types to have the router choose; a project's profile of this name would take its place. */
const routed = "auto"

const namesIn = (tree: Tree): ReadonlyArray<string> => tree.profiles.flatMap(({ name }) => name ?? [])

const pick = (node: Node, keys: ReadonlyArray<string>, base = ""): ReadonlyArray<GuardedKey> =>
  keys.flatMap((key) => {
    const found = at(node, key)
    return found === undefined || leaves(found).length === 0
      ? []
      : [{ path: keyPath([key], base), origin: found.origin, node: found }]
  })

const refersToVariables = (node: Node): boolean => leaves(node).some(({ leaf }) => stringsOf(leaf).some(isTemplate))

const inProfile = (profile: ProfileNode, own: ReadonlySet<string>, users: ReadonlySet<string>) => {
  const { name, node } = profile
  const path = profilePath(profile)
  const isUsers = name !== undefined && users.has(name)
  const carriesSecret =
    isUsers ||
    at(node, "api_key_env") !== undefined ||
    at(node, "api_key_keyring") !== undefined ||
    textAt(node, "auth_type") === "oauth" ||
    refersToVariables(node)
  const backups = at(node, "backup_providers")
  const diverts = isUsers && backups?.kind === "leaf" && stringsOf(backups).some((backup) => own.has(backup))
  const chooses = carriesSecret && destinations.some((key) => at(node, key) !== undefined)
  return [
    ...pick(node, ["extra_env"], path),
    ...(chooses ? pick(node, [...destinations, ...secrets], path) : []),
    ...(chooses ? templatesIn(node, path) : []),
    ...(diverts ? pick(node, ["backup_providers"], path) : [])
  ]
}

/** Values with variables in keys that are not guarded as such, e.g. a model's name: they are sent as well. */
const templatesIn = (node: Node, base: string): ReadonlyArray<GuardedKey> =>
  leaves(node)
    .filter(
      ({ path: [key = ""], leaf }) => ![...destinations, "extra_env"].includes(key) && stringsOf(leaf).some(isTemplate)
    )
    .map(({ path, leaf }) => ({ path: keyPath(path, base), origin: leaf.origin, node: leaf }))

/**
 * The guarded keys that a project file sets. `others` are the trees that hold without it: a profile that exists there is
 * the user's, and a conversation on it must not be diverted to an address that the project chose.
 */
export const guardedKeys = (project: Tree, others: ReadonlyArray<Tree>): ReadonlyArray<GuardedKey> => {
  const users = new Set([routed, ...[builtinTree, ...others].flatMap(namesIn)])
  const own = new Set(
    project.profiles.flatMap(({ name, node }) =>
      name !== undefined && at(node, "base_url") !== undefined ? [name] : []
    )
  )
  const inRoot = leaves(project.root).filter(
    ({ path, leaf }) =>
      !always.includes(path[0] ?? "") &&
      (stringsOf(leaf).some(isTemplate) || (namesProfile(path) && stringsOf(leaf).some((name) => own.has(name))))
  )
  const resilience = at(project.root, "resilience")
  return [
    ...pick(project.root, always),
    ...(resilience === undefined ? [] : pick(resilience, spreading, "resilience")),
    ...inRoot.map(({ path, leaf }) => ({ path: keyPath(path), origin: leaf.origin, node: leaf })),
    ...project.profiles.flatMap((profile) => inProfile(profile, own, users))
  ]
}

/** The same among the files of one configuration. Files that could not be read hold nothing. */
export const guardedIn = (files: ReadonlyArray<ReadFile>): ReadonlyArray<GuardedKey> => {
  const trees = (project: boolean) =>
    files
      .filter(({ layer }) => (layer === "project") === project)
      .flatMap(({ content }) => (Either.isRight(content) ? [content.right.tree] : []))
  return trees(true).flatMap((tree) => guardedKeys(tree, trees(false)))
}

/** Settings that send conversations to a profile: `router.profile`, `router.rules.*`, `context.*.profile`. */
const namesProfile = ([table, inner, key]: ReadonlyArray<string>): boolean =>
  (table === "router" && (inner === "profile" || inner === "rules")) || (table === "context" && key === "profile")

const canonical = (value: unknown): unknown => {
  const plain = opened(value)
  if (Array.isArray(plain)) return plain.map(canonical)
  if (typeof plain !== "object" || plain === null || plain instanceof Date) return plain
  const entries = Object.entries(plain).map(([key, inner]) => [key, canonical(inner)] as const)
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)))
}

/** SHA-256 (hex) of the guarded part: the same for the same keys and values, however the file is laid out. */
export const digestOf = (keys: ReadonlyArray<GuardedKey>): string => {
  const parts = keys
    .map(({ path, node }) => [path, canonical(plainOf(node))] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1))
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts))))
}
