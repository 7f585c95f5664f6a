import { Args, Command } from "@effect/cli"
import { Effect } from "effect"
import { placeWords, profileWords } from "./profileWords.ts"

const own = Args.text({ name: "profile" }).pipe(Args.withDescription("a profile of your configuration"))

/** `claudex profile edit <profile>`: what is named, or answered, in the place of what stands there. */
export const edit = Command.make("edit", { profile: own, ...profileWords, ...placeWords }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/profileEdit.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Change a profile where it stands; with no option, on a terminal, you are asked, and Enter leaves each as it is. Only what is named changes, comments and order stay, and nothing changes at all when the configuration would not be valid then."
  )
)
