/** `npm run docs`: writes the pages and schemas that follow from the sources; the test suite demands that they are current. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "rolldown"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const program = mkdtempSync(join(tmpdir(), "claudex-docs-"))

try {
  const file = join(program, "docs.mjs")
  await build({
    input: join(root, "scripts/docs.ts"),
    platform: "node",
    tsconfig: false,
    logLevel: "warn",
    output: { file, format: "esm" }
  })
  const { written } = await import(pathToFileURL(file).href)
  for (const [path, text] of Object.entries(written())) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
} finally {
  rmSync(program, { recursive: true, force: true })
}
