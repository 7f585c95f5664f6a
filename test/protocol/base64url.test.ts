import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { decodeBase64url, encodeBase64url } from "../../src/protocol/base64url.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const bytes = fc.uint8Array({ maxLength: 200 })

test("bytes are spelled as the platform spells them", async () => {
  await holds(
    fc.property(bytes, (value) => {
      expect(encodeBase64url(value)).toBe(Buffer.from(value).toString("base64url"))
    }),
    { numRuns: runs }
  )
})

test("what was encoded decodes to the same bytes", async () => {
  await holds(
    fc.property(bytes, (value) => {
      expect(decodeBase64url(encodeBase64url(value))).toEqual(new Uint8Array(value))
    }),
    { numRuns: runs }
  )
})

test("only the canonical spelling of bytes is accepted", async () => {
  const letter = fc.constantFrom(..."AQgwx-_9+/= é\u0000".split(""))
  await holds(
    fc.property(fc.array(letter, { maxLength: 12 }), (letters) => {
      const text = letters.join("")
      const canonical = Buffer.from(text, "base64url").toString("base64url") === text
      expect(decodeBase64url(text)).toEqual(canonical ? new Uint8Array(Buffer.from(text, "base64url")) : undefined)
    }),
    { numRuns: runs * 5 }
  )
})

test("stray bits, padding and the other base64 alphabet are refused", () => {
  for (const text of ["QR", "QQ==", "Q", "+/8", "QQ\n", "\u0151Q"]) expect(decodeBase64url(text)).toBeUndefined()
  expect(decodeBase64url("")).toEqual(new Uint8Array())
  expect(decodeBase64url("QQ")).toEqual(new Uint8Array([65]))
})

test("a body of several megabytes survives", () => {
  const large = new Uint8Array(3_000_001).map((_, at) => (at * 31) & 255)
  const decoded = decodeBase64url(encodeBase64url(large)) ?? new Uint8Array()
  expect(Buffer.compare(decoded, large)).toBe(0)
})
