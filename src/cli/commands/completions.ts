import { Args, Command } from "@effect/cli"
import { Effect } from "effect"

const shell = Args.choice<"bash" | "zsh" | "fish">(
  [
    ["bash", "bash"],
    ["zsh", "zsh"],
    ["fish", "fish"]
  ],
  { name: "shell" }
).pipe(Args.withDescription("bash, zsh or fish"))

/** `claudex completions <shell>`: a script that makes the shell complete claudex's command lines. */
export const completions = Command.make("completions", { shell }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/completions.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Print a script that makes a shell complete commands, options, the names of your profiles and settings. A line in the shell's start-up file loads it."
  )
)
