/** A request's body: read within limits, inflated, parsed. */
import type { HttpServerRequest } from "@effect/platform"
import { Effect, Either } from "effect"
import { Decompress } from "fflate"
import type { ConfigFile } from "../config/ConfigFile.ts"
import { gatewayError } from "../protocol/errors.ts"
import { survey, type Survey } from "../protocol/anthropic/splice.ts"
import { jsonPrefix } from "../protocol/jsonPrefix.ts"
import { joinBytes } from "../upstream/collect.ts"
import type { Exchange } from "./Exchange.ts"
import type { MemoryBudget } from "./MemoryBudget.ts"
import { refuse, Refused } from "./Refused.ts"
import type { WireShape } from "./Wire.ts"

const utf8 = new TextDecoder()

const megabytes = (bytes: number): string => `${Math.floor(bytes / (1024 * 1024))} MB`

/** The client must send less; trying again is no use. */
export const tooLarge = (limit: number): Effect.Effect<never, Refused> =>
  refuse("request_too_large", `the request body is larger than ${megabytes(limit)}`, { shouldRetry: false })

/** fflate inflates all of a piece at once: small pieces keep a bomb small. */
const inflatePiece = 4 * 1024

/** gzip and deflate, told apart by their own marks; undefined when the result exceeds the limit or the data is broken. */
const inflate = (bytes: Uint8Array, limit: number): Uint8Array | "too large" | "broken" => {
  const pieces: Array<Uint8Array> = []
  let size = 0
  try {
    const stream = new Decompress((piece) => {
      size += piece.length
      if (size <= limit) pieces.push(piece)
    })
    for (let at = 0; at < bytes.length; at += inflatePiece) {
      const end = at + inflatePiece
      stream.push(bytes.subarray(at, end), end >= bytes.length)
      if (size > limit) return "too large"
    }
  } catch {
    return "broken"
  }
  return joinBytes(pieces)
}

const inflated = (bytes: Uint8Array, encoding: string, limit: number): Effect.Effect<Uint8Array, Refused> => {
  if (encoding === "identity") return Effect.succeed(bytes)
  if (!/^(x-)?gzip$|^deflate$/.test(encoding)) {
    return refuse("invalid_request_error", `content-encoding ${encoding} is not known here; send gzip, deflate or none`)
  }
  const result = inflate(bytes, limit)
  if (result === "too large") return tooLarge(limit)
  return result === "broken"
    ? refuse("invalid_request_error", `the request body is not valid ${encoding}`)
    : Effect.succeed(result)
}

/** Where text stops being a JSON object, as line and column from 1. */
const faultIn = (text: string): string => {
  const slice = 64 * 1024
  const scan = jsonPrefix()
  let at = 0
  while (at < text.length && scan.push(text.slice(at, at + slice)) !== "broken") at += slice
  if (at >= text.length) return "it ends too early"
  const again = jsonPrefix()
  again.push(text.slice(0, at))
  while (at < text.length && again.push(text.charAt(at)) !== "broken") at += 1
  const before = text.slice(0, at).split("\n")
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`
}

/** Where bytes stop being a JSON object, as line and column from 1. */
const placeOf = (bytes: Uint8Array, at: number): string => {
  if (at >= bytes.length) return "it ends too early"
  const before = utf8.decode(bytes.subarray(0, at)).split("\n")
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`
}

const notJson = (place: string): Effect.Effect<never, Refused> =>
  refuse("invalid_request_error", `the request body is not JSON: ${place}`)

/** The value of a request's body. */
export const parsed = (bytes: Uint8Array): Effect.Effect<unknown, Refused> => {
  const text = utf8.decode(bytes)
  try {
    return Effect.succeed(JSON.parse(text))
  } catch {
    return notJson(faultIn(text))
  }
}

/** What there is to know of a request that may be handed on as it is. */
export const surveyed = (bytes: Uint8Array): Effect.Effect<Survey, Refused> => {
  const found = survey(bytes)
  return Either.isRight(found) ? Effect.succeed(found.right) : notJson(placeOf(bytes, found.left))
}

/** The request's body, inflated, whatever its content-type says. */
export const readBody = (
  wire: WireShape,
  request: HttpServerRequest.HttpServerRequest,
  limit: number
): Effect.Effect<Uint8Array, Refused> => {
  // Refused before anything is read, so that the client hears it at once.
  if (Number(request.headers["content-length"] ?? 0) > limit) return tooLarge(limit)
  return Effect.flatMap(wire.read(request, limit), (sent) => {
    if (sent === "too large") return tooLarge(limit)
    if (sent === "broken") return refuse("invalid_request_error", "the request body broke off")
    const encoding = (request.headers["content-encoding"] ?? "").trim().toLowerCase()
    return encoding === "" ? Effect.succeed(sent) : inflated(sent, encoding, limit)
  })
}

/** What a body is read within. */
export interface BodyTools {
  readonly wire: WireShape
  readonly memoryBudget: MemoryBudget
  /** Bytes. */
  readonly maxBody: number
}

const full = new Refused({
  error: gatewayError("rate_limit_error", "claudex holds as many requests as its memory_mb allows", { retryAfter: 2 })
})

/**
 * The request's body, within what all requests together may hold until each is over. A body that tells its size is let in or
 * not before it is read; one that does not, or that was packed, when it is known.
 */
export const heldBody = (
  { maxBody, memoryBudget, wire }: BodyTools,
  { ends }: Pick<Exchange, "ends">,
  request: HttpServerRequest.HttpServerRequest,
  { limits }: Pick<ConfigFile, "limits">
): Effect.Effect<Uint8Array, Refused> =>
  Effect.suspend(() => {
    const most = limits.memory * 1024 * 1024
    const announced = Number(request.headers["content-length"] ?? 0) || 0
    // no use in coming back
    if (announced > maxBody) return tooLarge(maxBody)
    const share = memoryBudget.open()
    ends.push(share.release)
    if (!share.hold(announced, most)) return Effect.fail(full)
    return Effect.flatMap(readBody(wire, request, maxBody), (bytes) =>
      share.hold(bytes.length, most) ? Effect.succeed(bytes) : Effect.fail(full)
    )
  })

/** The request's JSON. */
export const readJson = (
  wire: WireShape,
  request: HttpServerRequest.HttpServerRequest,
  limit: number
): Effect.Effect<unknown, Refused> => Effect.flatMap(readBody(wire, request, limit), parsed)
