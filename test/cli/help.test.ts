import { describe, expect, it } from "vitest"
import { words } from "../../src/cli/commands.ts"
import type { CommandWord } from "../../src/cli/grammar.ts"
import { renderHelp } from "../../src/cli/help.ts"
import { version } from "../../src/domain/version.ts"
import { makeUser } from "../support/claudex.ts"

type Place = readonly [path: ReadonlyArray<string>, command: CommandWord]

const placesIn = (command: CommandWord, path: ReadonlyArray<string>): ReadonlyArray<Place> => [
  [path, command],
  ...command.commands.flatMap((one) => placesIn(one, [...path, one.name]))
]

const places = placesIn(words, [])

const helpOf = ([path, command]: Place) => renderHelp(words, path, command, "0.0.0")

describe("the help of each command", () => {
  for (const place of places) {
    const name = ["claudex", ...place[0]].join(" ")
    it(`${name} is as it was agreed upon`, async () => {
      await expect(helpOf(place)).toMatchFileSnapshot(`./help/${name.replaceAll(" ", "-")}.txt`)
    })
  }

  it("has examples", () => {
    expect(places.filter((place) => !helpOf(place).includes("\n\nExamples:\n")).map(([path]) => path)).toEqual([])
  })

  it("fits a terminal of 80 columns", () => {
    const long = places.flatMap((place) =>
      helpOf(place)
        .split("\n")
        .filter((line) => line.length > 80)
    )
    expect(long).toEqual([])
  })

  it("says the same in a terminal of any other width, within it but for a word that is longer", () => {
    const wordsIn = (text: string) => text.split(/\s+/).filter((word) => word !== "")
    for (const width of [40, 60, 79, 100]) {
      for (const [path, command] of places) {
        const text = renderHelp(words, path, command, "0.0.0", width)
        expect(wordsIn(text)).toEqual(wordsIn(helpOf([path, command])))
        const tooLong = text.split("\n").filter((line) => line.length > width && wordsIn(line).length > 1)
        expect(tooLong).toEqual([])
      }
    }
  })

  it("is what the program prints", { timeout: 120_000 }, async () => {
    const user = await makeUser()
    // after the profile, --help is Claude Code's
    for (const place of places) {
      const outcome = await user.run([...place[0], "--help"])
      expect(outcome).toEqual({
        code: 0,
        signal: null,
        stdout: renderHelp(words, ...place, version),
        stderr: ""
      })
    }
  })
})
