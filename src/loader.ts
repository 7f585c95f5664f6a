#!/usr/bin/env node
/**
 * The file that `claudex` is once it is built: it loads the scripts of the archive beside it, `program.js` (made of
 * `bin.ts`) first.
 *
 * The build makes them ES modules first and scripts then (`scripts/asScript.mjs`): V8 takes compiled code for a script, but
 * Node 20 hands it none for a module, and compiling is a third of what a short command takes. The build keeps the code that
 * its own Node compiled in an archive of its own; another Node finds none, and compiles. So does the background gateway: it
 * starts once and stays, and code that it never runs would stay with it.
 *
 * They are in one file, which stays open: a gateway, and a session, loads parts of itself days after it began, when an
 * update may long have put another version in its place.
 */
import { openSync, readSync } from "node:fs"
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

/** A file of an archive by its name; empty where it has none. `scripts/archive.mjs` says how an archive is made. */
type Archive = (name: string) => Buffer

const opened = (path: string): Archive => {
  const file = openSync(path, "r")
  const read = (at: number, length: number): Buffer => {
    const bytes = Buffer.allocUnsafeSlow(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, at))
  }
  const head = read(0, 4).readUInt32LE()
  const index: { readonly [name: string]: readonly [at: number, length: number] } = JSON.parse(read(4, head).toString())
  return (name) => {
    const [at = 0, length = 0] = index[name] ?? []
    return read(4 + head + at, length)
  }
}

const none: Archive = () => Buffer.alloc(0)

/** An archive that can be done without. */
const openedIfThere = (path: string): Archive => {
  try {
    return opened(path)
  } catch {
    return none
  }
}

const scripts = opened(join(__dirname, "scripts.archive"))

// V8 tells its version, its flags and the processor, but not the kind of processor
const kind = (): string => `${process.arch}-${cachedDataVersionTag().toString(16)}`
const compiled = process.argv[2] === gatewayWord ? none : openedIfThere(join(__dirname, `compiled-${kind()}.archive`))

/**
 * What the build compiled of these very bytes. V8 believes such code and crashes with it when the disk has lost a part, so
 * its last four bytes are a checksum of the source and of itself. Node has the function since 20.15.
 */
const codeOf = (name: string, source: Buffer): Buffer | undefined => {
  const file = compiled(name)
  if (file.length < 4 || typeof crc32 !== "function") return undefined
  const code = file.subarray(0, -4)
  return file.readUInt32LE(code.length) === crc32(code, crc32(source)) ? code : undefined
}

const loaded = new Map<string, Exports>()

/** What a script exports. It runs once; the build sees to it that none needs one that needs it. */
const need = (id: string): Exports => {
  const known = loaded.get(id)
  if (known !== undefined) return known
  const name = id.slice(2)
  const source = scripts(name)
  const script = new Script(source.toString(), { filename: name, cachedData: codeOf(name, source) })
  const run: Run = script.runInThisContext()
  const exports: Exports = {}
  const { href } = pathToFileURL(join(__dirname, name))
  run(need, later, (other) => import(other), require, exports, { url: href })
  loaded.set(id, exports)
  return exports
}

/** As an `import()` does, it lets the script that asks run to its end first. */
const later = (id: string): Promise<Exports> => Promise.resolve(id).then(need)

need("./program.js")
