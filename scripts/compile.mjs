/**
 * Keeps what V8 compiles of the scripts of a bundle, whole functions and all, in `compiled/` beside them: in a folder for
 * this kind of V8, under the script's name and `.code`, with a checksum at the end. `src/loader.ts` reads them.
 *
 *   node scripts/compile.mjs DIR
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { cachedDataVersionTag, setFlagsFromString } from "node:v8"
import { Script } from "node:vm"
import { crc32 } from "node:zlib"

/** Compiled when it is used, by requests that hold documents: its code is as large as that of all others together. */
const rare = /^chunk-pdfjs-/

const [dir = ""] = process.argv.slice(2)
const target = join(dir, "compiled", `${process.arch}-${cachedDataVersionTag().toString(16)}`)
await mkdir(target, { recursive: true })

/** With every function: V8 leaves those out that nothing has called yet. The name is the one that stack traces give. */
const compile = (source, filename) => {
  setFlagsFromString("--no-lazy")
  const script = new Script(source, { filename })
  // the flags are a part of the code's mark, and the loader has the usual ones
  setFlagsFromString("--lazy")
  return script
}

for (const name of (await readdir(dir)).filter((file) => file.endsWith(".js"))) {
  const source = await readFile(join(dir, name))
  const script = compile(source.toString(), name)
  if (rare.test(name)) continue
  const code = script.createCachedData()
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32LE(crc32(code, crc32(source)))
  await writeFile(join(target, `${name}.code`), Buffer.concat([code, checksum]))
}
