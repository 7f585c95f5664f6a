/** `npm run compat`: writes the compatibility table into the README; the test suite demands that it is current. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "rolldown"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const readme = join(root, "README.md")
const program = mkdtempSync(join(tmpdir(), "claudex-compatibility-"))

try {
  const file = join(program, "compatibility.mjs")
  await build({
    input: join(root, "scripts/compatibility.ts"),
    platform: "node",
    tsconfig: false,
    logLevel: "warn",
    output: { file, format: "esm" }
  })
  const { withTable } = await import(pathToFileURL(file).href)
  const text = withTable(readFileSync(readme, "utf8"))
  if (text === undefined) throw new Error("README.md has no place for the table")
  writeFileSync(readme, text)
} finally {
  rmSync(program, { recursive: true, force: true })
}
