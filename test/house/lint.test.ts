import { cp, readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root, runTool, temporaryFolder, writeFiles } from "./support.ts"

/** One violation per line: where it is planted, what is written there, which rule must say so. */
const plants: ReadonlyArray<readonly [file: string, code: string, rule: string]> = [
  ["src/domain/upwards.ts", `export * from "../protocol/names.ts"`, "claudex(import-direction)"],
  ["src/protocol/upwards.ts", `export type { A } from "../provider/catalog.ts"`, "claudex(import-direction)"],
  ["src/provider/upwards.ts", `import "../upstream/open.ts"`, "claudex(import-direction)"],
  ["src/provider/aside.ts", `export * from "../config/Config.ts"`, "claudex(import-direction)"],
  [
    "src/upstream/upwards.ts",
    `export const a = () => import("../resilience/Failover.ts")`,
    "claudex(import-direction)"
  ],
  ["src/resilience/upwards.ts", `export * from "../routing/Router.ts"`, "claudex(import-direction)"],
  ["src/routing/upwards.ts", `export * from "../gateway/pipeline.ts"`, "claudex(import-direction)"],
  ["src/routing/aside.ts", `export * from "../context/Compression.ts"`, "claudex(import-direction)"],
  ["src/context/aside.ts", `export * from "../routing/Router.ts"`, "claudex(import-direction)"],
  ["src/gateway/upwards.ts", `export * from "../cli/main.ts"`, "claudex(import-direction)"],
  ["src/gateway/tests.ts", `export * from "../testing/index.ts"`, "claudex(import-direction)"],
  ["src/cli/aside.ts", `export * from "../tui/app.ts"`, "claudex(import-direction)"],
  ["src/launcher/upwards.ts", `export type A = import("../cli/main.ts").Main`, "claudex(import-direction)"],
  ["src/machine/upwards.ts", `export * from "../config/Config.ts"`, "claudex(import-direction)"],
  ["src/config/upwards.ts", `export * from "../gateway/contract.ts"`, "claudex(import-direction)"],
  ["src/credentials/upwards.ts", `export * from "../upstream/open.ts"`, "claudex(import-direction)"],
  ["src/telemetry/upwards.ts", `export * from "../gateway/journal.ts"`, "claudex(import-direction)"],
  ["src/index.ts", `export * from "./cli/main.ts"`, "claudex(import-direction)"],
  ["src/gateway/entry.ts", `export * from "../index.ts"`, "claudex(import-direction)"],
  ["src/newcomer/first.ts", `export * from "../domain/Usage.ts"`, "claudex(import-direction)"],
  ["src/protocol/platform.ts", `export { Headers } from "@effect/platform"`, "claudex(platform-at-the-edge)"],
  ["src/protocol/node.ts", `export { join } from "node:path"`, "claudex(platform-at-the-edge)"],
  ["src/domain/edge.node.ts", `export { join } from "node:path"`, "claudex(platform-at-the-edge)"],
  ["src/gateway/node.ts", `export { createServer } from "node:http"`, "claudex(platform-at-the-edge)"],
  ["src/gateway/bare.ts", `export { join } from "path"`, "claudex(platform-at-the-edge)"],
  ["src/upstream/lazy.ts", `export const a = () => import("node:fs")`, "claudex(platform-at-the-edge)"],
  ["src/config/platform.ts", `export { NodeContext } from "@effect/platform-node"`, "claudex(platform-at-the-edge)"],
  ["src/gateway/command.ts", `export { Command } from "@effect/cli"`, "claudex(platform-at-the-edge)"],
  ["src/protocol/global.ts", `export const a = process.platform`, "eslint(no-restricted-globals)"],
  ["src/protocol/buffer.ts", `export const a = Buffer.from("a")`, "eslint(no-restricted-globals)"],
  ["examples/inside.ts", `export * from "../src/protocol/names.ts"`, "claudex(public-entry)"],
  ["src/gateway/double.ts", `export const a = (b: string) => b as unknown as number // no`, "claudex(no-double-cast)"],
  ["test/double.ts", `export const a = (b: string) => b as any as number`, "claudex(no-double-cast)"],
  ["src/gateway/cast.ts", `\nexport const a = (b: unknown) => b as number`, "claudex(cast-with-reason)"],
  ["src/gateway/throw.ts", `export const a = () => {\n  throw new Error("no")\n}`, "claudex(no-throw)"],
  ["test/hidden.test.ts", `it.skip("says so", () => expect(1).toBe(1))`, "claudex(no-hidden-test)"],
  ["test/only.test.ts", `it.effect.only("says so", () => expect(1).toBe(1))`, "claudex(no-hidden-test)"],
  ["src/gateway/any.ts", `export const a = (b: any) => b`, "typescript(no-explicit-any)"],
  ["test/any.ts", `export const a = (b: any) => b`, "typescript(no-explicit-any)"],
  ["src/gateway/bang.ts", `export const a = (b?: string) => b!`, "typescript(no-non-null-assertion)"],
  ["src/gateway/long.ts", `${"// line\n".repeat(401)}export {}`, "eslint(max-lines)"],
  ["src/gateway/ring.ts", `export * from "./ringTwo.ts"`, "import(no-cycle)"],
  ["src/gateway/ringTwo.ts", `export * from "./ring.ts"`, "import(no-cycle)"],
  ["src/gateway/unused.ts", `const a = 1\nexport {}`, "eslint(no-unused-vars)"],
  ["src/gateway/shadow.ts", `const a = 1\nexport const b = (a: number) => a\nexport { a }`, "eslint(no-shadow)"]
]

