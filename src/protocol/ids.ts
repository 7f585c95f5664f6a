/**
 * Tool call ids within both sides' limits, without any table: what the client replays is enough to find the provider's
 * own id again (wire specification §4.8).
 */
import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex } from "@noble/hashes/utils"
import { decodeBase64url, encodeBase64url } from "./base64url.ts"

/** What a client accepts as the id of a call. */
const clientLegal = /^[a-zA-Z0-9_-]+$/
/** Marks a provider's id that the client could not have taken as it is. */
const mark = "cdx_"

// A leading byte order mark is part of an id, so it must survive.
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const utf8 = new TextEncoder()

/** With the `u` flag a surrogate matches only when it stands alone; such text has no UTF-8 form. */
const loneSurrogate = /\p{Surrogate}/u

const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** The provider id inside an id that `downId` wrote, else undefined. */
const openId = (id: string): string | undefined => {
  if (!id.startsWith(mark)) return undefined
  const bytes = decodeBase64url(id.slice(mark.length))
  const own = bytes === undefined ? undefined : decodeUtf8(bytes)
  // Ends: `own` is shorter than `id`.
  return own !== undefined && own !== "" && downId(own) === id ? own : undefined
}

/**
 * Client id → provider id. An id that `downId` wrote gives the provider's own id back; others stay as they are when
 * `pattern` allows, else become `call_` and a hash. The same function serves calls and results, so pairs survive.
 */
export const upId = (id: string, pattern: RegExp): string =>
  openId(id) ?? (id.search(pattern) !== -1 ? id : `call_${bytesToHex(sha256(utf8.encode(id))).slice(0, 32)}`)

/**
 * Provider id → client id. Legal ids stay; others (Kimi's `functions.Read:0`), and those that look as if written here,
 * are encoded reversibly. Undefined when the client needs a fresh id: the provider gave none, or no proper text.
 */
export const downId = (id: string): string | undefined => {
  if (id === "" || loneSurrogate.test(id)) return undefined
  return clientLegal.test(id) && openId(id) === undefined ? id : mark + encodeBase64url(utf8.encode(id))
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
/** Bytes from here on would favour the first letters. */
const unbiased = Math.floor(256 / base62.length) * base62.length

/** Asking for random bytes costs the same for one as for a thousand. */
let entropy = new Uint8Array(0)
let used = 0
const randomByte = (): number => {
  if (used >= entropy.length) {
    entropy = globalThis.crypto.getRandomValues(new Uint8Array(1024))
    used = 0
  }
  return entropy[used++] ?? 0
}

/** A random id as Anthropic writes them: the prefix and 24 letters or digits (142 bits). */
export const freshId = (prefix: "toolu_" | "srvtoolu_" | "msg_" | "req_"): string => {
  let id: string = prefix
  for (let letters = 0; letters < 24;) {
    const byte = randomByte()
    if (byte >= unbiased) continue
    id += base62.charAt(byte % base62.length)
    letters += 1
  }
  return id
}
