/** All commands: as the parser knows them, and as words for help and suggestions. */
import { Command, Options } from "@effect/cli"
import { Effect } from "effect"
import { completions } from "./commands/completions.ts"
import { config } from "./commands/config.ts"
import { env } from "./commands/env.ts"
import { doctor } from "./commands/doctor.ts"
import { explain } from "./commands/explain.ts"
import { logs } from "./commands/logs.ts"
import { profile } from "./commands/profile.ts"
import { proxy } from "./commands/proxy.ts"
import { run } from "./commands/run.ts"
import { type CommandWord, commandWord } from "./grammar.ts"

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

export const claudex = Command.withSubcommands(root, [
  run,
  env,
  profile.all,
  proxy.all,
  logs,
  explain,
  config.all,
  doctor,
  completions
])

const group = (one: typeof profile | typeof proxy | typeof config): CommandWord =>
  commandWord(
    one.group.descriptor,
    one.commands.map((command) => commandWord(command.descriptor))
  )

export const words: CommandWord = commandWord(root.descriptor, [
  commandWord(run.descriptor),
  commandWord(env.descriptor),
  group(profile),
  group(proxy),
  commandWord(logs.descriptor),
  commandWord(explain.descriptor),
  group(config),
  commandWord(doctor.descriptor),
  commandWord(completions.descriptor)
])
