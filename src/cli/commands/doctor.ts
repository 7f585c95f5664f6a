import { Command, Options } from "@effect/cli"
import { Effect } from "effect"

const json = Options.boolean("json").pipe(Options.withDescription("Print it as one JSON document, for programs."))

const loopback = Options.boolean("loopback").pipe(
  Options.withDescription("Have Claude Code ask the demo too. Starts the gateway when none runs.")
)

/** `claudex doctor`: whether everything is in place. */
export const doctor = Command.make("doctor", { json, loopback }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/doctor.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Check that everything is in place, and tell what to do where it is not: Node, Claude Code, the configuration, the gateway and its port, proxies and certificates, and for each enabled profile its key and its provider, which is asked for its list of models. The exit code is 1 when a check fails."
  )
)
