import { constants, deflateRawSync, inflateRawSync } from "node:zlib"
import { sha256 } from "@noble/hashes/sha2"
import { FastCheck as fc } from "effect"
import { deflateSync } from "fflate"
import { expect, test } from "vitest"
import { encodeBase64url } from "../../src/protocol/base64url.ts"
import { type Replay, seal, unseal } from "../../src/protocol/reasoning.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const anyText = fc.string({ unit: "binary", maxLength: 40 })
const replay: fc.Arbitrary<Replay> = fc.record({
  provider: anyText,
  model: anyText,
  protocol: fc.constantFrom("chat", "responses"),
  payload: fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)))
})

/** Raw deflate of `mebibytes` MiB of zeros: about a thousandth of its content. */
const zeros = (mebibytes: number): Uint8Array => {
  const flushed = deflateRawSync(Buffer.alloc(1024 * 1024), { finishFlush: constants.Z_SYNC_FLUSH })
  return Buffer.concat([...Array.from({ length: mebibytes }, () => flushed), deflateRawSync(Buffer.alloc(0))])
}

/** An envelope around any bytes, with a checksum that is right. */
const envelope = (deflated: Uint8Array) =>
  `cdx1.${encodeBase64url(Buffer.concat([sha256(deflated).subarray(0, 4), deflated]))}`
const around = (text: string) => envelope(deflateSync(new TextEncoder().encode(text)))

test("what was sealed is unsealed (L20)", async () => {
  await holds(
    fc.property(replay, (value) => {
      expect(unseal(seal(value))).toEqual(value)
    }),
    { numRuns: runs }
  )
})

test("an envelope is safe in JSON, headers and URLs", async () => {
  await holds(
    fc.property(replay, (value) => {
      expect(seal(value)).toMatch(/^cdx1\.[A-Za-z0-9_-]+$/)
      expect(seal(value)).toBe(seal(value))
    }),
    { numRuns: runs }
  )
})

test("every envelope with one character changed, lost or added is refused (L20)", async () => {
  const letters = "ABCXYZabcxyz0189-_.=+ \u0000é".split("")
  await holds(
    fc.property(replay, fc.constantFrom(...letters), (value, letter) => {
      const whole = seal(value)
      for (let at = 0; at < whole.length; at++) {
        const changed = whole.slice(0, at) + letter + whole.slice(at + 1)
        expect(changed !== whole && unseal(changed) !== undefined).toBe(false)
        expect(unseal(whole.slice(0, at) + whole.slice(at + 1))).toBeUndefined()
        expect(unseal(whole.slice(0, at) + letter + whole.slice(at))).toBeUndefined()
      }
    }),
    { numRuns: Math.ceil(runs / 4) }
  )
})

test("every other letter in every place of one envelope is refused (L20)", () => {
  const whole = seal({ provider: "openrouter", model: "m", protocol: "chat", payload: { rc: "=" } })
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
  const changed = [...whole].flatMap((_, at) =>
    [...alphabet].map((letter) => whole.slice(0, at) + letter + whole.slice(at + 1))
  )
  const accepted = changed.filter((text) => unseal(text) !== undefined)
  expect(new Set(accepted)).toEqual(new Set([whole]))
})

test("text without the prefix is foreign (L20)", async () => {
  await holds(
    fc.property(fc.oneof(anyText, fc.base64String()), (text) => {
      expect(unseal(text)).toBeUndefined()
    }),
    { numRuns: runs }
  )
  expect(unseal("cdx1.")).toBeUndefined()
  expect(unseal("cdx2.AAAA")).toBeUndefined()
})

test("unsealing is total: any bytes behind a right checksum, and any JSON, give a replay or nothing", async () => {
  await holds(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.json(), (bytes, json) => {
      expect(unseal(envelope(bytes))).toBeUndefined()
      expect(unseal(around(json))).toBeUndefined()
    }),
    { numRuns: runs }
  )
})

test("a well-made envelope of another shape or version is refused", () => {
  const right = { v: 1, p: "p", m: "m", k: "chat", d: null }
  expect(unseal(around(JSON.stringify(right)))).toEqual({ provider: "p", model: "m", protocol: "chat", payload: null })
  const wrong: ReadonlyArray<unknown> = [
    { ...right, v: 2 },
    { ...right, p: 1 },
    { ...right, m: null },
    { ...right, k: "other" },
    { v: 1, p: "p", m: "m", k: "chat" },
    [right],
    null
  ]
  for (const value of wrong) expect(unseal(around(JSON.stringify(value)))).toBeUndefined()
  expect(unseal(around(`${JSON.stringify(right)}{`))).toBeUndefined()
})

test("text that is not UTF-8 is refused", () => {
  const text = new TextEncoder().encode('{"v":1,"p":"p","m":"m","k":"chat","d":"é"}')
  expect(unseal(envelope(deflateSync(text)))).toBeDefined()
  const broken = text.with(text.length - 3, 0xff)
  expect(unseal(envelope(deflateSync(broken)))).toBeUndefined()
})

test("8 MiB of content pass, more do not, and a bomb is not inflated", () => {
  const frame = JSON.stringify({ v: 1, p: "p", m: "m", k: "chat", d: "" })
  const limit = 8 * 1024 * 1024
  const sized = (size: number) => around(frame.replace('""', `"${"a".repeat(size - frame.length)}"`))
  expect(unseal(sized(limit))).toBeDefined()
  expect(unseal(sized(limit + 1))).toBeUndefined()

  expect(inflateRawSync(zeros(3)).length).toBe(3 * 1024 * 1024)
  const bomb = zeros(1024)
  expect(bomb.length).toBeLessThan(2 * 1024 * 1024)
  const before = process.memoryUsage().arrayBuffers
  expect(unseal(envelope(bomb))).toBeUndefined()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 1024 * 1024)
})
