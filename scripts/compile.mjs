/**
 * Keeps what V8 compiles of the scripts of a bundle, whole functions and all, in an archive beside theirs that is named
 * after this kind of V8: under the scripts' own names, each with a checksum at the end. `src/loader.ts` reads them.
 *
 *   node scripts/compile.mjs DIR/scripts.archive
 */
import { readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { cachedDataVersionTag, setFlagsFromString } from "node:v8"
import { Script } from "node:vm"
import { crc32 } from "node:zlib"
import { packed, unpacked } from "./archive.mjs"

/** Compiled when it is used, by requests that hold documents: its code is as large as that of all others together. */
const rare = /^chunk-pdfjs-/

/** With every function: V8 leaves those out that nothing has called yet. The name is the one that stack traces give. */
const compile = (source, filename) => {
  setFlagsFromString("--no-lazy")
  const script = new Script(source, { filename })
  // the flags are a part of the code's mark, and the loader has the usual ones
  setFlagsFromString("--lazy")
  return script
}

const [path = ""] = process.argv.slice(2)
const compiled = new Map()
for (const [name, source] of unpacked(await readFile(path))) {
  const script = compile(source.toString(), name)
  if (rare.test(name)) continue
  const code = script.createCachedData()
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32LE(crc32(code, crc32(source)))
  compiled.set(name, Buffer.concat([code, checksum]))
}
const kind = `${process.arch}-${cachedDataVersionTag().toString(16)}`
await writeFile(join(dirname(path), `compiled-${kind}.archive`), packed(compiled))
