import { Args, Command, Options } from "@effect/cli"
import { Effect } from "effect"
import { called } from "../called.ts"
import { add } from "./profileAdd.ts"
import { edit } from "./profileEdit.ts"

const name = Args.text({ name: "profile" }).pipe(Args.withDescription("a profile of your configuration, or demo"))

const model = Options.text("model").pipe(
  Options.withAlias("m"),
  Options.withPseudoName("MODEL"),
  Options.withDescription("Tell about this model, or this alias of your configuration, instead of default_model."),
  Options.optional
)

const all = Options.boolean("all").pipe(
  Options.withDescription("Tell every value, also those that hold for any server, and where the facts come from.")
)

const json = Options.boolean("json").pipe(Options.withDescription("Print it as one JSON document, for programs."))

const list = Command.make("list", { json }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/profileList.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "List all profiles. Tells of each what it speaks, its default model, the host of its provider, whether it is enabled, whether its key is there, and which file it is from. Asks nobody and shows no secrets."
  )
)

const reveal = Options.boolean("reveal").pipe(
  Options.withDescription("Show the key and all that is masked, on a terminal and after a question only.")
)

const show = Command.make("show", { profile: name, model, all, json, reveal }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/profileShow.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Show what a profile comes to: its provider, where requests go, its models, and how the provider is spoken to. Every line below a heading may be written into [profiles.quirks] of the profile with another value, except those behind a #. Secrets are masked."
  )
)

const oneOrAll = Args.text({ name: "profile" }).pipe(
  Args.withDescription("a profile of your configuration, demo, or all, which is every profile that is enabled")
)

const deep = Options.boolean("deep").pipe(
  Options.withDescription("Ask the default model for one small answer too, and tell what works. Costs a few tokens.")
)

const test = Command.make("test", { profile: oneOrAll, deep, json }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/profileTest.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Ask the provider of a profile, or of all, and tell what fails and what to do about it. It is asked for its list of models, which costs nothing; with --deep also its default model for one small answer, which shows whether it streams, calls tools and counts tokens. The exit code is 1 when one fails."
  )
)

const use = Command.make("use", { profile: name }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/profileUse.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Make a profile the one that `claudex run` takes where none is named. Sets default_profile, and tells in which file."
  )
)

const own = Args.text({ name: "profile" }).pipe(Args.withDescription("a profile of your configuration"))

const force = Options.boolean("force").pipe(
  Options.withAlias("f"),
  Options.withDescription("Take it out of the settings that name it too: backup_providers, default_profile, aliases.")
)

const remove = Command.make("remove", { profile: own, force }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/profileRemove.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Take a profile out of every file of the configuration that has it. The comments directly above it go with it, and the key that was stored for it. Refused while other settings name it. Tells which files it changed."
  )
)

const mine = Args.text({ name: "profile" }).pipe(Args.withDescription("a profile of your configuration"))

const stdin = Options.boolean("stdin").pipe(
  Options.withDescription("Read the key from standard input, as is done whenever that is no terminal.")
)

const setKey = Command.make("set-key", { profile: mine, stdin }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/profileSetKey.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Store the key of a profile, in the system's keyring or else in a file that only you can read, and have the profile use it. On a terminal it is asked where to keep it, the key is typed unseen, and tried at once. A running gateway uses it within seconds."
  )
)

const stored = Args.text({ name: "key" }).pipe(Args.withDescription("the name under which a key is stored"))

const forgetKey = Command.make("forget-key", { key: stored }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/profileForgetKey.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Remove a stored key that no profile uses any more, from the system's keyring or the private file. Such keys are named by claudex doctor. Refused while a profile of the configuration that holds here uses it; a project elsewhere may still do so."
  )
)

const group = Command.make("profile").pipe(Command.withDescription("Your profiles."))

/** `claudex profile …` */
export const profile = called(group, [
  called(list),
  called(show),
  called(add),
  called(edit),
  called(test),
  called(setKey),
  called(forgetKey),
  called(use),
  called(remove)
])
