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

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/** Ids made of a hash: what most providers take, and the nine letters or digits that Mistral wants (53 bits). */
const shapes: ReadonlyArray<(digest: Uint8Array) => string> = [
  (digest) => `call_${bytesToHex(digest).slice(0, 32)}`,
  (digest) =>
    Array.from({ length: 9 }, (_, n) => base62.charAt(((digest[n] ?? 0) * 256 + (digest[n + 9] ?? 0)) % 62)).join("")
]

const takes = (pattern: RegExp, id: string): boolean => id.search(pattern) !== -1

/** An id in the provider's pattern that stands for another one; `attempt` makes different ones. */
const standIn = (id: string, pattern: RegExp, attempt: number): string => {
  const digest = sha256(utf8.encode(attempt === 0 ? id : `${id}\0${attempt}`))
  const made = shapes.map((shape) => shape(digest))
  return made.find((candidate) => takes(pattern, candidate)) ?? made[0] ?? id
}

/**
 * Client id → provider id. An id that `downId` wrote gives the provider's own id back, others stay as they are, where
 * `pattern` takes them: the history may be another provider's. Else a hash stands for the id. The same function serves
 * calls and results, so pairs survive.
 */
export const upId = (id: string, pattern: RegExp): string => {
  const own = openId(id)
  if (own !== undefined && takes(pattern, own)) return own
  return takes(pattern, id) ? id : standIn(id, pattern, 0)
}

/** `upId` for the ids of one request: no two become the same. */
export const makeIdMap = (pattern: RegExp): ((id: string) => string) => {
  const known = new Map<string, string>()
  const taken = new Set<string>()
  return (id) => {
    const found = known.get(id)
    if (found !== undefined) return found
    let sent = upId(id, pattern)
    for (let attempt = 1; taken.has(sent); attempt++) sent = standIn(id, pattern, attempt)
    known.set(id, sent)
    taken.add(sent)
    return sent
  }
}

/**
 * Provider id → client id. Legal ids stay; others (Kimi's `functions.Read:0`), and those that look as if written here,
 * are encoded reversibly. Undefined when the client needs a fresh id: the provider gave none, or no proper text.
 */
export const downId = (id: string): string | undefined => {
  if (id === "" || loneSurrogate.test(id)) return undefined
  return clientLegal.test(id) && openId(id) === undefined ? id : mark + encodeBase64url(utf8.encode(id))
}

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
