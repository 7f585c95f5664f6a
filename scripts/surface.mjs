/**
 * The public surface: every name that a library user can import, one line each, `?` before a name without a doc comment.
 *
 *   node scripts/surface.mjs            writes test/house/surface.txt
 *   node scripts/surface.mjs --print    prints it
 */
import { readFileSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseSync } from "rolldown/utils"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const entries = { claudex: "src/index.ts", "claudex/node": "src/node.ts", "claudex/testing": "src/testing/index.ts" }

/** Statement ranges that a doc comment stands directly before. */
const documented = (text, comments, statement) =>
  comments.some(
    ({ type, value, end }) =>
      type === "Block" &&
      value.startsWith("*") &&
      end <= statement.start &&
      text.slice(end, statement.start).trim() === ""
  )

/** The exports of a module: `{ name, kind, doc }`, namespaces with their `members`. */
const exportsOf = (file) => {
  const text = readFileSync(file, "utf8")
  const { module, comments } = parseSync(file, text)
  const at = (specifier) => resolve(dirname(file), specifier)
  // a name may be declared twice, as a type and as a value: one comment is enough
  const isDocumented = ({ exportName }) =>
    module.staticExports.some(
      (statement) =>
        statement.entries.some((entry) => entry.exportName.name === exportName.name) &&
        documented(text, comments, statement)
    )
  return module.staticExports.flatMap((statement) => {
    return statement.entries.flatMap((entry) => {
      const { moduleRequest, importName, exportName, isType } = entry
      const name = exportName.name
      const doc = isDocumented(entry)
      if (moduleRequest === null) return [{ name, kind: isType ? "type" : "value", doc }]
      const origin = exportsOf(at(moduleRequest.value))
      if (name === null) return origin // export * from
      if (importName.name === null) return [{ name, kind: "namespace", doc, members: origin }]
      // a re-exported name may be a type and a value at once; editors show the comment of its declaration, and no other
      const originals = origin.filter((one) => one.name === importName.name)
      return originals.map((one) => ({ ...one, name, kind: isType ? "type" : one.kind }))
    })
  })
}

const lines = (prefix, exports) =>
  exports.flatMap(({ name, kind, doc, members }) => [
    `${doc ? "" : "? "}${prefix}${name}: ${kind}`,
    ...(members === undefined ? [] : lines(`${prefix}${name}.`, members))
  ])

/** Sorted, so that the order of declarations is nobody's contract; overloads and merged declarations count once. */
export const surface = () => {
  const sections = Object.entries(entries).map(([specifier, file]) => {
    const all = [...new Set(lines("", exportsOf(join(root, file))))].sort()
    return `${specifier}\n\n${all.map((line) => `  ${line}\n`).join("")}`
  })
  return sections.join("\n")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--print")) process.stdout.write(surface())
  else writeFileSync(join(root, "test/house/surface.txt"), surface())
}
