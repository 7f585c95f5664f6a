#!/usr/bin/env node
/**
 * The file that `claudex` is once it is built: it loads the scripts beside it, `program.js` (made of `bin.ts`) first.
 *
 * The build makes them ES modules first and scripts then (`scripts/asScript.mjs`): V8 takes compiled code for a script, but
 * Node 20 hands it none for a module, and compiling is a third of what a short command takes. The build keeps the code that
 * its own Node compiled, in `compiled/`; another Node finds none there, and compiles. So does the background gateway: it
 * starts once and stays, and code that it never runs would stay with it.
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { cachedDataVersionTag } from "node:v8"
import { Script } from "node:vm"
import { crc32 } from "node:zlib"
import { gatewayWord } from "./daemon/gatewayWord.ts"

type Exports = Record<string, unknown>

/** A script of the bundle is this function: `scripts/asScript.mjs` writes it so. */
type Run = (
  need: (id: string) => Exports,
  later: (id: string) => Promise<Exports>,
  outside: (id: string) => Promise<unknown>,
  node: NodeJS.Require,
  exports: Exports,
  meta: { readonly url: string }
) => void

// V8 tells its version, its flags and the processor, but not the kind of processor
const compiled = join(__dirname, "compiled", `${process.arch}-${cachedDataVersionTag().toString(16)}`)
const isCompiled = process.argv[2] !== gatewayWord && existsSync(compiled)

/**
 * What the build compiled of these very bytes. V8 believes such code and crashes with it when the disk has lost a part, so
 * its last four bytes are a checksum of the source and of itself.
 */
const codeOf = (id: string, source: Buffer): Buffer | undefined => {
  try {
    const file = readFileSync(join(compiled, `${id}.code`))
    const code = file.subarray(0, -4)
    return file.readUInt32LE(code.length) === crc32(code, crc32(source)) ? code : undefined
  } catch {
    return undefined
  }
}

const loaded = new Map<string, Exports>()

/** What a script exports. It runs once; the build sees to it that none needs one that needs it. */
const need = (id: string): Exports => {
  const known = loaded.get(id)
  if (known !== undefined) return known
  const file = join(__dirname, id)
  const source = readFileSync(file)
  const cachedData = isCompiled ? codeOf(id, source) : undefined
  const run: Run = new Script(source.toString(), { filename: file, cachedData }).runInThisContext()
  const exports: Exports = {}
  run(need, later, (name) => import(name), require, exports, { url: pathToFileURL(file).href })
  loaded.set(id, exports)
  return exports
}

/** As an `import()` does, it lets the script that asks run to its end first. */
const later = (id: string): Promise<Exports> => Promise.resolve(id).then(need)

need("./program.js")
