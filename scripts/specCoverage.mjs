/**
 * Prints every rule of the wire specification's tables and every complaint of users with the tests that hold it, and fails when one has none.
 * The names are those that vitest itself lists, so a test that does not exist counts for nothing.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { rolldown } from "rolldown"

/** Where tests of these rules are. */
const folders = ["test/protocol", "test/gateway", "test/provider", "test/launcher", "test/problems"]
const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const out = mkdtempSync(join(tmpdir(), "claudex-spec-"))

try {
  const bundle = await rolldown({ input: join(root, "test/spec/coverage.ts") })
  await bundle.write({ file: join(out, "coverage.mjs"), format: "esm" })
  const { coverage } = await import(pathToFileURL(join(out, "coverage.mjs")).href)

  const vitest = join(root, "node_modules/vitest/vitest.mjs")
  const listed = join(out, "tests.json")
  execFileSync(process.execPath, [vitest, "list", `--json=${listed}`, ...folders], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"]
  })
  const { default: tests } = await import(pathToFileURL(listed).href, { with: { type: "json" } })

  const { covered, strange } = coverage(tests.map(({ file, name }) => ({ file: file.slice(root.length + 1), name })))
  for (const { rule, tests: holding } of covered) {
    console.log(`[${rule.id}] ${rule.rule}`)
    for (const { file, name } of holding.slice(0, 5)) console.log(`    ${file}: ${name}`)
    if (holding.length > 5) console.log(`    and ${holding.length - 5} more`)
    if (holding.length === 0) console.log("    MISSING")
  }
  for (const id of strange) console.log(`[${id}] stands in a test's name and is no rule`)
  const missing = covered.filter(({ tests: holding }) => holding.length === 0)
  console.log(`\n${covered.length} rules, ${covered.length - missing.length} with tests, ${missing.length} missing`)
  if (missing.length > 0 || strange.length > 0) process.exitCode = 1
} finally {
  rmSync(out, { recursive: true, force: true })
}
