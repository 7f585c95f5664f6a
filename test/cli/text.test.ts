import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { displayWidth, padded, startOf } from "../../src/cli/displayWidth.ts"
import { clip, columns, fold, table, wrap } from "../../src/cli/text.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

/** Letters of one column, of two, of none, and of several code points. */
const letter = fc.constantFrom(
  "a",
  "é",
  "e\u0301",
  "é",
  "Ω",
  "한",
  "漢",
  "ア",
  "ｱ",
  "Ａ",
  "🦊",
  "👨‍👩‍👧",
  "🇫🇷",
  "❤️",
  "1️⃣",
  "…",
  "\u200b"
)
const text = fc.array(letter, { maxLength: 60 }).map((letters) => letters.join(""))
const words = fc.array(fc.oneof(text, fc.constant(" ")), { maxLength: 12 }).map((all) => all.join(""))

describe("the width of a text in a terminal", () => {
  const widths: ReadonlyArray<readonly [string, number]> = [
    ["", 0],
    ["grok", 4],
    ["modèle", 6],
    ["mode\u0300le", 6],
    ["漢字", 4],
    ["한국어", 6],
    ["\u1112\u1161\u11ab", 2],
    ["アｱ", 3],
    ["Ａ", 2],
    ["🦊", 2],
    ["👨‍👩‍👧", 2],
    ["🇫🇷", 2],
    ["❤️❤", 3],
    ["𠮷", 2],
    ["…→", 2],
    ["\u200b", 0],
    ["a\ufffdb", 3]
  ]
  for (const [shown, width] of widths) {
    it(`is ${width} for "${shown}"`, () => expect(displayWidth(shown)).toBe(width))
  }

  it("is kept to by beginnings, which cut no letter and are as long as they can be", () =>
    holds(
      fc.property(text, fc.nat(70), (whole, most) => {
        const start = startOf(whole, most)
        expect(whole.startsWith(start)).toBe(true)
        expect(displayWidth(start)).toBeLessThanOrEqual(most)
        expect(displayWidth(start)).toBeGreaterThanOrEqual(Math.min(displayWidth(whole), most - 1))
        expect(displayWidth(start) + displayWidth(whole.slice(start.length))).toBe(displayWidth(whole))
      }),
      { numRuns: runs }
    ))

  it("is what padding fills up to", () =>
    holds(
      fc.property(text, fc.nat(70), (whole, width) => {
        expect(displayWidth(padded(whole, width))).toBe(Math.max(width, displayWidth(whole)))
      }),
      { numRuns: runs }
    ))
})

describe("texts for a terminal", () => {
  it("are never wider than it, whatever is written", () =>
    holds(
      fc.property(words, fc.integer({ min: 6, max: 100 }), (whole, most) => {
        const lines = [clip(whole), ...wrap("  ", whole, "    ")]
        expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80)
        expect(Math.max(...wrap("  ", whole, "    ", most).map(displayWidth))).toBeLessThanOrEqual(most)
      }),
      { numRuns: runs }
    ))

  it("lose nothing when they are wrapped", () =>
    holds(
      fc.property(words, (whole) => {
        const bare = (shown: string) => shown.replace(/\s+/g, "")
        expect(bare(wrap("", whole, "  ").join("\n"))).toBe(bare(whole))
      }),
      { numRuns: runs }
    ))

  it("end at words where they are folded, and lose nothing: not even a word that is wider than the terminal", () =>
    holds(
      fc.property(fc.array(words, { maxLength: 4 }), fc.integer({ min: 2, max: 100 }), (all, most) => {
        const whole = all.join("\n")
        const folded = fold(whole, most)
        expect(folded.replaceAll("\n", " ")).toBe(whole.replaceAll("\n", " "))
        const several = folded.split("\n").filter((line) => line.includes(" "))
        expect(Math.max(0, ...several.map(displayWidth))).toBeLessThanOrEqual(most)
      }),
      { numRuns: runs }
    ))

  it("are as they were where they fit", () => {
    expect(fold("one  two\n  three", 8)).toBe("one  two\n  three")
    expect(fold("/a/long/path is\nno such file", 8)).toBe("/a/long/path\nis\nno such\nfile")
  })

  it("stand in columns that begin at one place in every line, within 80 columns", () =>
    holds(
      fc.property(fc.array(fc.array(text, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 6 }), (rows) => {
        const marked = rows.map(([one = "", two = "", three = ""]) => [`${one}.`, `|${two}.`, `|${three}`])
        const lines = columns(marked)
        expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80)
        const starts = lines.map((line) =>
          [line.indexOf("|"), line.lastIndexOf("|")].map((at) => displayWidth(line.slice(0, at)))
        )
        expect(new Set(starts.map(String)).size).toBe(1)
      }),
      { numRuns: runs }
    ))

  it("are tables that fit into any terminal, and lose no cell where that is narrow", () =>
    holds(
      fc.property(fc.array(fc.tuple(words, words, words)), fc.integer({ min: 40, max: 100 }), (all, width) => {
        const { head, rows } = table(["name", "state", "much of it"], all, width)
        expect(rows).toHaveLength(all.length)
        for (const line of [...head, ...rows.flat()]) expect(displayWidth(line)).toBeLessThanOrEqual(width)
        if (head.length > 0) return
        for (const [at, [, ...cells]] of all.entries()) {
          const shown = rows[at]?.slice(1).join("").replaceAll(/\s/g, "") ?? ""
          for (const cell of cells) expect(shown).toContain(cell.replaceAll(/\s/g, ""))
        }
      }),
      { numRuns: runs }
    ))

  it("are tables whose cells stand below each other in a narrow terminal", () => {
    const rows = [
      ["grok", "up, 120 ms", "3 requests, 1 failed"],
      ["off", "", "0 requests"]
    ]
    expect(table(["profile", "health", "last hour"], rows, 41)).toEqual({
      head: ["profile  health      last hour"],
      rows: [["grok     up, 120 ms  3 requests, 1 failed"], ["off                  0 requests"]]
    })
    expect(table(["profile", "health", "requests of the last hour"], rows, 40)).toEqual({
      head: [],
      rows: [
        [
          "grok",
          "  health                     up, 120 ms",
          "  requests of the last hour  3 requests,",
          "                             1 failed"
        ],
        ["off", "  requests of the last hour  0 requests"]
      ]
    })
  })

  it("lose from the widest columns where they are too wide together", () => {
    const [line = ""] = columns([["short", "l".repeat(60), "m".repeat(60), "last"]])
    expect(line).toMatch(/^short {2}l+… {2}m+… {2}last$/)
    expect(line.length).toBeGreaterThan(77)
  })
})
