/**
 * `npm run test:e2e`: the suite with the real Claude Code. It installs nothing: without `claude` on PATH it says so and
 * ends well; with another version than the one the suite was written for it says so and runs.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const pinned = "2.1.330"
const install = `npm install -g @anthropic-ai/claude-code@${pinned}`

/** "2.1.330 (Claude Code)", or undefined when there is no such program. */
const installed = () => {
  try {
    return execFileSync("claude", ["--version"], {
      encoding: "utf8",
      timeout: 30_000,
      stdio: ["ignore", "pipe", "ignore"]
    })
  } catch (fault) {
    return fault.code === "ENOENT" ? undefined : `unknown: it ended with ${fault.status ?? fault.signal ?? fault.code}`
  }
}

const run = (file, args) =>
  spawnSync(process.execPath, [join(root, file), ...args], { cwd: root, stdio: "inherit" }).status ?? 1

const main = () => {
  const answer = installed()
  if (answer === undefined) {
    console.log(`skipped: there is no \`claude\` on PATH. The suite runs the real Claude Code: ${install}`)
    return 0
  }
  const version = answer.trim().split(" ")[0]
  if (version !== pinned) console.log(`note: Claude Code is ${answer.trim()}; the suite was written for ${pinned}`)
  const built = run("scripts/build.mjs", ["--only", "bin", "--if-stale"])
  return built === 0
    ? run("node_modules/vitest/vitest.mjs", ["run", "--config", "test/e2e/vitest.config.ts", ...process.argv.slice(2)])
    : built
}

process.exitCode = main()
