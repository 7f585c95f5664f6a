/**
 * What the schema cannot see: keys that exclude or need each other, names that must exist, addresses, and references to
 * environment variables. Works on trees, not on decoded settings, so that its faults are found next to the schema's.
 */
import { dialects } from "../provider/quirks.ts"
import { type ConfigFault, faultAt } from "./errors.ts"
import { isTemplate, isWellFormed } from "./interpolation.ts"
import { keyPath, profilePath } from "./keyPath.ts"
import { nearest } from "./suggest.ts"
import { at, keySources, leaves, type Node, opened, type ProfileNode, stringsOf, textAt, type Tree } from "./tree.ts"

/** The keys of a profile in whose values `${NAME}` stands for a variable when the profile is used. */
export const interpolatedKeys: ReadonlySet<string> = new Set([
  "base_url",
  "api_key",
  "default_model",
  "models",
  "custom_headers",
  "extra_env",
  "query_params"
])

const isTrue = (node: Node | undefined): boolean => node?.kind === "leaf" && node.value === true

const noSuchProfile = (name: string, names: ReadonlyArray<string>): string => {
  const meant = nearest(name, names)
  const hint = meant === undefined ? "" : ` (did you mean ${JSON.stringify(meant)}?)`
  return `there is no profile ${JSON.stringify(name)}${hint}, expected the name of a profile`
}

const references = (profile: ProfileNode, names: ReadonlyArray<string>): ReadonlyArray<ConfigFault> => {
  const backups = at(profile.node, "backup_providers")
  if (backups?.kind !== "leaf") return []
  return stringsOf(backups).flatMap((name, position) => {
    const path = keyPath(["backup_providers", position], profilePath(profile))
    if (name === profile.name) return [faultAt(backups.origin, path, "names the profile itself, expected another one")]
    return names.includes(name) || isTemplate(name) ? [] : [faultAt(backups.origin, path, noSuchProfile(name, names))]
  })
}

const address = (profile: ProfileNode): ReadonlyArray<ConfigFault> => {
  const node = at(profile.node, "base_url")
  const url = textAt(profile.node, "base_url")
  // an address that starts with a reference is judged when the profile is used
  if (node === undefined || url === undefined || node.origin.layer === "builtin" || url.startsWith("${")) return []
  const valid = isTemplate(url) ? /^https?:\/\/./i.test(url) : isHttpUrl(url)
  const path = `${profilePath(profile)}.base_url`
  return valid ? [] : [faultAt(node.origin, path, `is not an address, expected http:// or https:// and a host`)]
}

/** Whether a text is an address a provider can be reached at. */
export const isHttpUrl = (text: string): boolean =>
  URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol)

const keySource = (profile: ProfileNode): ReadonlyArray<ConfigFault> => {
  // an empty api_key is how older files say that there is none
  const [first, second] = keySources.filter((key) => (textAt(profile.node, key) ?? "") !== "")
  if (first === undefined || second === undefined) return []
  const origin = (at(profile.node, second) ?? profile.node).origin
  const path = keyPath([second], profilePath(profile))
  return [faultAt(origin, path, `stands together with ${first}, expected one of the two`)]
}

const dialect = (profile: ProfileNode): ReadonlyArray<ConfigFault> => {
  const node = at(profile.node, "dialect")
  const name = textAt(profile.node, "dialect")
  if (node === undefined || name === undefined || name === "" || dialects.includes(name)) return []
  const meant = nearest(name, dialects)
  const hint = meant === undefined ? "expected" : `did you mean "${meant}"? Expected`
  const path = `${profilePath(profile)}.dialect`
  return [faultAt(node.origin, path, `is not known, ${hint} one of ${dialects.join(", ")}`)]
}

const oauth = (profile: ProfileNode): ReadonlyArray<ConfigFault> => {
  const auth = at(profile.node, "auth_type")
  const named = at(profile.node, "oauth_provider") !== undefined
  return auth === undefined || named || textAt(profile.node, "auth_type") !== "oauth"
    ? []
    : [faultAt(auth.origin, `${profilePath(profile)}.auth_type`, `is "oauth", expected together with oauth_provider`)]
}

const templates = (profile: ProfileNode): ReadonlyArray<ConfigFault> =>
  leaves(profile.node).flatMap(({ path, leaf }) => {
    const texts = stringsOf(leaf).filter(isTemplate)
    const place = keyPath(path, profilePath(profile))
    if (texts.length > 0 && !interpolatedKeys.has(path[0] ?? ""))
      return [faultAt(leaf.origin, place, "is taken as it stands, expected no ${...}")]
    return texts.every(isWellFormed) ? [] : [faultAt(leaf.origin, place, malformedReference)]
  })

/** The fault of a `${` that is neither a reference nor an escape. */
export const malformedReference = "has a ${ that is no reference, expected ${NAME}, or $${ for a plain ${"

const setting = (
  root: Node,
  names: ReadonlyArray<string>,
  path: ReadonlyArray<string>,
  when: boolean
): ReadonlyArray<ConfigFault> => {
  const node = at(root, ...path)
  const name = node?.kind === "leaf" ? opened(node.value) : undefined
  return when && node !== undefined && typeof name === "string" && name !== "" && !names.includes(name)
    ? [faultAt(node.origin, keyPath(path), noSuchProfile(name, names))]
    : []
}

const modelNames = (root: Node): ReadonlyArray<ConfigFault> => {
  const models = at(root, "model_info")
  if (models?.kind !== "table") return []
  return [...models.entries].flatMap(([name, { origin }]) =>
    /^[^*]+\*?$|^\*$/.test(name.trim())
      ? []
      : [
          faultAt(
            origin,
            keyPath(["model_info", name]),
            "fits no model, expected its name, or a beginning and one * behind it"
          )
        ]
  )
}

/** The faults of one layer that concern more than the type of one value. */
export const checkLayer = (tree: Tree): ReadonlyArray<ConfigFault> =>
  modelNames(tree.root).concat(
    tree.profiles.flatMap((profile) => [
      ...address(profile),
      ...keySource(profile),
      ...dialect(profile),
      ...templates(profile)
    ])
  )

/** The faults that only all layers together can have: what one needs may stand in another. */
export const checkMerged = (tree: Tree): ReadonlyArray<ConfigFault> => {
  const { root } = tree
  const names = tree.profiles.flatMap(({ name }) => name ?? [])
  const enabled = (...path: ReadonlyArray<string>) => isTrue(at(root, ...path, "enabled"))
  const rules = at(root, "router", "rules")
  const intents = rules?.kind === "table" ? [...rules.entries.keys()] : []
  return [
    ...tree.profiles.flatMap((profile) => [...references(profile, names), ...oauth(profile)]),
    ...setting(root, names, ["default_profile"], true),
    ...setting(root, names, ["router", "profile"], enabled("router")),
    ...intents.flatMap((intent) => setting(root, names, ["router", "rules", intent], true)),
    ...setting(root, names, ["context", "compression", "profile"], enabled("context", "compression")),
    ...setting(root, names, ["context", "rag", "profile"], enabled("context", "rag"))
  ]
}
