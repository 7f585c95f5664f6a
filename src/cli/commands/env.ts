import { Args, Command, Options } from "@effect/cli"
import { Effect } from "effect"

const profile = Args.text({ name: "profile" }).pipe(Args.withDescription("a profile of your configuration, or demo"))

const model = Options.text("model").pipe(
  Options.withAlias("m"),
  Options.withPseudoName("MODEL"),
  Options.withDescription("Show it for this model of the provider, or this alias of your configuration."),
  Options.optional
)

const explain = Options.boolean("explain").pipe(
  Options.withDescription("Tell the reason for each variable and argument too.")
)

const shell = Options.boolean("shell").pipe(
  Options.withDescription("Print lines for eval in a POSIX shell, secrets included, and start the gateway if need be.")
)

const fish = Options.boolean("fish").pipe(Options.withDescription("The same as --shell, for fish."))

const json = Options.boolean("json").pipe(
  Options.withDescription("Print it as one JSON document, for programs; the reasons are always in it.")
)

/** `claudex env <profile>`: what `claudex run <profile>` changes for Claude Code. */
export const env = Command.make("env", { profile, model, explain, shell, fish, json }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/env.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Show the environment variables that `claudex run` sets for Claude Code and those it takes away. Starts nothing and shows no secrets, save with --shell or --fish, which are for starting claude by hand in this directory."
  )
)
