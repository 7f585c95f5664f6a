/** `npm run fuzz`: bundles the fuzz targets, so that they run as plain JavaScript, and runs them. `-- --help` says how. */
import { fork } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "rolldown"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const program = mkdtempSync(join(tmpdir(), "claudex-fuzz-"))

/** Milliseconds without news, after which a case counts as one that never ends. A busy machine is no find. */
const patience = 600_000

/** Runs the program, which tells what it is about to try: whoever hangs cannot say so. */
const run = (args) =>
  new Promise((done) => {
    const child = fork(join(program, "fuzz.mjs"), args, { cwd: root, execArgv: ["--enable-source-maps"] })
    let news = "nothing was tried"
    const hung = () => {
      console.log(`it does not end: ${news}`)
      child.kill("SIGKILL")
    }
    let timer = setTimeout(hung, patience)
    child.on("message", (text) => {
      news = text
      clearTimeout(timer)
      timer = setTimeout(hung, patience)
    })
    child.once("exit", (code) => {
      clearTimeout(timer)
      done(code ?? 1)
    })
  })

try {
  await build({
    input: { fuzz: join(root, "test/fuzz/main.ts") },
    platform: "node",
    tsconfig: false,
    logLevel: "warn",
    output: { dir: program, format: "esm", entryFileNames: "fuzz.mjs" }
  })
  process.exitCode = await run(process.argv.slice(2))
} finally {
  rmSync(program, { recursive: true, force: true })
}
