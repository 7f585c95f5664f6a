/**
 * Files in one, for `src/loader.ts`: the length of the index in four bytes, the index as JSON (name to the place and the
 * length of the content behind the index), and the contents.
 */

/** @param {ReadonlyMap<string, Uint8Array>} files */
export const packed = (files) => {
  const index = {}
  let at = 0
  for (const [name, content] of files) {
    index[name] = [at, content.length]
    at += content.length
  }
  const head = Buffer.from(JSON.stringify(index))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  return Buffer.concat([length, head, ...files.values()])
}

/** @param {Buffer} archive */
export const unpacked = (archive) => {
  const start = 4 + archive.readUInt32LE()
  const index = JSON.parse(archive.subarray(4, start).toString())
  return new Map(
    Object.entries(index).map(([name, [at, length]]) => [name, archive.subarray(start + at, start + at + length)])
  )
}
