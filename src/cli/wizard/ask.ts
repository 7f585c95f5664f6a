/** Asks a question on the terminal. */
import { Prompt } from "@effect/cli"
import { Terminal } from "@effect/platform"
import { Effect, Option } from "effect"
import { harmless } from "../output.ts"
import { type Answering, answered, begin, type Choice, draw, erase, press, type Question } from "./question.ts"

const size = Effect.gen(function* () {
  const terminal = yield* Terminal.Terminal
  return { columns: yield* terminal.columns, rows: yield* terminal.rows }
})

/** What comes from a provider may hold anything. */
const safe = (question: Question): Question => ({
  ...question,
  choices: question.choices.map((choice) => ({ ...choice, shown: harmless(choice.shown).replaceAll("\n", " ") }))
})

/** A prompt looks at keys only: another size is told as one that types nothing, so that the question is drawn anew. */
const onResize = Effect.acquireRelease(
  Effect.sync(() => {
    const tell = () => process.stdin.emit("keypress", undefined, { name: "resize" })
    process.stdout.on("resize", tell)
    return tell
  }),
  (tell) => Effect.sync(() => process.stdout.off("resize", tell))
)

/** Has the terminal say what was pasted: a line break in that ends no question. One that knows nothing of it does nothing. */
const tellPastes = Effect.acquireRelease(
  Effect.sync(() => void process.stdout.write("\u001b[?2004h")),
  () => Effect.sync(() => void process.stdout.write("\u001b[?2004l"))
)

/** The answer. Fails when the user leaves; the terminal is as it was before in any case. */
export const ask = (asked: Question): Effect.Effect<string, Terminal.QuitException, Prompt.Prompt.Environment> => {
  const question = safe(asked)
  const prompt = Prompt.custom<Answering, Choice | undefined>(
    Effect.map(size, ({ columns, rows }) => begin(question, columns, rows)),
    {
      render: (_, action) =>
        Effect.succeed(
          action._tag === "NextFrame"
            ? draw(question, action.state)
            : action._tag === "Submit"
              ? answered(question, action.value)
              : ""
        ),
      process: ({ input, key }, state) =>
        Effect.map(size, (now) => {
          const step = press(question, { ...state, ...now }, { ...key, text: Option.getOrUndefined(input) })
          return step.is === "on"
            ? { _tag: "NextFrame" as const, state: step.state }
            : { _tag: "Submit" as const, value: step.is === "answer" ? step.choice : undefined }
        }),
      clear: (state) => Effect.map(size, ({ columns }) => erase(question, state, columns))
    }
  )
  return Effect.scoped(
    Effect.zipRight(
      Effect.zipRight(onResize, tellPastes),
      Effect.flatMap(Prompt.run(prompt), (choice) =>
        choice === undefined ? Effect.fail(new Terminal.QuitException()) : Effect.succeed(choice.value)
      )
    )
  )
}
