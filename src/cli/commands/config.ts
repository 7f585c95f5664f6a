import { Args, Command, Options } from "@effect/cli"
import { Effect } from "effect"
import { called } from "../called.ts"

const json = Options.boolean("json").pipe(Options.withDescription("Print JSON."))

const raw = Options.boolean("raw").pipe(
  Options.withDescription("Print the files as they are, with their comments. Secrets are masked in them too.")
)

const reveal = Options.boolean("reveal").pipe(
  Options.withDescription("Show secrets in clear, on a terminal and after a question only.")
)

const path = Command.make("path", { json }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/configPath.ts")),
    ({ handle }) => handle(options)
  )
).pipe(Command.withDescription("Show where the configuration is looked for, and which files are used."))

const connectivity = Options.boolean("connectivity").pipe(
  Options.withDescription("Ask the provider of each enabled profile too, for its list of models, which costs nothing.")
)

const validate = Command.make("validate", { connectivity, json }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/configValidate.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Check the configuration, all of its files and variables. The exit code is 2 when something is wrong with them, and 1 when a provider fails."
  )
)

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

const key = Args.text({ name: "key" }).pipe(
  Args.withDescription("a setting, such as proxy_port or profiles.grok.models.haiku")
)

const value = Args.text({ name: "value" }).pipe(
  Args.withDescription(
    "text, or a number, true, false, a list or a table as JSON writes them; after -- where it begins with a dash"
  )
)

const place = {
  global: Options.boolean("global").pipe(Options.withDescription("In your own file, for all projects.")),
  project: Options.boolean("project").pipe(Options.withDescription("In the project's file."))
}

const shown = () => Effect.promise(() => import("../handlers/configShow.ts"))
const edited = () => Effect.promise(() => import("../handlers/configSet.ts"))

const show = Command.make("show", { json, raw, reveal }, (options) =>
  Effect.flatMap(shown(), (handlers) => handlers.show(options))
).pipe(
  Command.withDescription("Show what is set, and where. With --json every setting, also those that have their default.")
)

const get = Command.make("get", { key, json, reveal }, (options) =>
  Effect.flatMap(shown(), (handlers) => handlers.get(options))
).pipe(Command.withDescription("Show the value of a setting as it holds here, whichever file it comes from."))

const set = Command.make("set", { key, value, ...place }, (options) =>
  Effect.flatMap(edited(), (handlers) => handlers.set(options))
).pipe(
  Command.withDescription(
    "Change a setting in the file where it stands, else in your own. Nothing else of the file changes, and nothing at all when the configuration would not be valid then."
  )
)

const unset = Command.make("unset", { key, ...place }, (options) =>
  Effect.flatMap(edited(), (handlers) => handlers.unset(options))
).pipe(Command.withDescription("Take a setting, or a table with all it holds, out of the file where it stands."))

const begin = (global: boolean) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/configInit.ts")),
    ({ handle }) => handle({ global })
  )

const init = Command.make("init", { global: place.global }, ({ global }) => begin(global)).pipe(
  Command.withDescription("Write a file with every setting to begin with, here or with --global for yourself.")
)

const edit = Command.make("edit", { global: place.global }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/configEdit.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Open the strongest file that is in use, or with --global your own, in $VISUAL or $EDITOR. It is replaced when the configuration is valid with what you wrote, which is kept in any case."
  )
)

const migrated = Args.text({ name: "file" }).pipe(
  Args.withDescription("a YAML file; without one, those that are in use"),
  Args.optional
)

const migrate = Command.make("migrate", { file: migrated }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/configMigrate.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Make TOML of configuration files in YAML, which are read and not written. Comments are kept. The YAML files are kept too, under a name that ends in .bak."
  )
)

const format = Options.choice("format", ["json", "toml"]).pipe(
  Options.withDescription("Unless given it is as the name of the file ends, else json."),
  Options.optional
)

const output = Options.text("output").pipe(
  Options.withAlias("o"),
  Options.withPseudoName("FILE"),
  Options.withDescription("Write it into this file, which only you can read."),
  Options.optional
)

const force = Options.boolean("force").pipe(
  Options.withAlias("f"),
  Options.withDescription("Also where the file is there already.")
)

const exported = Command.make("export", { format, output, force, reveal }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/configExport.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Print the configuration that holds here, from all files and variables and with defaults, as one document that can be a configuration file again. Secrets are masked; where a profile says where they are, it says so."
  )
)

const schema = Command.make("schema", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/configSchema.ts")),
    ({ handle }) => handle
  )
).pipe(Command.withDescription("Print the JSON Schema of the configuration file, for editors that know TOML."))

const initOption = Options.boolean("init").pipe(Options.withDescription("The same as claudex config init."))

const group = Command.make("config", { json, raw, reveal, init: initOption }, (options) =>
  options.init ? begin(false) : Effect.flatMap(shown(), (handlers) => handlers.show(options))
).pipe(Command.withDescription("Your configuration. Alone it shows what is set, and where."))

/** `claudex config …` */
export const config = called(group, [
  called(show),
  called(get),
  called(set),
  called(unset),
  called(edit),
  called(init),
  called(migrate),
  called(exported),
  called(schema),
  called(path),
  called(validate),
  called(trust)
])
