import { cp, readdir, readFile, stat, symlink, utimes } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, describe, expect, it } from "vitest"
import { root, run, temporaryFolder, writeFiles, type Outcome } from "./support.ts"

/** A small program in the shape of ours: a fast path, and a server behind a dynamic import. */
const sources = {
  "src/bin.ts": `
    if (process.argv[2] === "serve") void import("./serve.ts").then(({ serve }) => serve())
    else console.log("small")`,
  "src/serve.ts": `
    import { createServer } from "node:http"
    import { HttpClient, HttpLayerRouter, HttpServer, HttpServerResponse } from "@effect/platform"
    import { NodeContext, NodeHttpClient, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
    import { Console, Effect, Layer } from "effect"
    const routes = HttpLayerRouter.use((router) => router.add("GET", "/", HttpServerResponse.text("served")))
    const ask = Layer.effectDiscard(Effect.gen(function* () {
      const { address } = yield* HttpServer.HttpServer
      const url = address._tag === "TcpAddress" ? \`http://127.0.0.1:\${address.port}/\` : ""
      const response = yield* HttpClient.get(url)
      yield* Console.log(yield* response.text)
      process.kill(process.pid, "SIGTERM")
    }).pipe(Effect.forkScoped))
    export const serve = () => NodeRuntime.runMain(Layer.launch(
      HttpLayerRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
        Layer.merge(ask),
        Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
        Layer.provide(NodeHttpClient.layerUndici),
        Layer.provide(NodeContext.layer))))`,
  "src/index.ts": `export { one } from "./part.ts"`,
  "src/node.ts": `export {}`,
  "src/part.ts": `/** One. */\nexport const one: number = 1`,
  "src/testing/index.ts": `export {}`
}

let checkout = ""

const build = (...args: ReadonlyArray<string>): Promise<Outcome> =>
  run(process.execPath, ["scripts/build.mjs", ...args], { cwd: checkout })

const claudex = (...args: ReadonlyArray<string>): Promise<Outcome> =>
  run(join(checkout, "dist/bin/claudex.cjs"), args, { cwd: checkout })

describe("the build", () => {
  beforeEach(async () => {
    checkout = await temporaryFolder()
    for (const name of ["scripts", "package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"]) {
      await cp(join(root, name), join(checkout, name), { recursive: true })
    }
    await writeFiles(checkout, sources)
    // what every program of ours begins with, and the one word that it knows
    for (const name of ["src/loader.ts", "src/daemon/gatewayWord.ts"]) await cp(join(root, name), join(checkout, name))
    await symlink(join(root, "node_modules"), join(checkout, "node_modules"))
  })

  it("makes a bundle that starts a server and a client with nothing but Node beside it", async () => {
    expect((await build("--only", "bin")).code).toBe(0)
    const alone = await temporaryFolder()
    await cp(join(checkout, "dist"), join(alone, "dist"), { recursive: true })
    await cp(join(checkout, "package.json"), join(alone, "package.json"))
    const served = await run(process.execPath, ["dist/bin/claudex.cjs", "serve"], { cwd: alone })
    expect([served.stderr, served.stdout]).toEqual(["", "served\n"])
    const notices = await readFile(join(alone, "dist/bin/LICENSES.txt"), "utf8")
    expect(notices).toMatch(/^effect 3\./m)
    expect(notices).toMatch(/^undici 7\./m)
  })

  it("makes a library whose declarations name files that exist", async () => {
    expect((await build("--only", "lib")).code).toBe(0)
    expect(await readFile(join(checkout, "dist/lib/index.d.ts"), "utf8")).toContain(`"./part.js"`)
    const load = await run(process.execPath, ["-e", `import("claudex").then(({ one }) => console.log(one))`], {
      cwd: checkout
    })
    expect(load.stdout).toBe("1\n")
  })

  it("survives being run several times at once", async () => {
    const outcomes = await Promise.all([build(), build(), build()])
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual([0, 0, 0].map((code) => [code, ""]))
    expect((await claudex()).stdout).toBe("small\n")
    const files = await readdir(join(checkout, "dist"), { recursive: true })
    expect(files.filter((file) => file.endsWith(".tmp") || file.includes(".lib-"))).toEqual([])
  })

  it("leaves nothing of other builds, save drafts and parts of a library that are young", async () => {
    await build()
    const places = ["bin", "lib"].map((name) => join(checkout, "dist", name))
    const contents = async () => (await Promise.all(places.map((place) => readdir(place)))).flat().toSorted()
    const made = await contents()
    for (const place of places) {
      await writeFiles(place, { "old.js": "", "young.js": "", "old.tmp": "", "young.tmp": "" })
      const old = new Date(Date.now() - 3_600_000)
      for (const name of ["old.js", "old.tmp"]) await utimes(join(place, name), old, old)
    }
    await build()
    expect(await contents()).toEqual([...made, "young.js", "young.tmp", "young.tmp"].toSorted())
    await build("--clean")
    expect(await contents()).toEqual([...made, "young.tmp", "young.tmp"].toSorted())
  })

  it("builds again only when a source has changed, if asked so", async () => {
    await build()
    const entry = join(checkout, "dist/bin/claudex.cjs")
    const { mtimeMs } = await stat(entry)
    const again = await build("--if-stale")
    expect(again.stdout).toContain("up to date")
    expect((await stat(entry)).mtimeMs).toBe(mtimeMs)
    await writeFiles(checkout, { "src/part.ts": `/** Two. */\nexport const one: number = 2` })
    expect((await build("--if-stale")).stdout).not.toContain("up to date")
  })

  it("fails with the compiler's words, and still makes the other half", async () => {
    await writeFiles(checkout, { "src/part.ts": `export const one: string = 1` })
    const outcome = await build()
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain("part.ts(1,14)")
    expect((await claudex()).stdout).toBe("small\n")
  })
})
