import { Args, Command, Options } from "@effect/cli"
import { Effect } from "effect"
import { placeWords, profileWords } from "./profileWords.ts"

const adding = {
  name: Args.text({ name: "name" }).pipe(
    Args.withDescription("what the profile is called; as its provider unless given"),
    Args.optional
  ),
  ...profileWords,
  ...placeWords,
  yes: Options.boolean("yes").pipe(Options.withAlias("y"), Options.withDescription("Ask nothing."))
}

/** `claudex profile add [name]`: a profile from the words of the command line, or from answers. */
export const add = Command.make("add", adding, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/profileAdd.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Add a profile behind all else in your own file; without --provider, on a terminal, you are asked for what it needs. Nothing else of the file changes, and nothing at all when the configuration would not be valid then. A key is never given in the command, only the variable that holds it; the questions take one unseen, and keep it where you say."
  )
)