/** Code that keeps the same rules, in the same places. */
const wellBehaved: { readonly [path: string]: string } = {
  "src/bin.ts": `import { main } from "./cli/main.ts"\nvoid main`,
  "src/cli/main.ts": `import { join } from "node:path"\nexport * from "../gateway/down.ts"\nexport const main = join`,
  "src/gateway/down.ts": `export * from "../routing/down.ts"\nexport * from "../config/down.ts"`,
  "src/routing/down.ts": `export * from "../upstream/layer.node.ts"`,
  "src/upstream/layer.node.ts": `export { createServer } from "node:http"\nexport * from "../protocol/down.ts"`,
  "src/config/down.ts": `export { FileSystem } from "@effect/platform"`,
  "src/protocol/down.ts": `export { Effect } from "effect"\nexport * from "../domain/own.ts"\nexport * from "./other.ts"`,
  "src/protocol/other.ts": `export const list = ["a"] as const\n// the reason\nexport const n = (b: unknown) => b as number`,
  "src/domain/own.ts": `export const one = 1`,
  "examples/outside.ts": `export { version } from "claudex"`
}

interface Report {
  readonly diagnostics: ReadonlyArray<{ readonly code?: string; readonly filename: string }>
}

describe("the lint rules", () => {
  it("report every planted violation, and nothing in the files that keep them", async () => {
    const folder = await temporaryFolder()
    await writeFiles(folder, Object.fromEntries(plants.map(([file, code]) => [file, `${code}\n`])))
    await writeFiles(folder, wellBehaved)
    await cp(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"))
    await cp(join(root, "scripts/lint.mjs"), join(folder, "scripts/lint.mjs"))
    const { code, stdout } = await runTool("oxlint/bin/oxlint", ["--deny-warnings", "--format", "json"], folder)
    // the shape of the tool's own report
    const report = JSON.parse(stdout) as Report
    const found = new Set(report.diagnostics.map((one) => `${one.filename} ${one.code ?? ""}`))
    const planted = new Set(plants.map(([file, , rule]) => `${file} ${rule}`))
    expect([...planted].filter((one) => !found.has(one))).toEqual([])
    const clean = [...found].filter((one) => (one.split(" ")[0] ?? "") in wellBehaved)
    expect(clean).toEqual([])
    expect(code).toBe(1)
  })

  it("excuse only files that exist and are really longer than the limit", async () => {
    // the shape that this repository's own file has
    const config = JSON.parse(await readFile(join(root, ".oxlintrc.json"), "utf8")) as {
      readonly overrides: ReadonlyArray<{
        readonly files: ReadonlyArray<string>
        readonly rules: { readonly [rule: string]: unknown }
      }>
    }
    const excused = config.overrides.filter(({ rules }) => rules["max-lines"] === "off").flatMap(({ files }) => files)
    for (const file of excused) {
      const lines = (await readFile(join(root, file), "utf8")).split("\n").length
      expect(lines, `${file} no longer needs its excuse`).toBeGreaterThan(400)
    }
  })
})
