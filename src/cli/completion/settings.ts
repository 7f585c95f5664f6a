/**
 * The settings a shell completes, one key after the other: `profiles.`, `profiles.grok.`, `profiles.grok.default_model`; and
 * what they can be set to. Pure.
 */
import { Either } from "effect"
import { keyPath } from "../../config/keyPath.ts"
import { readSettingPath } from "../../config/settingPath.ts"
import { below, fileShape, type Shape } from "../../config/shape.ts"
import { at, type Tree } from "../../config/tree.ts"

/** The part of a typed path that is done, with the dot behind it. A dot in quotes belongs to its key. */
const donePart = (typed: string): string => /^(?:(?:"(?:[^"\\]|\\.)*"|[^."\s]+)\.)*/.exec(typed)?.[0] ?? ""

/** The keys that were given below a path. */
const givenAt = (tree: Tree, path: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first, name, ...rest] = path
  if (first === "profiles") {
    if (name === undefined) return tree.profiles.flatMap((profile) => profile.name ?? [])
    const profile = tree.profiles.find((one) => one.name === name)
    const node = profile === undefined ? undefined : at(profile.node, ...rest)
    return node?.kind === "table" ? [...node.entries.keys()] : []
  }
  const node = at(tree.root, ...path)
  return node?.kind === "table" ? [...node.entries.keys()] : []
}

const holdsKeys = (shape: Shape | undefined, path: ReadonlyArray<string>): boolean =>
  shape?.kind === "table" || (shape?.kind === "list" && path.length === 1 && path[0] === "profiles")

/** Keys with a name of their own, and those that somebody chose. */
const keysAt = (tree: Tree, shape: Shape | undefined, path: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (!holdsKeys(shape, path)) return []
  const named = shape?.kind === "table" ? [...shape.keys.keys()] : []
  const free = shape?.kind === "list" || (shape?.kind === "table" && shape.rest !== undefined)
  return [...new Set([...named, ...(free ? givenAt(tree, path) : [])])]
}

/** What can stand for the key that is being typed, with all before it; a dot is behind what holds other keys. */
export const settingsAt = (tree: Tree, typed: string): ReadonlyArray<string> => {
  const done = donePart(typed)
  const path = done === "" ? [] : Either.getOrElse(readSettingPath(done.slice(0, -1)), () => undefined)
  if (path === undefined) return []
  const shape = path.reduce<Shape | undefined>(below, fileShape)
  return keysAt(tree, shape, path).map((key) => {
    const inner = holdsKeys(below(shape, key), [...path, key]) ? "." : ""
    return `${done}${keyPath([key])}${inner}`
  })
}

/** The words that a setting can be, as far as they are known: a shell knows nothing of numbers and free texts. */
export const valuesOf = (tree: Tree, setting: string): ReadonlyArray<string> => {
  const path = Either.getOrUndefined(readSettingPath(setting)) ?? []
  if (path.length === 1 && path[0] === "default_profile") return givenAt(tree, ["profiles"])
  const shape = path.reduce<Shape | undefined>(
    (inner, key) => (inner === undefined ? undefined : below(inner, key)),
    fileShape
  )
  return path.length > 0 && shape?.kind === "scalar" ? shape.words : []
}
