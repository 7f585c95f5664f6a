import { Args, Command, Options } from "@effect/cli"
import { Effect } from "effect"

const text = (flag: string, value: string, help: string) =>
  Options.text(flag).pipe(Options.withPseudoName(value), Options.withDescription(help))

const adding = {
  name: Args.text({ name: "name" }).pipe(
    Args.withDescription("what the profile is called; as its provider unless given"),
    Args.optional
  ),
  provider: text("provider", "NAME", "Who serves the models, such as xai; generic is any other server.").pipe(
    Options.optional
  ),
  baseUrl: text("base-url", "URL", "Its address; the provider's own unless given.").pipe(Options.optional),
  apiKeyEnv: text("api-key-env", "VARIABLE", "The environment variable that holds the key.").pipe(Options.optional),
  model: text("model", "MODEL", "The model that is used where no other is asked for.").pipe(
    Options.withAlias("m"),
    Options.optional
  ),
  haiku: text("haiku", "MODEL", "The model that haiku stands for.").pipe(Options.optional),
  sonnet: text("sonnet", "MODEL", "The model that sonnet stands for.").pipe(Options.optional),
  opus: text("opus", "MODEL", "The model that opus stands for.").pipe(Options.optional),
  type: text(
    "type",
    "PROTOCOL",
    "OpenAICompatible, OpenAIResponses or DirectAnthropic; the provider's usual one unless given."
  ).pipe(Options.optional),
  global: Options.boolean("global").pipe(Options.withDescription("In your own file, for all projects.")),
  project: Options.boolean("project").pipe(Options.withDescription("In the project's file.")),
  yes: Options.boolean("yes").pipe(Options.withAlias("y"), Options.withDescription("Ask nothing."))
}

/** `claudex profile add [name]`: a profile from the words of the command line, or from answers. */
export const add = Command.make("add", adding, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/profileAdd.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Add a profile behind all else in your own file; without --provider, on a terminal, you are asked for what it needs. Nothing else of the file changes, and nothing at all when the configuration would not be valid then. The key itself is never given here, only the variable that holds it."
  )
)
