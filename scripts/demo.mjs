/** `npm run demo`: builds what it needs, then holds a conversation through the gateway. `--builtin` does without Claude Code. */
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "rolldown"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const program = mkdtempSync(join(tmpdir(), "claudex-demo-program-"))

/** The program gets Ctrl-C from the terminal like this process, and cleans up; this one only waits for it. */
const run = (args) =>
  new Promise((done) => {
    const wait = () => {}
    process.on("SIGINT", wait)
    const child = spawn(process.execPath, args, { stdio: "inherit" })
    process.on("SIGTERM", () => child.kill("SIGTERM"))
    child.once("exit", (code) => done(code ?? 1))
  })

try {
  const built = spawnSync(process.execPath, [join(root, "scripts/build.mjs"), "--only", "bin", "--if-stale"], {
    stdio: ["ignore", "ignore", "inherit"]
  })
  if (built.status === 0) {
    await build({
      input: join(root, "scripts/demo.ts"),
      platform: "node",
      tsconfig: false,
      logLevel: "warn",
      output: { file: join(program, "demo.js"), format: "esm" }
    })
    process.exitCode = await run([
      join(program, "demo.js"),
      join(root, "dist/bin/claudex.cjs"),
      ...process.argv.slice(2)
    ])
  } else process.exitCode = 1
} finally {
  rmSync(program, { recursive: true, force: true })
}
