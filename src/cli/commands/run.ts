import { Args, Command, Options } from "@effect/cli"
import { Effect } from "effect"

const profile = Args.text({ name: "profile" }).pipe(
  Args.withDescription(
    "the profile of your configuration to run with, or demo, which needs no key; where it is left out: default_profile, or a choice in a terminal"
  ),
  Args.optional
)

const model = Options.text("model").pipe(
  Options.withAlias("m"),
  Options.withPseudoName("MODEL"),
  Options.withDescription("Use this model of the provider, or this alias of your configuration."),
  Options.optional
)

const noGateway = Options.boolean("no-gateway").pipe(
  Options.withDescription(
    "Start Claude Code without the gateway, as a profile of Claude Code's own login does; an error with any other."
  )
)

/** `claudex run <profile>`: Claude Code against a profile. Its own arguments come after the profile. */
export const run = Command.make("run", { profile, model, noGateway }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/run.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Run Claude Code with a profile. Everything after the profile that is not listed here goes to Claude Code as it is, and its exit code comes back."
  )
)
