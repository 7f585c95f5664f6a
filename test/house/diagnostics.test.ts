import { symlink } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root, runTool, temporaryFolder, writeFiles } from "./support.ts"

const effectTsgo = "@effect/tsgo/dist/effect-tsgo.cjs"

/** A folder with the project's compiler settings and this one file. */
const project = async (code: string): Promise<string> => {
  const folder = await temporaryFolder()
  const tsconfig = { extends: join(root, "tsconfig.json"), compilerOptions: { paths: {} }, include: ["*.ts"] }
  await writeFiles(folder, { "tsconfig.json": JSON.stringify(tsconfig), "file.ts": code })
  await symlink(join(root, "node_modules"), join(folder, "node_modules"))
  return folder
}

describe("the compiler settings", () => {
  it("let the Effect diagnostics see an effect that is never run", async () => {
    const folder = await project(`import { Effect } from "effect"\nexport const f = () => {\n  Effect.log("lost")\n}\n`)
    const args = ["diagnostics", "--project", "tsconfig.json", "--format", "text", "--strict"]
    const { code, stdout } = await runTool(effectTsgo, args, folder)
    expect(stdout).toContain("floatingEffect")
    expect(code).toBe(1)
  })

  it.each([
    ["an index that may be missing", `export const f = (list: ReadonlyArray<string>): string => list[0]`],
    ["undefined for an optional property", `const a: { b?: string } = { b: undefined }\nexport { a }`],
    ["an import that is used as a type only", `import { Effect } from "effect"\nexport type A = Effect.Effect<void>`],
    ["syntax that types cannot be erased from", `export enum A {\n  B\n}`],
    ["a local that nobody reads", `export const f = () => {\n  const a = 1\n}`]
  ])("refuse %s", async (_, code) => {
    const { code: exit, stdout } = await runTool("typescript/bin/tsc", ["--noEmit", "-p", "."], await project(code))
    expect([exit === 0, stdout.includes("file.ts(")]).toEqual([false, true])
  })
})
