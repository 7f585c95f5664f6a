/** Lines of one turn of the event loop are written as one: a write costs more than a line. */
import { Effect, type Scope } from "effect"

/** Gathers lines, which bring their line breaks along, for `write`. None is lost when the scope closes or the process ends. */
export const gathering = (write: (text: string) => void): Effect.Effect<(line: string) => void, never, Scope.Scope> =>
  Effect.gen(function* () {
    let text = ""
    const flush = () => {
      const all = text
      text = ""
      if (all !== "") write(all)
    }
    process.on("exit", flush)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        flush()
        process.off("exit", flush)
      })
    )
    return (line) => {
      if (text === "") setImmediate(flush)
      text += line
    }
  })
