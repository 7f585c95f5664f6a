/** All commands: as the parser knows them, and as words for help and suggestions. */
import { Command, Options } from "@effect/cli"
import { Effect } from "effect"
import { called } from "./called.ts"
import { completions } from "./commands/completions.ts"
import { config } from "./commands/config.ts"
import { env } from "./commands/env.ts"
import { doctor } from "./commands/doctor.ts"
import { explain } from "./commands/explain.ts"
import { logs } from "./commands/logs.ts"
import { profile } from "./commands/profile.ts"
import { proxy } from "./commands/proxy.ts"
import { run } from "./commands/run.ts"
import type { CommandWord } from "./grammar.ts"

// read out of the command line before the parser sees it, because it may stand anywhere; here for the help
const configFile = Options.text("config").pipe(
  Options.withPseudoName("PATH"),
  Options.withDescription("Read this configuration file too; it counts more than all others."),
  Options.optional
)

const root = Command.make("claudex", { configFile }, () =>
  Effect.flatMap(
    Effect.promise(() => import("./handlers/welcome.ts")),
    ({ handle }) => handle
  )
).pipe(Command.withDescription("Run Claude Code with any model provider."))

export const claudex = called(root, [
  called(run),
  called(env),
  profile,
  proxy,
  called(logs),
  called(explain),
  config,
  called(doctor),
  called(completions)
])

export const words: CommandWord = claudex.word
