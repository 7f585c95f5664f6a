/**
 * Carries a provider's opaque reasoning through the client: sealed into `thinking.signature` or
 * `redacted_thinking.data`, which clients replay byte for byte.
 *
 * Envelope: `cdx1.` + base64url(checksum ++ deflated), where `deflated` is raw deflate of UTF-8 JSON
 * `{v:1,p:provider,m:model,k:protocol,d:payload}` and `checksum` the first 4 bytes of its SHA-256. The checksum covers
 * the compressed bytes, because deflate leaves bits unused that a checksum of the content would not notice.
 */
import { sha256 } from "@noble/hashes/sha2"
import { deflateSync, Inflate } from "fflate"
import { decodeBase64url, encodeBase64url } from "./base64url.ts"

/** What a provider wants back. `payload` is JSON; its shape belongs to the protocol that made it. */
export interface Replay {
  /** Provider kind that produced it, e.g. "openrouter". */
  readonly provider: string
  /** Model family that produced it. */
  readonly model: string
  readonly protocol: "chat" | "responses"
  readonly payload: unknown
}

/** How every envelope begins, and nothing that a provider signs. */
export const envelopePrefix = "cdx1."
const checksumLength = 4
/** Envelopes come from the client, so a small one must not be able to fill the memory. */
const maxInflated = 8 * 1024 * 1024
/** Deflate expands at most 1032 times: no slice can exceed the limit by much before it is noticed. */
const slice = 2048

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const checksum = (bytes: Uint8Array): Uint8Array => sha256(bytes).subarray(0, checksumLength)

/** The envelope for a payload: URL-safe text without padding. */
export const seal = (replay: Replay): string => {
  const { provider, model, protocol, payload = null } = replay
  const json = JSON.stringify({ v: 1, p: provider, m: model, k: protocol, d: payload })
  const deflated = deflateSync(utf8.encode(json))
  const framed = new Uint8Array(checksumLength + deflated.length)
  framed.set(checksum(deflated))
  framed.set(deflated, checksumLength)
  return envelopePrefix + encodeBase64url(framed)
}

/** The content as text; undefined once it grows over the limit. Throws on anything that is not deflate or not UTF-8. */
const inflate = (deflated: Uint8Array): string | undefined => {
  const parts: Array<Uint8Array> = []
  let size = 0
  const stream = new Inflate((part) => {
    parts.push(part)
    size += part.length
  })
  for (let at = 0; at < deflated.length; at += slice) {
    stream.push(deflated.subarray(at, at + slice), at + slice >= deflated.length)
    if (size > maxInflated) return undefined
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return strictUtf8.decode(whole)
}

const readJson = (deflated: Uint8Array): unknown => {
  try {
    const text = inflate(deflated)
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const toReplay = (value: unknown): Replay | undefined => {
  if (typeof value !== "object" || value === null) return undefined
  if (!("v" in value && "p" in value && "m" in value && "k" in value && "d" in value)) return undefined
  const { v, p, m, k, d } = value
  if (v !== 1 || typeof p !== "string" || typeof m !== "string" || (k !== "chat" && k !== "responses")) return undefined
  return { provider: p, model: m, protocol: k, payload: d }
}

/** What was sealed; undefined for every text that `seal` did not write, damaged envelopes included. */
export const unseal = (envelope: string): Replay | undefined => {
  if (!envelope.startsWith(envelopePrefix)) return undefined
  const framed = decodeBase64url(envelope.slice(envelopePrefix.length))
  if (framed === undefined || framed.length <= checksumLength) return undefined
  const deflated = framed.subarray(checksumLength)
  const intact = checksum(deflated).every((byte, at) => byte === framed[at])
  return intact ? toReplay(readJson(deflated)) : undefined
}
