/** What the command line can say of a profile: the same words for a new one and for one that is changed. */
import { Options } from "@effect/cli"

const text = (flag: string, value: string, help: string) =>
  Options.text(flag).pipe(Options.withPseudoName(value), Options.withDescription(help))

export const profileWords = {
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
  fable: text("fable", "MODEL", "The model that fable stands for.").pipe(Options.optional),
  type: text(
    "type",
    "PROTOCOL",
    "OpenAICompatible, OpenAIResponses or DirectAnthropic; the provider's usual one unless given."
  ).pipe(Options.optional)
}

export const placeWords = {
  global: Options.boolean("global").pipe(Options.withDescription("In your own file, for all projects.")),
  project: Options.boolean("project").pipe(Options.withDescription("In the project's file."))
}
