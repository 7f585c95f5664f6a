/** The package in another program: compiled against its declarations as they are installed. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { manifest, project } from "./libraryUser.ts"
import { root, run, runTool } from "./support.ts"

interface Line {
  readonly entry: string
  readonly path: ReadonlyArray<string>
  readonly kind: string
}

/** Every public name, as the checked-in list has it. */
const surface = async (): Promise<ReadonlyArray<Line>> => {
  const sections = (await readFile(join(root, "test/house/surface.txt"), "utf8")).split(/\n(?=claudex)/)
  return sections.flatMap((section) => {
    const [entry = "", ...lines] = section.split("\n").filter((line) => line !== "")
    return lines.map((line) => {
      const [name = "", kind = ""] = line.trim().split(": ")
      return { entry, path: name.split("."), kind }
    })
  })
}

/** Exports what a name is, what it yields and what that consists of, without saying of what type any of it is. */
const uses = (name: string, kind: string, number: number): string =>
  kind === "type"
    ? `export const type${number} = (it: ${name}) => parts(it)`
    : [
        `export const value${number} = ${name}`,
        `export const result${number} = (...args: ArgumentsOf<typeof ${name}>) => call(${name})(...args)`,
        `export const service${number} = (it: ServiceOf<typeof ${name}>) => parts(it)`
      ].join("\n")

const helpers = `
import type { Context } from "effect"
export type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never
export type ServiceOf<T> = T extends Context.Tag<infer _, infer S> ? S : never
type ResultOf<F> = F extends (...args: infer _) => infer R ? R : never
type PartsOf<T> = T extends { readonly pipe: unknown } | Context.TagClassShape<infer _, infer _> ? T : { [K in keyof T]: T[K] }
export declare const parts: <T>(it: T) => PartsOf<T>
export declare const call: <F>(f: F) => (...args: ArgumentsOf<F>) => ResultOf<F>
`

/** One file for each namespace that imports it and no other: what it needs of the others must be found without. */
const programs = async (): Promise<{ readonly [path: string]: string }> => {
  const lines = (await surface()).filter(({ kind }) => kind !== "namespace")
  const files: Record<string, string> = {}
  for (const [number, { entry, kind, path }] of lines.entries()) {
    const file = `src/${entry.replace(/\W/g, "-")}-${path.length > 1 ? path[0] : "own"}-${path.length === 1 ? path[0] : ""}.ts`
    files[file] ??=
      `import { type ArgumentsOf, call, parts, type ServiceOf } from "./helpers.ts"\nimport { ${path[0]} } from "${entry}"\n`
    files[file] += `${uses(path.join("."), kind, number)}\n`
  }
  return { ...files, "src/helpers.ts": helpers }
}

const settings = (module: string, resolution: string) =>
  JSON.stringify({
    compilerOptions: {
      target: "ES2022",
      module,
      moduleResolution: resolution,
      lib: ["ES2023"],
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      declaration: true,
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: true,
      rootDir: "src",
      outDir: "out"
    },
    include: ["src"]
  })

