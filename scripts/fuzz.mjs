/** `npm run fuzz`: bundles the fuzz targets, so that they run as plain JavaScript, and runs them. `-- --help` says how. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "rolldown"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const program = mkdtempSync(join(tmpdir(), "claudex-fuzz-"))

try {
  await build({
    input: { fuzz: join(root, "test/fuzz/main.ts") },
    platform: "node",
    tsconfig: false,
    logLevel: "warn",
    output: { dir: program, format: "esm", entryFileNames: "fuzz.mjs" }
  })
  const args = ["--enable-source-maps", join(program, "fuzz.mjs"), ...process.argv.slice(2)]
  process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status ?? 1
} finally {
  rmSync(program, { recursive: true, force: true })
}
