import { Command, Options } from "@effect/cli"
import { Effect, Option } from "effect"
import { logLevels } from "../../daemon/logLines.ts"

const follow = Options.boolean("follow").pipe(
  Options.withAlias("f"),
  Options.withDescription("Go on with what is written from now on, until Ctrl-C.")
)

const profile = Options.text("profile").pipe(
  Options.withAlias("p"),
  Options.withPseudoName("PROFILE"),
  Options.withDescription("Only what concerns this profile."),
  Options.optional
)

const level = Options.choice("level", logLevels).pipe(
  Options.withAlias("l"),
  Options.withPseudoName("LEVEL"),
  Options.withDescription("Only lines of this level or above: trace, debug, info, warn or error."),
  Options.withDefault("trace" as const)
)

const countOf = (text: string): Option.Option<number> =>
  /^\d{1,9}$/.test(text) ? Option.some(Number(text)) : Option.none()

const lines = Options.text("lines").pipe(
  Options.withAlias("n"),
  Options.withPseudoName("COUNT"),
  Options.filterMap(countOf, "The number of lines is a whole number, 0 or more."),
  Options.withDescription("How many of the last lines are shown; 100 unless given."),
  Options.withDefault(100)
)

const json = Options.boolean("json").pipe(
  Options.withDescription("Print each line as one JSON document on a line of its own, for programs.")
)

/** `claudex logs`: the log of the background gateway, whether one runs or not. */
export const logs = Command.make("logs", { follow, profile, level, lines, json }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/logs.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Show the end of the gateway's log. It is there also when no gateway runs, and holds a line per request, without what was said in it."
  )
)
