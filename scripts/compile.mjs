/**
 * Keeps what V8 compiles of the scripts of a bundle, whole functions and all, in `compiled/` beside them: in a folder for
 * this kind of V8, under the script's own name, with a checksum at the end. `src/loader.ts` reads them.
 *
 *   node scripts/compile.mjs DIR
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { cachedDataVersionTag, setFlagsFromString } from "node:v8"
import { Script } from "node:vm"
import { crc32 } from "node:zlib"

/** Larger scripts are compiled when they are used: pdf.js, for requests that hold documents. */
const limit = 400_000

const [dir = ""] = process.argv.slice(2)
const target = join(dir, "compiled", `${process.arch}-${cachedDataVersionTag().toString(16)}`)
await mkdir(target, { recursive: true })

/** With every function: V8 leaves those out that nothing has called yet. The name is the one that stack traces give. */
const compile = (source, filename) => {
  setFlagsFromString("--no-lazy")
  const script = new Script(source, { filename })
  // the flags are a part of the code's mark, and the loader has the usual ones
  setFlagsFromString("--lazy")
  return script.createCachedData()
}

for (const name of (await readdir(dir)).filter((file) => file.endsWith(".js"))) {
  const source = await readFile(join(dir, name))
  if (source.length > limit) continue
  const code = compile(source.toString(), name)
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32LE(crc32(code, crc32(source)))
  await writeFile(join(target, name), Buffer.concat([code, checksum]))
}
