/** A profile from the words of a command line: what is left out the provider table knows, or the user is told. Pure. */
import { Either, Option, Schema } from "effect"
import type { NewProfile } from "../config/ConfigEdit.ts"
import { nearest } from "../config/suggest.ts"
import { ProviderType } from "../domain/Profile.ts"
import { shellWord } from "../launcher/shell.ts"
import { maskSecrets } from "../protocol/secrets.ts"
import { secretParameter } from "../provider/endpoint.ts"
import { recognise } from "../provider/quirks.ts"
import { generic, providers } from "../provider/table/index.ts"
import type { ProviderRow } from "../provider/table/row.ts"
import { Failure } from "./output.ts"

/** What was typed; undefined where nothing was. */
export interface ProfileWords {
  readonly name: string | undefined
  /** A row of the provider table, by its kind. */
  readonly provider: string | undefined
  readonly baseUrl: string | undefined
  /** The name of a variable, not a key. */
  readonly apiKeyEnv: string | undefined
  readonly model: string | undefined
  readonly haiku: string | undefined
  readonly sonnet: string | undefined
  readonly opus: string | undefined
  readonly fable: string | undefined
  /** What `provider_type` is to be. */
  readonly type: string | undefined
}

export const saidNothing: ProfileWords = {
  name: undefined,
  provider: undefined,
  baseUrl: undefined,
  apiKeyEnv: undefined,
  model: undefined,
  haiku: undefined,
  sonnet: undefined,
  opus: undefined,
  fable: undefined,
  type: undefined
}

/** As the parser of the command line has them. */
export type TypedWords = Readonly<Record<keyof ProfileWords, Option.Option<string>>>

export const wordsOf = (typed: TypedWords): ProfileWords => ({
  name: Option.getOrUndefined(typed.name),
  provider: Option.getOrUndefined(typed.provider),
  baseUrl: Option.getOrUndefined(typed.baseUrl),
  apiKeyEnv: Option.getOrUndefined(typed.apiKeyEnv),
  model: Option.getOrUndefined(typed.model),
  haiku: Option.getOrUndefined(typed.haiku),
  sonnet: Option.getOrUndefined(typed.sonnet),
  opus: Option.getOrUndefined(typed.opus),
  fable: Option.getOrUndefined(typed.fable),
  type: Option.getOrUndefined(typed.type)
})

export interface Draft {
  readonly profile: NewProfile
  readonly provider: ProviderRow
}

export type Drafted<A> = Either.Either<A, Failure>

const rows: ReadonlyArray<ProviderRow> = [...providers, generic]

/** The command that the words are typed for. */
export type Verb = "claudex profile add" | "claudex profile edit"

const refuse = (message: string, next: string): Drafted<never> => Either.left(new Failure({ message, next, code: 2 }))

