/**
 * Where a profile's requests go and with which headers: pure, so that the key is opened here and nowhere else.
 */
import { Either, Option, Redacted } from "effect"
import type { Profile } from "../domain/Profile.ts"
import { providerOf } from "./quirks.ts"

/** Where requests go, and with what they are sent. */
export interface Endpoint {
  /** Absolute URL with its query. */
  readonly url: string
  /** Names in lower case. Holds secrets: never log it. */
  readonly headers: Readonly<Record<string, string>>
  /** What must not be seen again in anything the provider says. */
  readonly secrets: ReadonlyArray<string>
}

/** Scheme of the base URLs that are served inside claudex. */
export const offlineScheme = "demo:"

/** Whether the profile is answered inside claudex, without a network and without a key. */
export const isOffline = (profile: Pick<Profile, "baseUrl">): boolean => profile.baseUrl.startsWith(offlineScheme)

/** What an HTTP header value may hold. */
const headerText = /^[\t\x20-\x7e\x80-\xff]*$/
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** What belongs to the connection and not to the request. */
const connectionHeader = /^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i

/** Why a profile cannot be asked; a sentence that names the key of the configuration at fault, and no secret. */
export interface EndpointFault {
  readonly _tag: "EndpointFault"
  readonly message: string
}

const fault = (message: string): Either.Either<never, EndpointFault> => Either.left({ _tag: "EndpointFault", message })

/** The profile's address, with what does not belong into one left out. */
const baseOf = (profile: Profile): Either.Either<URL, EndpointFault> => {
  if (!URL.canParse(profile.baseUrl)) return fault(`base_url of profile ${profile.name} is not a URL`)
  const url = new URL(profile.baseUrl)
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return fault(`base_url of profile ${profile.name} must begin with http:// or https://`)
  }
  url.pathname = url.pathname.replace(/\/+$/, "")
  url.username = ""
  url.password = ""
  url.hash = ""
  return Either.right(url)
}

const urlOf = (profile: Profile, path: string): Either.Either<string, EndpointFault> => {
  if (isOffline(profile)) return Either.right(profile.baseUrl)
  return Either.map(baseOf(profile), (url) => {
    // Some write the whole endpoint.
    if (!url.pathname.endsWith(path)) url.pathname = url.pathname.replace(/\/$/, "") + path
    for (const [name, value] of Object.entries(profile.queryParams)) url.searchParams.set(name, value)
    return url.href
  })
}

const authHeader = (
  profile: Profile,
  key: Redacted.Redacted<string>,
  usual: "bearer" | "api-key" | "x-api-key"
): readonly [name: string, value: string] => {
  // A key from a file or a variable often ends in a line break, which no header can carry.
  const secret = Redacted.value(key).trim()
  const how = profile.authHeader ?? usual
  return how === "bearer" ? ["authorization", `Bearer ${secret}`] : [how, secret]
}

/** Headers in order of precedence, the strongest last: ours, the provider's, the key, the profile's own. */
const headersOf = (
  profile: Profile,
  key: Option.Option<Redacted.Redacted<string>>,
  ours: Readonly<Record<string, string>>,
  usual: "bearer" | "api-key" | "x-api-key"
): Either.Either<Readonly<Record<string, string>>, EndpointFault> => {
  const headers: Record<string, string> = {
    ...ours,
    "accept-encoding": "identity",
    ...providerOf(profile.baseUrl, profile.dialect).headers
  }
  if (Option.isSome(key)) {
    const [name, value] = authHeader(profile, key.value, usual)
    if (!headerText.test(value)) return fault(`the key of profile ${profile.name} holds characters no header can carry`)
    headers[name] = value
  }
  for (const [name, secret] of Object.entries(profile.customHeaders)) {
    const value = Redacted.value(secret)
    if (!headerName.test(name) || connectionHeader.test(name) || !headerText.test(value)) {
      return fault(`custom_headers of profile ${profile.name}: "${name}" cannot be sent as an HTTP header`)
    }
    headers[name.toLowerCase()] = value
  }
  return Either.right(headers)
}

/** Names of query parameters whose values open doors. */
export const secretParameter = /key|token|secret|sig|auth|password|^code$/i

/** Headers that a profile may set and that everybody may know; a provider has to be able to name their values. */
const publicHeader = /^(anthropic-(beta|version)|accept|content-type|user-agent)$/i

/** The parameters of a base URL and of `query_params`. */
const parametersOf = ({ baseUrl, queryParams }: Profile): ReadonlyArray<readonly [string, string]> => [
  ...(URL.canParse(baseUrl) ? new URL(baseUrl).searchParams : []),
  ...Object.entries(queryParams)
]

const secretsOf = (profile: Profile, key: Option.Option<Redacted.Redacted<string>>): ReadonlyArray<string> => [
  ...Option.toArray(key).map((secret) => Redacted.value(secret).trim()),
  ...Object.entries(profile.customHeaders).flatMap(([name, value]) =>
    publicHeader.test(name) ? [] : [Redacted.value(value)]
  ),
  ...parametersOf(profile).flatMap(([name, value]) => (secretParameter.test(name) ? [value] : []))
]

