/** We ask for no compression; a server that compresses all the same is understood. */
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib"
import { bodyError } from "./TransportError.ts"
import type { UpstreamBody } from "./UpstreamHttp.ts"

const decoderOf = (encoding: string) => {
  switch (encoding.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip()
    case "deflate":
      return createInflate()
    case "br":
      return createBrotliDecompress()
    default:
      return undefined
  }
}

/** Whether `decoded` understands this `content-encoding`. */
export const isDecoded = (encoding: string | undefined): boolean =>
  encoding !== undefined && ["gzip", "x-gzip", "deflate", "br"].includes(encoding.trim().toLowerCase())

/** The body as it was before its `content-encoding`; unchanged when that is unknown or absent. */
export const decoded = (body: UpstreamBody, encoding: string | undefined, host: string): UpstreamBody => {
  const decoder = encoding === undefined ? undefined : decoderOf(encoding)
  if (decoder === undefined) return body
  let over = false
  const once = (tell: () => void) => {
    if (over) return
    over = true
    tell()
  }
  return {
    read: (reader) => {
      decoder.on("data", (chunk: Uint8Array) => {
        if (!over) reader.bytes(chunk)
      })
      decoder.once("end", () => once(reader.end))
      decoder.once("error", (cause) =>
        once(() => {
          body.release("now")
          reader.fail(bodyError(host, cause))
        })
      )
      decoder.on("drain", body.resume.bind(body))
      body.read({
        bytes: (chunk) => {
          if (!decoder.write(chunk)) body.pause()
        },
        end: () => void decoder.end(),
        fail: (error) =>
          once(() => {
            decoder.destroy()
            reader.fail(error)
          })
      })
    },
    pause: () => void decoder.pause(),
    resume: () => void decoder.resume(),
    release: (how) => {
      over = true
      decoder.destroy()
      body.release(how)
    }
  }
}
