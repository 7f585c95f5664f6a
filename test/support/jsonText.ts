/** JSON as text in all the ways it may be written: what a value is stays open, how it looks is the point. */
import { FastCheck as fc } from "effect"
import { dice, type Dice, seed } from "../../src/testing/json.ts"

const spaces = ["", "", "", " ", "\n", "\t", "\r\n", "  \n "] as const

/** White space, more often none. */
export const space = (random: Dice): string => random.pick(spaces)

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

/** A string's text with some characters as `\u` escapes. */
export const stringText = (value: string, random: Dice): string =>
  // by UTF-16 unit, as JSON's own escapes are
  `"${Array.from({ length: value.length }, (_, at) => value.charAt(at))
    .map((unit) => {
      const surrogate = /[\ud800-\udfff]/.test(unit)
      return surrogate || random.roll(6) === 1 ? escaped(unit) : JSON.stringify(unit).slice(1, -1)
    })
    .join("")}"`

/** Numbers that lose something when they are read and written again. */
const numbers = [
  "0",
  "-0",
  "1e400",
  "-1E+400",
  "123456789012345678901234567890",
  "0.10",
  "1.0",
  "1e-7",
  "5E05",
  "3.141592653589793238462643"
] as const

/** The beginnings of strings that somebody may look for in bytes, and what is hard to skip. */
const strings = [
  "",
  "model",
  '"model":"x"',
  "\\",
  '\\"',
  "}]",
  "日本語",
  "😀",
  "\u0000\u001f",
  "\u2028",
  "data: ",
  "cdx1.",
  `${"x".repeat(200)}\\"${"y".repeat(90)}\\`,
  '\\"'.repeat(150)
] as const

const scalar = (random: Dice): string => {
  switch (random.roll(4)) {
    case 0:
      return random.pick(numbers)
    case 1:
      return random.pick(["true", "false", "null"])
    default:
      return stringText(random.pick(strings), random)
  }
}

const list = (open: string, close: string, random: Dice, item: () => string): string => {
  const items = Array.from({ length: random.roll(4) }, () => space(random) + item() + space(random))
  return open + (items.length === 0 ? space(random) : items.join(",")) + close
}

/** A value of at most so many levels. */
export const valueText = (random: Dice, depth: number): string => {
  const kind = depth === 0 ? 0 : random.roll(4)
  if (kind === 2) return list("[", "]", random, () => valueText(random, depth - 1))
  if (kind !== 3) return scalar(random)
  return list("{", "}", random, () => memberText(random.pick(strings), valueText(random, depth - 1), random))
}

/** A key and its value's text, with some white space. */
export const memberText = (key: string, value: string, random: Dice): string =>
  `${stringText(key, random)}${space(random)}:${space(random)}${value}`

/** The text of a JSON value: odd white space, escapes, duplicate keys, numbers no program can hold. */
export const jsonText: fc.Arbitrary<string> = seed.map((given) => {
  const random = dice(given)
  return space(random) + valueText(random, 3) + space(random)
})
