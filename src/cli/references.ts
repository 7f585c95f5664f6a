/** Where a layer of the configuration names a profile, and what is left of the setting without it. Pure. */
import type { Origin } from "../config/LoadedConfig.ts"
import type { SettingPath } from "../config/settingPath.ts"
import type { TomlValue } from "../config/tomlText.ts"
import { at, type Node, stringsOf, textAt, type Tree } from "../config/tree.ts"
import { readPickerId } from "../provider/models.ts"

export interface Reference {
  readonly path: SettingPath
  /** What stands there when the profile is gone; undefined: nothing. */
  readonly without: TomlValue | undefined
  readonly origin: Origin
}

const single: ReadonlyArray<SettingPath> = [
  ["default_profile"],
  ["router", "profile"],
  ["context", "compression", "profile"],
  ["context", "rag", "profile"]
]

const keysOf = (node: Node | undefined): ReadonlyArray<string> =>
  node?.kind === "table" ? [...node.entries.keys()] : []

/** The setting, if its text is one that names the profile. */
const named = (root: Node, path: SettingPath, isName: (text: string) => boolean): ReadonlyArray<Reference> => {
  const [node, text] = [at(root, ...path), textAt(root, ...path)]
  return node !== undefined && text !== undefined && isName(text)
    ? [{ path, without: undefined, origin: node.origin }]
    : []
}

const ofBackups = (tree: Tree, profile: string): ReadonlyArray<Reference> =>
  tree.profiles.flatMap(({ name, node }) => {
    const backups = at(node, "backup_providers")
    if (name === undefined || name === profile || backups?.kind !== "leaf") return []
    const names = stringsOf(backups)
    return names.includes(profile)
      ? [
          {
            path: ["profiles", name, "backup_providers"] as const,
            without: names.filter((one) => one !== profile),
            origin: backups.origin
          }
        ]
      : []
  })

/** Of the profile itself none: what it says goes with it. */
export const referencesIn = (tree: Tree, profile: string): ReadonlyArray<Reference> => {
  const { root } = tree
  const isName = (text: string) => text === profile
  const rules = keysOf(at(root, "router", "rules")).map((intent) => ["router", "rules", intent] as const)
  const aliases = keysOf(at(root, "model_aliases")).map((alias) => ["model_aliases", alias] as const)
  return [
    ...ofBackups(tree, profile),
    ...[...single, ...rules].flatMap((path) => named(root, path, isName)),
    // an alias may stand for an entry of our own model list
    ...aliases.flatMap((path) => named(root, path, (model) => readPickerId(model)?.profile === profile))
  ]
}