/** The headers of a request that is made here. */
const headersOfOurs = (profile: Profile, key: Option.Option<Redacted.Redacted<string>>) => {
  const ours = { "content-type": "application/json", "user-agent": "claudex" }
  return headersOf(profile, key, ours, providerOf(profile.baseUrl, profile.dialect).auth)
}

/** The Chat Completions endpoint of a profile. Left when the profile's settings cannot make a request. */
export const chatEndpoint = (
  profile: Profile,
  key: Option.Option<Redacted.Redacted<string>>
): Either.Either<Endpoint, EndpointFault> =>
  Either.flatMap(urlOf(profile, "/chat/completions"), (url) =>
    Either.map(headersOfOurs(profile, key), (headers) => ({ url, headers, secrets: secretsOf(profile, key) }))
  )

/** Some write the whole endpoint as the base URL. */
const withoutEndpoint = (profile: Profile): Profile => ({
  ...profile,
  baseUrl: profile.baseUrl.replace(/\/(chat\/completions|responses)\/?$/, "")
})

/** The list of models of a profile's provider. Left when the profile's settings cannot make a request. */
export const modelsEndpoint = (
  profile: Profile,
  key: Option.Option<Redacted.Redacted<string>>
): Either.Either<Endpoint, EndpointFault> =>
  Either.flatMap(urlOf(withoutEndpoint(profile), "/models"), (url) =>
    Either.map(headersOfOurs(profile, key), (headers) => ({ url, headers, secrets: secretsOf(profile, key) }))
  )

/** From this version on Azure answers Responses requests that are not made to its `v1` API. */
const azureVersion = "2025-04-01-preview"

/** Azure serves Responses beside the deployments, which name the model for Chat only. [openai/openai-python#2184] */
const azureResponses = (href: string): string => {
  const url = new URL(href)
  url.pathname = url.pathname.replace(/\/deployments\/[^/]+(\/chat\/completions)?\/responses$/, "/responses")
  if (url.pathname === "/responses") url.pathname = "/openai/v1/responses"
  if (url.pathname === "/openai/responses" && !url.searchParams.has("api-version"))
    url.searchParams.set("api-version", azureVersion)
  return url.href
}

/** The Responses endpoint of a profile. Left when the profile's settings cannot make a request. */
export const responsesEndpoint = (
  profile: Profile,
  key: Option.Option<Redacted.Redacted<string>>
): Either.Either<Endpoint, EndpointFault> =>
  Either.flatMap(urlOf(profile, "/responses"), (url) =>
    Either.map(headersOfOurs(profile, key), (headers) => ({
      url: providerOf(profile.baseUrl, profile.dialect).kind === "azure" ? azureResponses(url) : url,
      headers,
      secrets: secretsOf(profile, key)
    }))
  )

/** Anthropic's own API: it knows Claude models by their names, signs reasoning, and takes no request without a key. */
export const isAnthropicApi = (profile: Pick<Profile, "baseUrl" | "dialect" | "providerType">): boolean =>
  profile.providerType === "DirectAnthropic" && providerOf(profile.baseUrl, profile.dialect).kind === "anthropic"

/** Where requests go that are passed on as they are, and what is added to them. */
export interface AnthropicEndpoint {
  /** The URL for a path behind `/v1/` and the query of the client's request, without its `?`. */
  readonly url: (path: string, query: string) => string
  /** Names in lower case; they replace the client's own. Holds secrets: never log it. */
  readonly headers: Readonly<Record<string, string>>
  /** What must not be seen again in a failure. */
  readonly secrets: ReadonlyArray<string>
}

const parameterName = (pair: string): string => new URLSearchParams(pair).keys().next().value ?? ""

/** The client's query as it is written; parameters of the profile take the place of those with the same name. */
const queryOf = (base: string, given: string, own: Profile["queryParams"]): string => {
  const kept = given.split("&").filter((pair) => !Object.hasOwn(own, parameterName(pair)))
  return [base, ...kept, new URLSearchParams(own).toString()].filter((part) => part !== "").join("&")
}

/** The Anthropic endpoints of a profile. Left when the profile's settings cannot make a request. */
export const anthropicEndpoint = (
  profile: Profile,
  key: Option.Option<Redacted.Redacted<string>>
): Either.Either<AnthropicEndpoint, EndpointFault> =>
  Either.gen(function* () {
    const base = yield* baseOf(profile)
    const usual = isAnthropicApi(profile) ? "x-api-key" : "bearer"
    const headers = yield* headersOf(profile, key, {}, usual)
    // Some write the whole endpoint, or the version.
    const root = base.origin + base.pathname.replace(/\/(v1\/messages|messages|v1)?$/, "")
    const url = (path: string, query: string) => {
      const all = queryOf(base.search.slice(1), query, profile.queryParams)
      return `${root}/v1/${path}${all === "" ? "" : `?${all}`}`
    }
    return { url, headers, secrets: secretsOf(profile, key) }
  })
