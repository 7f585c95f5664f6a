/** Bundles the bench programs, so that starting them costs nothing, and runs them. `node scripts/bench.mjs --help` */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "rolldown"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const programs = mkdtempSync(join(tmpdir(), "claudex-bench-programs-"))
const names = ["programs/probe", "programs/upstream", "programs/load", "programs/baseline", "main"]

try {
  await build({
    input: Object.fromEntries(names.map((name) => [name.split("/").at(-1), join(root, "bench", `${name}.ts`)])),
    platform: "node",
    tsconfig: false,
    output: { dir: programs, format: "esm", entryFileNames: "[name].js" }
  })
  const args = [join(programs, "main.js"), root, programs, join(root, "dist/bin/claudex.cjs"), ...process.argv.slice(2)]
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1
} finally {
  rmSync(programs, { recursive: true, force: true })
}
