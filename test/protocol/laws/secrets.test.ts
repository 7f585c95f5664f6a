import { Encoding, FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { hideSecrets, maskSecrets } from "../../../src/protocol/secrets.ts"
import { holds } from "../../support/holds.ts"
import { runs } from "../../support/runs.ts"

/** What can be a key or the value of a header: visible ASCII, of the length from which it is a secret. */
const secret = fc.string({
  unit: fc.constantFrom(...Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at))),
  minLength: 8,
  maxLength: 60
})

/** Words around it in which no secret of that length is. */
const around = fc.array(fc.constantFrom("no", "such", "key", "", "\n", "é", "🔑", " of ", "x"), { maxLength: 6 })

/** How a provider, a proxy or a library writes a secret that it repeats. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "in JSON": (text) => JSON.stringify(text).slice(1, -1),
  "in JSON in JSON": (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
  "in JSON with slashes escaped": (text) => JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/"),
  "in a URL": encodeURIComponent,
  "in a URL, in small letters": (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  "in a form": (text) => new URLSearchParams({ v: text }).toString().slice(2),
  "in base64": Encoding.encodeBase64,
  "as a password in Basic auth": (text) => Encoding.encodeBase64(`user:${text}`),
  "as a user in Basic auth": (text) => Encoding.encodeBase64(`${text}:password`),
  "in base64 for URLs": Encoding.encodeBase64Url,
  "in HTML": (text) =>
    text.replace(/[&<>"']/g, (letter) => `&${{ "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "#39" }[letter]};`)
}

/** What is left of the secret's bytes in base64, whatever stands before it: the part that all three alignments have. */
const readable = (text: string, hidden: string): boolean =>
  [...text.matchAll(/[A-Za-z0-9+/_-]{8,}/g)].some(([run]) =>
    [0, 1, 2, 3].some((cut) => {
      const decoded = Encoding.decodeBase64UrlString(
        run
          .slice(cut)
          .replaceAll("+", "-")
          .replaceAll("/", "_")
          .replace(/^((?:.{4})*).?$/, "$1")
      )
      return decoded._tag === "Right" && decoded.right.includes(hidden)
    })
  )

for (const [how, spelt] of Object.entries(spellings)) {
  test(`a known secret of 8 or more characters never gets through, ${how}`, async () => {
    await holds(
      fc.property(secret, around, around, fc.boolean(), (hidden, before, after, whole) => {
        const text = [...before, `"${spelt(hidden)}"`, ...after].join("")
        const masked = (whole ? maskSecrets : hideSecrets)(text, [hidden])
        fc.pre(!"[masked]".includes(hidden))
        expect(masked).not.toContain(spelt(hidden))
        expect(masked).not.toContain(hidden)
        expect(readable(masked, hidden)).toBe(false)
        expect(masked).toContain("[masked]")
      }),
      { numRuns: runs }
    )
  })
}

test("of several secrets none gets through because of another one", async () => {
  await holds(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), around, (hidden, between) => {
      // one begins with another, or holds it
      const known = [...hidden, ...hidden.slice(1).map((one) => `${hidden[0]}${one}`)]
      const masked = hideSecrets(known.join(` ${between.join("")} `), known)
      expect(known.filter((one) => !"[masked]".includes(one) && masked.includes(one))).toEqual([])
    }),
    { numRuns: runs }
  )
})

test("a secret of nothing but backslashes costs no more than another one", () => {
  const hidden = `${"\\".repeat(40)}x`
  const text = "\\".repeat(5_000)
  expect(hideSecrets(text, [hidden])).toBe(text)
  expect(hideSecrets(JSON.stringify(hidden), [hidden])).toBe('"[masked]"')
})

test("what is no secret stays as it is, whatever is escaped in it", async () => {
  await holds(
    fc.property(secret, fc.string({ maxLength: 200 }), (hidden, text) => {
      fc.pre(!hideSecrets(text, [hidden]).includes("[masked]"))
      expect(hideSecrets(text, [hidden])).toBe(text)
    }),
    { numRuns: runs }
  )
})
