/**
 * Builds what the package ships:
 *
 * - `dist/lib`: the library entries, unbundled ES modules with types. `effect` and its platform stay imports, so that a
 *   library user has one single Effect in the process.
 * - `dist/bin`: the command, one minified bundle with everything inlined, split where the source says `import()`, as an
 *   archive of scripts and one of the code that this Node compiles of them (`src/loader.ts`). It starts several times faster
 *   than the same modules one by one.
 *
 * Safe to run twice at once and while `claudex` runs from `dist/bin`: every file is written beside its place and
 * renamed, and what runs has opened all that it will load.
 *
 *   node scripts/build.mjs [--only bin|lib] [--if-stale] [--clean] [--out DIR]
 *
 * `--if-stale` does nothing when the sources are the ones of the last build; `--clean` also removes fresh leftovers of
 * other builds of the library (without it only those that are old); `--out` builds elsewhere than `dist`.
 */
import { execFile } from "node:child_process"
import { createHash, randomUUID } from "node:crypto"
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { packed } from "./archive.mjs"
import { licenses } from "./licenses.mjs"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..")
const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    "if-stale": { type: "boolean", default: false },
    clean: { type: "boolean", default: false },
    out: { type: "string", default: join(root, "dist") }
  }
})
const out = resolve(options.out)

/** Leftovers younger than this may belong to a build that is still running. */
const leftoverAge = 10 * 60_000

const filesBelow = async (dir) => {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}

/** One hash over everything that decides the output. */
const fingerprint = async () => {
  const sources = (await filesBelow(join(root, "src"))).sort()
  const settings = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"]
  const scripts = ["archive", "asScript", "build", "compile", "licenses"].map((name) => `scripts/${name}.mjs`)
  const hash = createHash("sha256").update(`${process.version} ${process.arch}\0`)
  for (const file of [...sources, ...[...settings, ...scripts].map((name) => join(root, name))]) {
    hash
      .update(relative(root, file))
      .update("\0")
      .update(await readFile(file))
      .update("\0")
  }
  return hash.digest("hex")
}

