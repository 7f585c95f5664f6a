import { Command } from "@effect/cli"
import { Effect } from "effect"

const path = Command.make("path", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/configPath.ts")),
    ({ handle }) => handle
  )
).pipe(Command.withDescription("Show where the configuration is looked for, and which files are used."))

const validate = Command.make("validate", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/configValidate.ts")),
    ({ handle }) => handle
  )
).pipe(Command.withDescription("Check the configuration. The exit code is 2 when something is wrong."))

const trust = Command.make("trust", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/configTrust.ts")),
    ({ handle }) => handle
  )
).pipe(
  Command.withDescription(
    "Agree to what the project's configuration file decides about programs, addresses and keys. Asked again when that changes."
  )
)

const group = Command.make("config").pipe(Command.withDescription("Your configuration."))

/** `claudex config …`; `group` is the bare command, without its subcommands. */
export const config = {
  group,
  commands: [path, validate, trust] as const,
  all: Command.withSubcommands(group, [path, validate, trust])
}
