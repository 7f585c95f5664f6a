import { createHash } from "node:crypto"
import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { encodeBase64url } from "../../src/protocol/base64url.ts"
import { downId, freshId, makeIdMap, upId } from "../../src/protocol/ids.ts"
import { genericPolicy } from "../../src/protocol/policy.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const chat = /^[a-zA-Z0-9_-]{1,40}$/
const clientLegal = /^[a-zA-Z0-9_-]+$/

const encoded = (id: string) => `cdx_${encodeBase64url(new TextEncoder().encode(id))}`

/** Ids as providers make them: legal ones, odd ones, and ones that look as if this gateway had made them. */
const plainId = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_-]{1,40}$/),
  fc.stringMatching(/^call_[a-zA-Z0-9]{24}$/),
  fc.stringMatching(/^functions\.[A-Za-z_]{1,30}:[0-9]{1,2}$/),
  fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
  fc.stringMatching(/^cdx_[a-zA-Z0-9_-]{0,36}$/),
  fc.constant("\ufefffunctions.Read:0")
)
const id = fc.oneof(plainId, plainId.map(encoded), plainId.map(encoded).map(encoded))

const isText = (value: string) => Buffer.from(value, "utf8").toString("utf8") === value

/** What providers take: the common pattern, Kimi's, Mistral's, and a server that takes anything. */
const kimi = /^[a-zA-Z0-9_.:-]{1,80}$/
const mistral = /^[a-zA-Z0-9]{9}$/
const anything = /^[^]+$/
const patterns = fc.constantFrom(chat, kimi, mistral, anything)

test("a provider gets its own id back, whatever it looks like, for as long as it takes such ids itself (L7)", async () => {
  await holds(
    fc.property(id.filter(isText), patterns, (value, pattern) => {
      fc.pre(pattern.test(value))
      expect(upId(downId(value) ?? "", pattern)).toBe(value)
    }),
    { numRuns: runs * 5 }
  )
})

test("[4.14 Kimi] functions.X:0 round-trips for Kimi, also with the longest names (L7)", async () => {
  await holds(
    fc.property(fc.stringMatching(/^functions\.[a-zA-Z0-9_-]{1,64}:[0-9]{1,3}$/), (value) => {
      expect(downId(value)).toMatch(clientLegal)
      for (const pattern of [kimi, genericPolicy.idPattern]) expect(upId(downId(value) ?? "", pattern)).toBe(value)
      // and another provider does not see it
      expect(upId(downId(value) ?? "", chat)).toMatch(/^(cdx_[a-zA-Z0-9_-]{1,36}|call_[0-9a-f]{32})$/)
    }),
    { numRuns: runs }
  )
})

test("[4.14 Mistral] every id becomes nine letters or digits, always the same, and pairs stay pairs (L7)", async () => {
  await holds(
    fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 20 }), (all) => {
      const [first, second] = [makeIdMap(mistral), makeIdMap(mistral)]
      const sent = all.map(first)
      for (const value of sent) expect(value).toMatch(mistral)
      expect(new Set(sent).size).toBe(all.length)
      expect(all.map(second)).toEqual(sent)
      expect(all.map(first)).toEqual(sent)
    }),
    { numRuns: runs * 2 }
  )
  expect(upId("aB3dE6gH9", mistral)).toBe("aB3dE6gH9")
})

test("ids of one request that would become the same are told apart", () => {
  const hashed = upId("toolu_1", mistral)
  const map = makeIdMap(mistral)
  expect(map(hashed)).toBe(hashed)
  expect(map("toolu_1")).toMatch(mistral)
  expect(map("toolu_1")).not.toBe(hashed)
  expect(map("toolu_1")).toBe(map("toolu_1"))
})

test("ids for the client are always legal there, and different ids stay different", async () => {
  await holds(
    fc.property(id, id, (one, other) => {
      const [a, b] = [downId(one), downId(other)]
      expect(a ?? "fresh").toMatch(clientLegal)
      expect(b ?? "fresh").toMatch(clientLegal)
      expect(a !== undefined && a === b).toBe(a !== undefined && one === other)
    }),
    { numRuns: runs * 5 }
  )
})

test("legal ids of a provider reach the client unchanged, unless they look encoded", async () => {
  await holds(
    fc.property(fc.stringMatching(/^[a-zA-Z0-9_-]{1,80}$/), (value) => {
      fc.pre(!value.startsWith("cdx_"))
      expect(downId(value)).toBe(value)
    }),
    { numRuns: runs }
  )
  expect(downId("cdx_hello")).toBe("cdx_hello")
  expect(downId(encoded("a b"))).toBe(encoded(encoded("a b")))
})

test("ids for the provider lie in its pattern, are identity on legal ids, and never collide (L7)", async () => {
  const clientId = fc.oneof(id, fc.string({ minLength: 1, maxLength: 200 }))
  await holds(
    fc.property(clientId, clientId, patterns, (one, other, pattern) => {
      const map = makeIdMap(pattern)
      const sent = map(one)
      expect(sent).toMatch(pattern)
      // an id of the provider's own making comes back as it made it
      const isOwn = sent !== one && downId(sent) === one
      expect(isOwn || !pattern.test(one) || sent === one).toBe(true)
      expect(sent === map(other)).toBe(one === other)
    }),
    { numRuns: runs * 5 }
  )
})

test("an id that is too long or odd for the provider becomes call_ and a hash, always the same", () => {
  const long = "x".repeat(41)
  expect(upId(long, chat)).toMatch(/^call_[0-9a-f]{32}$/)
  expect(upId(long, chat)).toBe(upId(long, chat))
  expect(upId(long, /^[a-zA-Z0-9_-]{1,64}$/)).toBe(long)
  expect(upId("toolu_é", chat)).toBe(`call_${createHash("sha256").update("toolu_é").digest("hex").slice(0, 32)}`)
})

test("a pattern with a state of its own does no harm", () => {
  const stateful = /^[a-z]{1,5}$/g
  for (const value of ["abc", "abcde", "abc"]) expect(upId(value, stateful)).toBe(value)
})

test("no id, or text that has no UTF-8 form, asks for a fresh id", () => {
  expect(downId("")).toBeUndefined()
  expect(downId("a\ud800")).toBeUndefined()
  expect(downId("\udc00b")).toBeUndefined()
  expect(downId("😀")).toBe("cdx_8J-YgA")
})

test("what only resembles an encoded id is left alone", () => {
  // decodes, but this gateway would not have encoded it
  expect(upId(encoded("legal"), chat)).toBe(encoded("legal"))
  // not canonical, not UTF-8, empty, padded
  for (const value of ["cdx_8J-YgB", "cdx__w", "cdx_", "cdx_8J-YgA=="]) {
    expect(upId(value, /./)).toBe(value)
  }
})

test("fresh ids are 24 letters or digits behind their prefix, and all letters and digits occur", () => {
  const ids = Array.from({ length: 500 }, () => freshId("toolu_"))
  for (const value of ids) expect(value).toMatch(/^toolu_[0-9A-Za-z]{24}$/)
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(ids.flatMap((value) => value.slice(6).split(""))).size).toBe(62)
  expect(freshId("msg_")).toMatch(/^msg_[0-9A-Za-z]{24}$/)
})