describe("the library in another program", () => {
  it("has each namespace as a module of its own as well, and no other modules", { timeout: 60_000 }, async () => {
    const names = (await surface()).flatMap(({ entry, kind, path }) =>
      kind === "namespace" ? [`${entry}/${path.join("/")}`] : []
    )
    const code = names.map((name) => {
      const entry = name.slice(0, name.lastIndexOf("/"))
      return `same((await import("${entry}"))["${name.slice(entry.length + 1)}"], await import("${name}"), "${name}")`
    })
    const same = `const same = (one, other, name) => { if (one !== other) console.log(name) }`
    const folder = await project({ "main.js": [same, ...code].join("\n") })
    expect(await run(process.execPath, ["main.js"], { cwd: folder })).toEqual({ code: 0, stdout: "", stderr: "" })

    const { exports } = await manifest()
    const others = [".", "./node", "./testing", "./package.json"]
    expect(Object.keys(exports).filter((name) => !others.includes(name))).toEqual(
      expect.arrayContaining(names.map((name) => name.replace("claudex", ".")))
    )
    expect(Object.keys(exports)).toHaveLength(names.length + others.length)
  })

  it("compiles and runs as the README shows it", { timeout: 60_000 }, async () => {
    const readme = await readFile(join(root, "README.md"), "utf8")
    const shown = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ""]) => code)
    expect(shown.length).toBeGreaterThan(1)
    const files = Object.fromEntries(shown.map((code, at) => [`src/shown${at}.ts`, code]))
    const folder = await project({ ...files, "tsconfig.json": settings("NodeNext", "NodeNext") })
    expect((await runTool("typescript/bin/tsc", ["-p", "."], folder)).stdout).toBe("")
    for (const at of shown.keys()) {
      expect(await run(process.execPath, [`out/shown${at}.js`], { cwd: folder })).toMatchObject({ code: 0, stderr: "" })
    }
  })

  it("leaves the process it runs in alone", { timeout: 60_000 }, async () => {
    const folder = await project({
      "main.js": `
        const names = ["SIGINT", "SIGTERM", "SIGHUP", "exit", "beforeExit", "uncaughtException", "unhandledRejection", "warning"]
        const listeners = () => JSON.stringify(names.map((name) => process.listenerCount(name)))
        const before = listeners()
        const { Config, Gateway } = await import("claudex")
        const { GatewayServer } = await import("claudex/node")
        const { Effect, Layer, Option, Redacted, Schema } = await import("effect")
        const gateway = (instance) => GatewayServer.layer(0).pipe(Layer.provide([
          Gateway.Lifecycle.layer,
          Gateway.Journal.layerMemory,
          Gateway.LentEnvironment.layer.pipe(Layer.provide(Config.Environment.layer)),
          Config.Config.layerOf(Schema.decodeSync(Config.ConfigFile)({})),
          Layer.succeed(Gateway.GatewaySettings, {
            token: Redacted.make("token"),
            identity: { instance, version: "0.0.0", pid: process.pid },
            anchor: { cwd: process.cwd(), explicit: Option.none() },
            host: "127.0.0.1",
            allowRemote: false
          })
        ]))
        const both = Effect.all([Layer.build(gateway("one")), Layer.build(gateway("two"))])
        const during = await Effect.runPromise(Effect.scoped(Effect.map(both, () => listeners())))
        for (const now of [during, listeners()]) if (now !== before) console.log(before, now)
      `
    })
    expect(await run(process.execPath, ["main.js"], { cwd: folder })).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  it("has names for what would be long to write out", { timeout: 60_000 }, async () => {
    const folder = await project({
      "src/named.ts": `
        import { Config, Gateway, Profile } from "claudex"
        import { Effect, Schema } from "effect"
        export const settings = Schema.decodeSync(Config.ConfigFile)({})
        export const profile = Schema.decodeUnknownSync(Profile)
        export const load = Effect.flatMap(Config.Config, (config) => Effect.map(Gateway.GatewaySettings, () => config))`,
      "tsconfig.json": settings("NodeNext", "NodeNext")
    })
    expect((await runTool("typescript/bin/tsc", ["-p", "."], folder)).stdout).toBe("")
    const declared = await readFile(join(folder, "out", "named.d.ts"), "utf8")
    expect(declared).toContain("settings: Config.ConfigFile;")
    expect(declared).toContain("=> Profile;")
    expect(declared.length).toBeLessThan(1_500)
  })

  it("has declarations that a compiler finds no fault with", { timeout: 60_000 }, async () => {
    const entries = ["claudex", "claudex/node", "claudex/testing"]
    const { compilerOptions } = JSON.parse(settings("NodeNext", "NodeNext"))
    const folder = await project({
      "src/all.ts": entries.map((entry, at) => `export * as all${at} from "${entry}"\n`).join(""),
      // the platform's own declarations want those of a browser
      "tsconfig.json": JSON.stringify({
        compilerOptions: { ...compilerOptions, skipLibCheck: false, lib: ["ES2023", "DOM", "DOM.Iterable"] },
        include: ["src"]
      })
    })
    const { stdout } = await runTool("typescript/bin/tsc", ["-p", "."], folder)
    expect(stdout.split("\n").filter((line) => line.includes("claudex"))).toEqual([])
  })

  it.each([
    ["NodeNext", "NodeNext"],
    ["ESNext", "Bundler"]
  ])(
    "lets every public name stand in an exported constant whose type nobody wrote down (%s, %s)",
    { timeout: 60_000 },
    async (module, resolution) => {
      const folder = await project({ ...(await programs()), "tsconfig.json": settings(module, resolution) })
      const { stdout } = await runTool("typescript/bin/tsc", ["-p", "."], folder)
      expect(stdout).toBe("")
    }
  )
})
