/**
 * `CLAUDEX_*` variables as the topmost layer: `CLAUDEX_PROXY_PORT` sets `proxy_port`, and a double underscore goes into
 * a table: `CLAUDEX_ROUTER__ENABLED` sets `router.enabled`. Keys are lower-cased. Profiles cannot be reached this way.
 * A list is written with commas (`CLAUDEX_CONTEXT__RAG__INDEX_PATHS=src,docs`).
 */
import type { Layered } from "./document.ts"
import { type EnvironmentRecord, variable } from "./Environment.ts"
import { type ConfigFault } from "./errors.ts"
import { below, fileShape, namedKeys, type Shape } from "./shape.ts"
import { nearest } from "./suggest.ts"
import { mergeTrees, type Node, type Tree } from "./tree.ts"

const prefix = "CLAUDEX_"

/** Variables of claudex that are not settings. */
export const reservedVariables: ReadonlyArray<string> = [
  /** The configuration file to read on top of the others; `--config` wins over it. */
  "CLAUDEX_CONFIG",
  /** The client token of the gateway, instead of the random one. */
  "CLAUDEX_PROXY_TOKEN",
  /** Set to anything: never open a browser, never ask. */
  "CLAUDEX_HEADLESS",
  /** A log filter that wins over `log_level`. */
  "CLAUDEX_LOG",
  /** Where the installation script puts the program. */
  "CLAUDEX_INSTALL_DIR",
  /** Milliseconds between two pieces of a demo answer. */
  "CLAUDEX_DEMO_PACE"
]

const nameOf = (path: ReadonlyArray<string>): string => `${prefix}${path.join("__").toUpperCase()}`

/** The names that count, without the prefix: it would make any two of them look alike. */
const known: ReadonlyArray<string> = [
  ...namedKeys(fileShape)
    .filter(([first]) => first !== "profiles")
    .map(nameOf),
  ...reservedVariables
].map((name) => name.slice(prefix.length))

/** The typed value a variable's text stands for; text that fits no other type stays text, for the schema to judge. */
const valueOf = (text: string, shape: Shape): unknown => {
  if (shape.kind === "list") return text.split(",").map((item) => valueOf(item.trim(), shape.item))
  if (shape.kind === "table") return text
  if (shape.boolean && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true"
  return shape.number && /^\s*[+-]?\d[\d_.eE+-]*\s*$/.test(text) ? Number(text.replaceAll("_", "")) : text
}

const faultOf = (name: string, path: ReadonlyArray<string>): ConfigFault => {
  const fault = (message: string): ConfigFault => ({ source: name, path: "", message })
  if (path[0] === "profiles") return fault("profiles cannot be set by variables, expected in a configuration file")
  const meant = nearest(name.slice(prefix.length), known)
  return fault(
    meant === undefined ? "is no setting of claudex" : `is no setting of claudex, did you mean ${prefix}${meant}?`
  )
}

const treeWith = (name: string, path: ReadonlyArray<string>, value: unknown): Tree => {
  const origin = { layer: "environment", variable: name } as const
  const root = path.reduceRight<Node>((inner, key) => ({ kind: "table", origin, entries: new Map([[key, inner]]) }), {
    kind: "leaf",
    value,
    origin
  })
  return { root: root.kind === "table" ? root : emptyTree.root, profiles: [] }
}

const emptyTree: Tree = {
  root: { kind: "table", origin: { layer: "default" }, entries: new Map() },
  profiles: []
}

/** The settings made by variables, and the variables that look like settings but are none. */
export const readOverrides = (environment: EnvironmentRecord): Layered => {
  const faults: Array<ConfigFault> = []
  let tree = emptyTree
  const names = Object.keys(environment).filter((name) => name.startsWith(prefix) && !reservedVariables.includes(name))
  for (const name of names.sort()) {
    const text = variable(environment, name)
    if (text === undefined) continue
    const path = name.slice(prefix.length).toLowerCase().split("__")
    const shape = path[0] === "profiles" ? undefined : path.reduce<Shape | undefined>(descend, fileShape)
    if (shape === undefined) faults.push(faultOf(name, path))
    else tree = mergeTrees(tree, treeWith(name, path, valueOf(text, shape)))
  }
  return { tree, faults }
}

const descend = (shape: Shape | undefined, key: string): Shape | undefined =>
  shape?.kind === "table" && key !== "" ? below(shape, key) : undefined
