/**
 * Where a profile's requests go and with which headers: pure, so that the key is opened here and nowhere else.
 * Nothing of the client's own request takes part.
 */
import { Either, Option, Redacted } from "effect"
import type { Profile } from "../domain/Profile.ts"
import { providerOf } from "./quirks.ts"

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
  readonly message: string
}

const fault = (message: string): Either.Either<never, EndpointFault> => Either.left({ message })

const urlOf = (profile: Profile, path: string): Either.Either<string, EndpointFault> => {
  if (isOffline(profile)) return Either.right(profile.baseUrl)
  if (!URL.canParse(profile.baseUrl)) return fault(`base_url of profile ${profile.name} is not a URL`)
  const url = new URL(profile.baseUrl)
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return fault(`base_url of profile ${profile.name} must begin with http:// or https://`)
  }
  // Some write the whole endpoint.
  const base = url.pathname.replace(/\/+$/, "")
  url.pathname = base.endsWith(path) ? base : base + path
  url.username = ""
  url.password = ""
  url.hash = ""
  for (const [name, value] of Object.entries(profile.queryParams)) url.searchParams.set(name, value)
  return Either.right(url.href)
}

const authHeader = (profile: Profile, key: Redacted.Redacted<string>): readonly [name: string, value: string] => {
  // A key from a file or a variable often ends in a line break, which no header can carry.
  const secret = Redacted.value(key).trim()
  return providerOf(profile.baseUrl, profile.dialect).auth === "api-key"
    ? ["api-key", secret]
    : ["authorization", `Bearer ${secret}`]
}

/** Headers in order of precedence, the strongest last: ours, the provider's, the key, the profile's own. */
const headersOf = (
  profile: Profile,
  key: Option.Option<Redacted.Redacted<string>>
): Either.Either<Readonly<Record<string, string>>, EndpointFault> => {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "accept-encoding": "identity",
    "user-agent": "claudex",
    ...providerOf(profile.baseUrl, profile.dialect).headers
  }
  if (Option.isSome(key)) {
    const [name, value] = authHeader(profile, key.value)
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
export const secretParameter = /key|token|secret|sig|auth|password/i

const secretsOf = (profile: Profile, key: Option.Option<Redacted.Redacted<string>>): ReadonlyArray<string> => [
  ...Option.toArray(key).map((secret) => Redacted.value(secret).trim()),
  ...Object.values(profile.customHeaders).map((secret) => Redacted.value(secret)),
  ...Object.entries(profile.queryParams).flatMap(([name, value]) => (secretParameter.test(name) ? [value] : []))
]

/** The Chat Completions endpoint of a profile. Left when the profile's settings cannot make a request. */
export const chatEndpoint = (
  profile: Profile,
  key: Option.Option<Redacted.Redacted<string>>
): Either.Either<Endpoint, EndpointFault> =>
  Either.flatMap(urlOf(profile, "/chat/completions"), (url) =>
    Either.map(headersOf(profile, key), (headers) => ({ url, headers, secrets: secretsOf(profile, key) }))
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
    Either.map(headersOf(profile, key), (headers) => ({
      url: providerOf(profile.baseUrl).kind === "azure" ? azureResponses(url) : url,
      headers,
      secrets: secretsOf(profile, key)
    }))
  )
