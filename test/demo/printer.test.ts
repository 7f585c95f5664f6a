import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { makePrinter, wrap } from "../../scripts/demoPrinter.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const printed = (use: (printer: ReturnType<typeof makePrinter>) => void, colours = false) => {
  let text = ""
  use(makePrinter((piece) => (text += piece), colours))
  return text
}

const words = fc.array(
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 20 }).map((word) => word.replaceAll(/\s/g, "_"))
)

describe("the demo's printer", () => {
  it("wraps at the width and loses no word", async () => {
    await holds(
      fc.property(words, fc.integer({ min: 20, max: 80 }), (list, width) => {
        const lines = wrap(list.join(" "), width)
        return lines.every((line) => line.length <= width) && lines.join(" ") === list.join(" ")
      }),
      { numRuns: runs }
    )
  })

  it("streams within 80 columns however the text is cut, and loses no word", async () => {
    await holds(
      fc.property(words, fc.integer({ min: 1, max: 9 }), (list, size) => {
        const text = list.join(" ")
        const out = printed((printer) => {
          for (let at = 0; at < text.length; at += size) printer.stream("says", text.slice(at, at + size))
          printer.endStream()
        })
        const lines = out.split("\n")
        const said = out
          .replace(/^says/, "")
          .split(/\s+/)
          .filter((word) => word !== "")
        return lines.every((line) => line.length <= 80) && said.join(" ") === text
      }),
      { numRuns: runs }
    )
  })

  it("starts a paragraph for each label, keeps line ends, and indents what belongs together", () => {
    const out = printed((printer) => {
      printer.heading("Request 1")
      printer.block("client", ["one line", "another"])
      printer.stream("thinks", "first ")
      printer.stream("thinks", "then\nnext")
      printer.stream("says", "hello")
      printer.endStream()
    })
    expect(out.split("\n")).toEqual([
      "",
      "Request 1",
      "---------",
      "client      one line",
      "            another",
      "thinks      first then",
      "            next",
      "says        hello",
      ""
    ])
  })

  it("uses colours only where they are wanted", () => {
    const use = (printer: ReturnType<typeof makePrinter>) => {
      printer.heading("Title")
      printer.stream("thinks", "deep")
      printer.endStream()
    }
    expect(printed(use)).not.toContain("\u001b")
    expect(printed(use, true)).toContain("\u001b[1mTitle\u001b[0m")
  })
})
