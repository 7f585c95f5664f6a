import { createHash } from "node:crypto"
import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { makeNameMap } from "../../src/protocol/names.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex")

const common = /^[a-zA-Z0-9_-]{1,64}$/
const letterFirst = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/
const gemini = /^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/
const short = /^[a-zA-Z0-9_-]{1,40}$/
const pattern = fc.constantFrom(common, letterFirst, gemini, short)

const mcpName = fc
  .tuple(fc.stringMatching(/^[a-z]{1,40}$/), fc.stringMatching(/^[a-zA-Z_]{1,80}$/))
  .map(([server, tool]) => `mcp__${server}__${tool}`)

/** Full Unicode, 1 to 128 characters, lone surrogates included, and many that share their beginning. */
const name = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 128 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 64 }),
  fc.string({ minLength: 1, maxLength: 128 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 128 })
    .map((units) => String.fromCharCode(...units)),
  fc.stringMatching(/^[a-zA-Z0-9_-]{1,128}$/),
  mcpName,
  fc.nat(5).map((at) => `mcp__server__${"long_name_".repeat(6)}${at}`),
  fc.constantFrom("Read", "read", "READ", "Bash", "web search", "é", "😀", "\ud83d", "\ud83e", "_", "-", "1st", "")
)
const names = fc.array(name, { maxLength: 12 })

const table = (all: ReadonlyArray<string>, options?: Parameters<typeof makeNameMap>[1]) => {
  const map = makeNameMap(all, options)
  return { map, pairs: [...new Set(all)].map((client) => [client, map.up(client)] as const) }
}

test("names come back exactly, land in the pattern, never collide, and legal names stay (L6)", async () => {
  await holds(
    fc.property(names, pattern, (all, legal) => {
      const { map, pairs } = table(all, { pattern: legal })
      for (const [client, provider] of pairs) {
        expect(provider).toMatch(legal)
        expect(map.down(provider)).toBe(client)
        expect(provider === client).toBe(legal.test(client))
      }
      expect(new Set(pairs.map(([, provider]) => provider)).size).toBe(pairs.length)
    }),
    { numRuns: runs * 2 }
  )
})

test("the table depends only on the set of names, not on their order or number (L6)", async () => {
  await holds(
    fc.property(
      names.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        expect(table([...shuffled, ...all]).pairs.toSorted()).toEqual(table(all).pairs.toSorted())
      }
    ),
    { numRuns: runs }
  )
})

test("a short name depends on its own name only, so histories keep their bytes when tools are added", async () => {
  await holds(
    fc.property(mcpName, fc.array(mcpName, { maxLength: 6 }), (client, others) => {
      expect(makeNameMap([...others, client]).up(client)).toBe(makeNameMap([client]).up(client))
    }),
    { numRuns: runs }
  )
})

test("a short name is the readable head and a hash of the whole", () => {
  const client = `mcp__${"x".repeat(100)}`
  expect(makeNameMap([client]).up(client)).toBe(`mcp__${"x".repeat(50)}_${sha256(client).slice(0, 8)}`)
  expect(makeNameMap([]).up("größe")).toMatch(/^gr__e_[0-9a-f]{8}$/)
  // a character outside the basic plane is one character
  expect(makeNameMap([]).up("a😀b")).toMatch(/^a_b_[0-9a-f]{8}$/)
  expect(makeNameMap([]).up("")).toMatch(/^_[0-9a-f]{8}$/)
})

test("a name that needs a letter first gets one", () => {
  const map = makeNameMap(["1st", "😀"], { pattern: letterFirst })
  expect(map.up("1st")).toMatch(/^t_1st_[0-9a-f]{8}$/)
  expect(map.down(map.up("1st"))).toBe("1st")
  expect(makeNameMap(["1st"], { pattern: gemini }).up("1st")).toMatch(/^_1st_[0-9a-f]{8}$/)
})

test("when the short form of a name is taken by a legal name, the legal name keeps it", () => {
  const client = "a name with blanks"
  const taken = makeNameMap([]).up(client)
  const map = makeNameMap([client, taken])
  expect(map.up(taken)).toBe(taken)
  expect(map.up(client)).not.toBe(taken)
  expect(map.down(map.up(client))).toBe(client)
  expect(map.down(taken)).toBe(taken)
})

test("names with one and the same hash get different short names", () => {
  // Two lone surrogates have the same (replacement) UTF-8 form.
  const map = makeNameMap(["\ud83d", "\ud83e"])
  expect(map.up("\ud83d")).not.toBe(map.up("\ud83e"))
  expect(map.down(map.up("\ud83e"))).toBe("\ud83e")
})

test("the mapping is total, and an unknown name never reaches another tool", async () => {
  await holds(
    fc.property(names, name, pattern, (all, unknown, legal) => {
      fc.pre(!all.includes(unknown))
      const { map, pairs } = table(all, { pattern: legal })
      expect(map.up(unknown)).toMatch(legal)
      expect(pairs.map(([, provider]) => provider)).not.toContain(map.up(unknown))
      map.down(unknown)
    }),
    { numRuns: runs }
  )
})

test("a provider that bends a name a little is understood", () => {
  const long = `mcp__server__${"y".repeat(90)}`
  const map = makeNameMap(["Read", "Bash", long])
  expect(map.down(" Read\n")).toBe("Read")
  expect(map.down("read")).toBe("Read")
  expect(map.down("BASH ")).toBe("Bash")
  expect(map.down(map.up(long).toUpperCase())).toBe(long)
  expect(map.down("functions.Bash")).toBe("Bash")
  expect(map.down("functions.other")).toBe("functions.other")
  expect(makeNameMap(["functions.Bash", "Bash"], { pattern: /^[\w.]+$/ }).down("functions.Bash")).toBe("functions.Bash")
  // a model may have read the real name in the conversation
  expect(map.down(long)).toBe(long)
  expect(map.down(long.toUpperCase())).toBe(long)
  expect(map.down(" nothing like it ")).toBe("nothing like it")
})

test("letters' case decides only when one tool is meant", () => {
  const map = makeNameMap(["read", "READ", "old"], { tools: ["Write"] })
  expect(map.down("read")).toBe("read")
  expect(map.down("Read")).toBe("Read")
  expect(map.down("write")).toBe("Write")
  // not a tool of this request any more
  expect(map.down("OLD")).toBe("OLD")
})

test("knows tells the request's tools by their provider names", () => {
  const long = "z".repeat(80)
  const map = makeNameMap(["Gone", long], { tools: [long, "Read"] })
  expect(map.knows("Read")).toBe(true)
  expect(map.knows(map.up(long))).toBe(true)
  expect(map.knows(long)).toBe(false)
  expect(map.knows("Gone")).toBe(false)
  expect(map.knows("read")).toBe(false)
  expect(makeNameMap(["Gone"]).knows("Gone")).toBe(true)
})

test("a pattern with a state of its own does no harm", () => {
  const map = makeNameMap(["Read", "Reader", "Bash"], { pattern: /^[a-zA-Z]{1,64}$/g })
  for (const client of ["Read", "Reader", "Bash"]) expect(map.up(client)).toBe(client)
})
