/** Texts, names and ids as they occur in prompts and answers, with the ones that break translators. */
import { FastCheck as fc } from "effect"

const tricky: ReadonlyArray<string> = [
  "data: [DONE]\n\n",
  "event: error",
  "a\r\nb\rc\n",
  "\u2028\u2029",
  "\ufeffx",
  "\u0000\u001f",
  "  padded  ",
  "😀👩‍👩‍👧‍👦",
  "日本語",
  "é\u0301",
  '{"a":',
  '"quoted" \\ back',
  "Error: no such file",
  "<tool_use_error>no</tool_use_error>",
  "a <think> in the middle </think>",
  "</think>",
  "<thi",
  "null",
  "x-anthropic-billing-header: cc_version=2.1.330.000;",
  "<system-reminder>\nhint\n</system-reminder>"
]

/** A short text that is never blank. */
export const text: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 4, arbitrary: fc.lorem({ maxCount: 3 }) },
    { weight: 2, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 8 }) },
    { weight: 3, arbitrary: fc.constantFrom(...tricky) }
  )
  .filter((value) => value.trim() !== "")

/** Text that carries nothing. */
export const blank: fc.Arbitrary<string> = fc.constantFrom("", " ", "\n\n", "\t")

/** Mostly text, sometimes blank. */
export const anyText: fc.Arbitrary<string> = fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: blank })

const characters = (alphabet: string): fc.Arbitrary<string> => fc.constantFrom(...alphabet)

const nameCharacter = characters("abcXYZ019_-")

/** A name inside every provider's pattern. */
export const plainName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("Read", "Bash", "mcp__srv__tool", "web_search"),
  fc.string({ unit: characters("abcdefgh_XYZ"), minLength: 1, maxLength: 12 })
)

const sharedStart = "mcp__quarterly-reports-server__search_records_with_a_really_long_descr"

/** Any tool name up to 200 characters: plain, too long with a shared start of 70 characters, or of any characters. */
export const toolName: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: plainName },
  { weight: 2, arbitrary: fc.string({ unit: nameCharacter, maxLength: 40 }).map((end) => sharedStart + end) },
  { weight: 1, arbitrary: fc.string({ unit: nameCharacter, minLength: 60, maxLength: 200 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom("a b", "a.b", "a/b", "ünïcode", "functions.Read", " Read ", "read", "READ") }
)

/** A call id that Anthropic and every provider accepts. */
export const plainId: fc.Arbitrary<string> = fc
  .string({ unit: characters("abcdeABCDE0123456789"), minLength: 4, maxLength: 24 })
  .map((end) => `toolu_${end}`)

/** Any call id from 1 to 200 characters, with those that real servers produce. */
export const callId: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: plainId },
  { weight: 1, arbitrary: fc.nat(9).map((n) => `functions.Read:${n}`) },
  { weight: 1, arbitrary: fc.string({ unit: nameCharacter, minLength: 36, maxLength: 200 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("call_1", "1", "a/b c", "cdx_", "cdx_!!", "call_0123456789abcdef0123456789abcdef")
  }
)

/** Base64 with the padding cases, as a file would have it. */
export const base64: fc.Arbitrary<string> = fc
  .base64String({ minLength: 4, maxLength: 12 })
  .filter((data) => data !== "")
