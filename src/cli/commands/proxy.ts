import { Command, Options } from "@effect/cli"
import { Effect, Option } from "effect"
import { called } from "../called.ts"

const portOf = (text: string): Option.Option<number> =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Option.some(Number(text)) : Option.none()

const port = Options.text("port").pipe(
  Options.withAlias("p"),
  Options.withPseudoName("PORT"),
  Options.filterMap(portOf, "A port is a whole number from 0 to 65535."),
  Options.withDescription("Listen on this port instead of proxy_port; 0 takes any free one."),
  Options.optional
)

const daemon = Options.boolean("daemon").pipe(
  Options.withAlias("d"),
  Options.withDescription("Start it in the background and return when it answers.")
)

const start = Command.make("start", { port, daemon }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/proxyStart.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Start the gateway in the foreground, logging to stderr. `claudex run` starts one in the background by itself when none runs."
  )
)

const stop = Command.make("stop", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/proxyStop.ts")),
    ({ handle }) => handle
  )
).pipe(
  Command.withDescription(
    "Stop the gateway. Answers that are under way may end for a few seconds; sessions that go on using it fail."
  )
)

const json = Options.boolean("json").pipe(Options.withDescription("Print it as one JSON document, for programs."))

const status = Command.make("status", { json }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/proxyStatus.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Tell whether the gateway runs, and where. When it runs: what it does, what is wrong with its configuration, and how its profiles are. The exit code is 1 when it does not run."
  )
)

const token = Command.make("token", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/proxyToken.ts")),
    ({ handle }) => handle
  )
).pipe(
  Command.withDescription(
    "Print the client token, which any other client of the gateway has to show. It is made once per installation and stays when the gateway stops; CLAUDEX_PROXY_TOKEN takes its place."
  )
)

const group = Command.make("proxy").pipe(Command.withDescription("The local gateway that Claude Code talks to."))

/** `claudex proxy …` */
export const proxy = called(group, [called(start), called(stop), called(status), called(token)])