/** Writes a file so that a reader sees the old or the new content, never a part. */
const put = async (path, content, mode = 0o644) => {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${randomUUID()}.tmp`
  await writeFile(draft, content)
  await chmod(draft, mode)
  await rename(draft, path)
}

/** Removes what an earlier build left in `dir` and this one did not write: what is old, or `all` of it. */
const sweep = async (dir, written, all) => {
  for (const file of await filesBelow(dir)) {
    if (written.has(file)) continue
    const age = await stat(file).then(
      (info) => Date.now() - info.mtimeMs,
      () => 0
    )
    // a young draft is another build's
    if ((!all || file.endsWith(".tmp")) && age < leftoverAge) continue
    await rm(file, { force: true })
    // fails while the folder holds something else, which is what we want
    await rmdir(dirname(file)).catch(() => undefined)
  }
}

const exec = (file, args, env = process.env) =>
  new Promise((done) => {
    execFile(process.execPath, [file, ...args], { cwd: root, env, maxBuffer: 16e6 }, (error, stdout, stderr) =>
      done({ ok: error === null, output: `${stdout}${stderr}`.trim() || String(error) })
    )
  })

const buildLib = async () => {
  await mkdir(out, { recursive: true })
  const draft = await mkdtemp(join(out, ".lib-"))
  try {
    const tsc = join(root, "node_modules/typescript/bin/tsc")
    const { ok, output } = await exec(tsc, ["-p", "tsconfig.build.json", "--outDir", draft])
    if (!ok) throw new Error(`the library does not compile:\n${output}`)
    const written = new Set()
    for (const file of await filesBelow(draft)) {
      const target = join(out, "lib", relative(draft, file))
      const text = await readFile(file, "utf8")
      // the compiler rewrites `./x.ts` to `./x.js` in code but leaves it in declarations
      await put(target, file.endsWith(".d.ts") ? text.replace(/(["']\.{1,2}\/[^"']*)\.ts(["'])/g, "$1.js$2") : text)
      written.add(target)
    }
    await sweep(join(out, "lib"), written, options.clean)
    return `lib: ${written.size} files`
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Native accelerators that our dependencies load if they happen to be installed; each has a fallback in JavaScript. */
const optionalNatives = ["@parcel/watcher", "msgpackr-extract", "bufferutil", "utf-8-validate"]

/**
 * The part of undici that is an HTTP client. Its index also holds fetch, WebSocket, caches and mocks, and being CommonJS
 * none of it can be shaken off: 10 MB of memory in a gateway that uses nothing of it.
 */
const undiciClient = `
  import Agent from "undici/lib/dispatcher/agent.js"
  import Dispatcher from "undici/lib/dispatcher/dispatcher.js"
  import EnvHttpProxyAgent from "undici/lib/dispatcher/env-http-proxy-agent.js"
  import Pool from "undici/lib/dispatcher/pool.js"
  import ProxyAgent from "undici/lib/dispatcher/proxy-agent.js"
  import api from "undici/lib/api/index.js"
  import errors from "undici/lib/core/errors.js"
  import global from "undici/lib/global.js"
  Object.assign(Dispatcher.prototype, api)
  const { getGlobalDispatcher, setGlobalDispatcher } = global
  export { Agent, Dispatcher, EnvHttpProxyAgent, Pool, ProxyAgent, errors, getGlobalDispatcher, setGlobalDispatcher }
  export default { Agent, Dispatcher, EnvHttpProxyAgent, Pool, ProxyAgent, errors, getGlobalDispatcher, setGlobalDispatcher }`

const replacements = {
  name: "replacements",
  resolveId: (id) => (optionalNatives.includes(id) ? `\0absent:${id}` : id === "undici" ? "\0undici-client" : null),
  load: (id) => {
    if (id === "\0undici-client") return undiciClient
    if (!id.startsWith("\0absent:")) return null
    return `module.exports = (() => { throw new Error(${JSON.stringify(`${id.slice(8)} is not part of this build`)}) })()`
  }
}

/** A bundle of one program and everything that it imports. */
const bundled = async (input, output, plugins = []) => {
  const { rolldown } = await import("rolldown")
  const bundle = await rolldown({
    input,
    cwd: root,
    platform: "node",
    tsconfig: false,
    // native, and there only where the platform has it
    external: ["@napi-rs/keyring"],
    // asked by what reads documents, for a package beside it that we do not have; it takes a failure for an answer
    transform: { define: { "import.meta.resolve": "undefined" } },
    // a slow machine is no fault
    checks: { bundlerTimings: false },
    // what the bundler only warns of (an import that will be undefined) would fail where it is used
    onLog: (level, { message }) => {
      if (level === "warn") throw new Error(message)
    },
    plugins: [replacements, ...plugins]
  })
  const made = await bundle.generate({ minify: true, sourcemap: false, ...output })
  await bundle.close()
  return made.output
}

/** The command as scripts: what is shared or loaded later in chunks of its own. */
const scripts = async () => {
  const { asScript, circles, scriptBody } = await import("./asScript.mjs")
  const output = await bundled(
    { program: join(root, "src/bin.ts") },
    {
      format: "esm",
      codeSplitting: {
        groups: [
          // what the entry itself needs: all that is loaded to tell the version
          { name: "entry", test: /[\\/]src[\\/].*[\\/](version|offersWord|gatewayWord)\.ts$/, priority: 2 },
          // what every command needs, in a chunk of its own: otherwise a command's chunk becomes the home of shared modules
          { name: "effect", test: /[\\/]node_modules[\\/]effect[\\/]/, priority: 1 }
        ]
      },
      entryFileNames: "program.js",
      chunkFileNames: "chunk-[name]-[hash].js"
    },
    // before they are minified: afterwards names mean little
    [{ name: "scripts", renderChunk: (code, { name }) => scriptBody(code, name) }]
  )
  const [circle] = circles(output)
  if (circle !== undefined) throw new Error(`scripts need one another: ${circle}`)
  return output.map((chunk) => ({ ...chunk, code: asScript(chunk.code) }))
}

/**
 * The code of the scripts as this Node compiles it: the name of the archive, and the archive. In a process without options:
 * V8 takes such code only from one that was started with the same.
 */
const compiled = async (archive) => {
  const draft = await mkdtemp(join(tmpdir(), "claudex-build-"))
  try {
    await writeFile(join(draft, "scripts.archive"), archive)
    const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env
    const { ok, output } = await exec(join(root, "scripts/compile.mjs"), [join(draft, "scripts.archive")], env)
    if (!ok) throw new Error(output)
    const [name] = (await readdir(draft)).filter((file) => file !== "scripts.archive")
    return [name, await readFile(join(draft, name))]
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

const buildBin = async () => {
  const dir = join(out, "bin")
  const written = new Set()
  const write = async (name, content, mode) => {
    await put(join(dir, name), content, mode)
    written.add(join(dir, name))
  }
  const [chunks, [loader]] = await Promise.all([
    scripts(),
    bundled({ claudex: join(root, "src/loader.ts") }, { format: "cjs", entryFileNames: "claudex.cjs" })
  ])
  const archive = packed(new Map(chunks.map(({ code, fileName }) => [fileName, Buffer.from(code)])))
  await write(...(await compiled(archive)))
  await write("LICENSES.txt", await licenses(new Set(chunks.flatMap(({ moduleIds }) => moduleIds))))
  await write("scripts.archive", archive)
  await write(loader.fileName, loader.code, 0o755)
  // whatever runs has opened all that it will load
  await sweep(dir, written, true)
  return `bin: ${chunks.length} scripts, ${Math.round(archive.length / 1000)} kB`
}

/** A target is skipped when its stamp says that it was built from these very sources. */
const target = async (name, build, print) => {
  const stamp = join(out, `.${name}.stamp`)
  if (options["if-stale"] && (await readFile(stamp, "utf8").catch(() => "")) === print) return `${name}: up to date`
  const summary = await build()
  await put(stamp, print)
  return summary
}

const started = Date.now()
const print = await fingerprint()
const wanted = Object.entries({ lib: buildLib, bin: buildBin }).filter(([name]) => (options.only ?? name) === name)
if (wanted.length === 0) throw new Error(`--only takes lib or bin, not ${options.only}`)
const results = await Promise.allSettled(wanted.map(([name, build]) => target(name, build, print)))
for (const result of results) {
  if (result.status === "fulfilled") console.log(result.value)
  else console.error(result.reason instanceof Error ? result.reason.message : result.reason)
}
if (results.every((result) => result.status === "fulfilled")) {
  console.log(`built ${relative(root, out) || out} in ${Date.now() - started} ms`)
} else {
  process.exitCode = 1
}
