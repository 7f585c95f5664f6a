/** The notices of every package that ends up inside the bundle: their licences ask for it. */
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

/** The package folders that bundled modules come from, e.g. `node_modules/effect`. */
const folders = (modules) => {
  const found = new Set()
  for (const id of modules) {
    // the bundler marks virtual modules with a NUL prefix and variants of a module with a query
    const path = id.replaceAll("\\", "/").split("?")[0]
    if (path.startsWith("\0") || !path.includes("/node_modules/")) continue
    const nested = path.lastIndexOf("/node_modules/") + "/node_modules/".length
    const parts = path.slice(nested).split("/")
    found.add(path.slice(0, nested) + parts.slice(0, parts[0].startsWith("@") ? 2 : 1).join("/"))
  }
  return [...found].sort()
}

export const licenses = async (modules) => {
  const notices = []
  for (const folder of folders(modules)) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"))
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file === undefined ? `License: ${license}` : (await readFile(join(folder, file), "utf8")).trim()
    notices.push(`${name} ${version}\n\n${text}\n`)
  }
  return `claudex.cjs and the scripts beside it contain code of these packages.\n\n${notices.join(`\n${"-".repeat(80)}\n\n`)}`
}
