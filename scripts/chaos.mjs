/** `npm run test:chaos`: bundles the chaos suite and runs it against the built claudex. `-- --clients N --seconds N --seed S` */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "rolldown"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const programs = mkdtempSync(join(tmpdir(), "claudex-chaos-programs-"))

try {
  await build({
    input: { main: join(root, "test/chaos/main.ts"), probe: join(root, "test/chaos/probe.ts") },
    platform: "node",
    tsconfig: false,
    logLevel: "warn",
    output: { dir: programs, format: "esm", entryFileNames: "[name].mjs" }
  })
  const args = [join(root, "dist/bin/claudex.cjs"), join(programs, "probe.mjs"), ...process.argv.slice(2)]
  process.exitCode =
    spawnSync(process.execPath, [join(programs, "main.mjs"), ...args], { stdio: "inherit" }).status ?? 1
} finally {
  rmSync(programs, { recursive: true, force: true })
}