const listing = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`

const known = `The providers are ${listing(providers.map(({ kind }) => kind))}; any other server is generic, with --base-url.`

/** A flag, and what stands for its value in a command to type. */
type Lacking = readonly [flag: string, value: string]

const modelLacks: Lacking = ["--model", "MODEL"]

/** The words again, with what they lack at their end. */
const command = (verb: Verb, words: ProfileWords, lacking: ReadonlyArray<Lacking>): string => {
  const given: ReadonlyArray<readonly [string, string | undefined]> = [
    ["--provider", words.provider],
    ["--type", words.type],
    ["--base-url", words.baseUrl],
    ["--api-key-env", words.apiKeyEnv],
    ["--model", words.model],
    ["--haiku", words.haiku],
    ["--sonnet", words.sonnet],
    ["--opus", words.opus],
    ["--fable", words.fable]
  ]
  const typed = given.flatMap(([flag, value]) => (value === undefined ? [] : [flag, shellWord(value)]))
  const name = words.name === undefined ? [] : [shellWord(words.name)]
  return [verb, ...name, ...typed, ...lacking.flat()].join(" ")
}

/** The row that a name means: its kind, or what people call it. */
const meantBy = (name: string): ProviderRow | undefined => {
  const names = rows.flatMap((row) => [row.kind, ...(row.alsoCalled ?? [])].map((word) => [word, row] as const))
  const meant = nearest(
    name,
    names.map(([word]) => word)
  )
  return names.find(([word]) => word === meant)?.[1]
}

const providerIn = (verb: Verb, words: ProfileWords): Drafted<ProviderRow | undefined> => {
  const { provider } = words
  if (provider === undefined) return Either.right(undefined)
  const row = rows.find(({ kind }) => kind === provider)
  if (row !== undefined) return Either.right(row)
  const meant = meantBy(provider)
  return meant === undefined
    ? refuse(`There is no provider "${provider}". ${known}`, `${verb} --help`)
    : refuse(
        `There is no provider "${provider}". Did you mean "${meant.kind}"?`,
        command(verb, { ...words, provider: meant.kind }, words.model === undefined ? [modelLacks] : [])
      )
}

const isType = Schema.is(ProviderType)

export const typeIn = (verb: Verb, { type }: ProfileWords): Drafted<ProviderType | undefined> => {
  if (type === undefined || isType(type)) return Either.right(type)
  const meant = nearest(type, ProviderType.literals)
  return refuse(
    `There is no protocol "${type}". ${meant === undefined ? `The protocols are ${listing(ProviderType.literals)}.` : `Did you mean "${meant}"?`}`,
    `${verb} --help`
  )
}

const usualType = ({ native, responsesOnly }: ProviderRow): ProviderType =>
  native === true ? "DirectAnthropic" : responsesOnly === true ? "OpenAIResponses" : "OpenAICompatible"

/** Where the provider is reached in a protocol, as far as that is the same for everybody. */
export const usualAddress = (row: ProviderRow, type: ProviderType): string | undefined => {
  if (row.ownAddress === true) return undefined
  return type === "DirectAnthropic" ? row.anthropic : row.example
}

const whyAddress = (row: ProviderRow): string =>
  row.ownAddress === true
    ? `${row.label} has no address that is the same for all; it looks like ${row.example}.`
    : `No address is known at which ${row.label} speaks Anthropic Messages.`

/** Names that commands have another meaning for. */
const reserved: Readonly<Record<string, string>> = {
  all: "to a command it means all profiles",
  auto: "claudex run auto is to choose a profile"
}

const nameFault = (name: string): string | undefined => {
  if (Object.hasOwn(reserved, name)) return `"${name}" cannot be the name of a profile: ${reserved[name]}.`
  return /\p{Cc}|^\s|\s$/u.test(name)
    ? "The name of a profile has no control characters, and no space at its ends."
    : undefined
}

const reference = "~ref~"

const isClear = (text: string): boolean => text !== "" && !text.includes(reference)

/** Whether an address holds a credential in clear, and not only a reference to a variable. */
export const holdsSecret = (address: string): boolean => {
  const text = address.replace(/\$\{\w+\}/g, reference)
  if (!URL.canParse(text)) return maskSecrets(text) !== text
  const { password, searchParams, username } = new URL(text)
  const parameters = [...searchParams].filter(([name]) => secretParameter.test(name))
  return isClear(password === "" ? username : password) || parameters.some(([, value]) => isClear(value))
}

const why =
  "what is typed on a command line stays in the history of the shell, and others see it in the list of processes"

const secretFault = ({ apiKeyEnv, baseUrl }: ProfileWords): string | undefined => {
  if (apiKeyEnv !== undefined && (!/^[A-Za-z_]\w*$/.test(apiKeyEnv) || maskSecrets(apiKeyEnv) !== apiKeyEnv)) {
    return `--api-key-env takes the name of an environment variable, such as XAI_API_KEY, and never the key itself: ${why}.`
  }
  return baseUrl !== undefined && holdsSecret(baseUrl)
    ? `--base-url takes no key and no password: ${why}. Name a variable in their place, as \${NAME} in single quotes.`
    : undefined
}

const given = (entries: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(entries).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
  )

/** No word may be a key, and none is repeated that is. */
export const withoutSecrets = (verb: Verb, words: ProfileWords): Drafted<void> => {
  const secret = secretFault(words)
  return secret === undefined ? Either.void : refuse(secret, `${verb} --help`)
}

/** The profile that is meant. Left names every flag that is missing, and holds no secret that was typed. */
export const newProfile = (words: ProfileWords, verb: Verb = "claudex profile add"): Drafted<Draft> =>
  Either.gen(function* () {
    yield* withoutSecrets(verb, words)
    const row = yield* providerIn(verb, words)
    const type = (yield* typeIn(verb, words)) ?? (row === undefined ? "OpenAICompatible" : usualType(row))
    const baseUrl = words.baseUrl ?? (row === undefined ? undefined : usualAddress(row, type))
    if (row === undefined || words.model === undefined || baseUrl === undefined) {
      const needsAddress = row !== undefined && baseUrl === undefined
      const lacking: ReadonlyArray<Lacking> = [
        ...(row === undefined ? [["--provider", "PROVIDER"] satisfies Lacking] : []),
        ...(needsAddress ? [["--base-url", "URL"] satisfies Lacking] : []),
        ...(words.model === undefined ? [modelLacks] : [])
      ]
      const reasons = [...(row === undefined ? [known] : []), ...(needsAddress ? [whyAddress(row)] : [])]
      const flags = listing(lacking.map(([flag]) => flag))
      return yield* refuse([`"${verb}" needs ${flags}.`, ...reasons].join(" "), command(verb, words, lacking))
    }
    const name = words.name ?? row.kind
    const fault = nameFault(name)
    if (fault !== undefined) return yield* refuse(fault, command(verb, { ...words, name: undefined }, []))
    const models = given({ haiku: words.haiku, sonnet: words.sonnet, opus: words.opus, fable: words.fable })
    const profile: NewProfile = {
      name,
      provider_type: type,
      base_url: baseUrl,
      ...given({ api_key_env: words.apiKeyEnv }),
      default_model: words.model,
      ...(Object.keys(models).length === 0 ? {} : { models }),
      // where the address does not tell who that is
      ...(recognise(baseUrl).row.kind === row.kind ? {} : { dialect: row.kind })
    }
    return { profile, provider: row }
  })
