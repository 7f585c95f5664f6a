import { describe, expect, it } from "@effect/vitest"
import { NodeContext } from "@effect/platform-node"
import { Args, Command, Options } from "@effect/cli"
import { Effect, Either, FastCheck as fc } from "effect"
import { type Called, called, calledAt } from "../../src/cli/called.ts"
import { claudex, words } from "../../src/cli/commands.ts"
import { readWords } from "../../src/cli/words.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const below = <E, R>(
  { commands, word }: Called<E, R>,
  path: ReadonlyArray<string> = []
): ReadonlyArray<readonly [ReadonlyArray<string>, Called<E, R>["word"]]> => [
  [path, word],
  ...commands.flatMap((command) => below(command, [...path, command.word.name]))
]

/** A group with a command that takes one of everything, and one whose name may stand for an argument too. */
const sample = () => {
  const heard: Array<unknown> = []
  const say = (options: unknown) => Effect.sync(() => void heard.push(options))
  const taking = Command.make(
    "take",
    {
      name: Args.text({ name: "name" }),
      more: Args.text({ name: "more" }).pipe(Args.optional),
      text: Options.text("text").pipe(Options.withAlias("t"), Options.optional),
      all: Options.boolean("all").pipe(Options.withAlias("a")),
      level: Options.choice("level", ["low", "high"]).pipe(Options.optional)
    },
    say
  )
  const other = Command.make("other", {}, () => say("other"))
  const group = Command.make("group")
  const root = Command.make("claudex")
  const tree = Command.withSubcommands(root, [Command.withSubcommands(group, [other, taking])])
  return {
    heard,
    whole: Command.run(tree, { name: "claudex", version: "1", executable: "claudex" }),
    byItself: called(root, [called(group, [called(other), called(taking)])])
  }
}

describe("a command by itself", () => {
  it("is found for every command by its words, and none is named twice", () => {
    const all = below(claudex)
    expect(new Set(all.map(([path]) => path.join(" "))).size).toBe(all.length)
    for (const [path, word] of all) {
      expect(calledAt(claudex, path).word).toBe(word)
      expect(Either.map(readWords(words, [...path, "--help"]), ({ command }) => command)).toEqual(Either.right(word))
    }
  })

  it("reads the same as the parser with all commands in one", async () => {
    const { byItself, heard, whole } = sample()
    const plain = fc.string({ minLength: 1, maxLength: 6 }).filter((text) => !text.startsWith("-"))
    // where all are tried, a command's name cuts the line wherever it stands
    const text = plain.filter((one) => !["group", "take", "other"].includes(one))
    const value = fc.oneof(text, fc.constantFrom("-", "1", "yes", "a=b"))
    const options = fc.subarray(["text", "all", "level"] as const).chain((names) =>
      fc.tuple(fc.constant(names), value, fc.constantFrom("low", "high")).map(([chosen, given, level]) =>
        chosen.flatMap((name) => {
          if (name === "all") return ["-a"]
          return name === "text" ? ["--text", given] : ["--level", level]
        })
      )
    )
    await holds(
      fc.asyncProperty(
        options,
        fc.array(
          value.filter((one) => one !== "-"),
          { minLength: 1, maxLength: 2 }
        ),
        async (given, taken) => {
          const line = ["group", "take", ...given, ...taken]
          heard.length = 0
          const reading = Either.getOrThrow(readWords(byItself.word, line))
          const alone = calledAt(byItself, reading.path).run(reading.words.slice(reading.path.length))
          await Effect.runPromise(Effect.provide(alone, NodeContext.layer))
          await Effect.runPromise(
            Effect.provide(whole([process.execPath, "claudex", ...reading.words]), NodeContext.layer)
          )
          expect(heard).toHaveLength(2)
          expect(heard[0]).toEqual(heard[1])
          return true
        }
      ),
      { numRuns: runs }
    )
  })

  it("takes for an argument what could be the value of a switch, or the name of another command", async () => {
    const { byItself, heard } = sample()
    for (const [first, second] of [
      ["yes", "0"],
      ["other", "take"]
    ] as const) {
      const reading = Either.getOrThrow(readWords(byItself.word, ["group", "take", first, second, "--all"]))
      const alone = calledAt(byItself, reading.path).run(reading.words.slice(reading.path.length))
      await Effect.runPromise(Effect.provide(alone, NodeContext.layer))
      expect(heard.splice(0)).toMatchObject([{ name: first, more: { value: second }, all: true }])
    }
  })

  it("fails for what is left over, and for an option of the parser that is none of ours", async () => {
    const { byItself } = sample()
    const outcome = (...line: ReadonlyArray<string>) =>
      Effect.runPromise(
        Effect.either(calledAt(byItself, ["group", "take"]).run(line)).pipe(Effect.provide(NodeContext.layer))
      )
    for (const line of [["a", "b", "c"], ["--help"], ["--wizard"]]) {
      expect(await outcome(...line)).toMatchObject({ _tag: "Left", left: { _tag: expect.any(String) } })
    }
  })
})
