/** What a client wants of the provider's own web search (wire specification §4.10). */
import { Either } from "effect"
import { searchFailed } from "./citations.ts"
import type { Conversation } from "./conversation.ts"
import { gatewayError, type GatewayError } from "./errors.ts"
import { asArray, isObject, nonEmpty, type JsonObject } from "./json.ts"
import type { Policy, Protocol } from "./policy.ts"
import type { TurnEvent } from "./turn.ts"

export interface WebSearch {
  /** Where its tool stands in the client's request, as a JSON path. */
  readonly path: string
  /** Domains to search in; none means all. */
  readonly allowed: ReadonlyArray<string>
  /** Domains to leave out. */
  readonly blocked: ReadonlyArray<string>
  readonly maxUses?: number
  /** `{type:"approximate", city?, region?, country?, timezone?}`, without what is empty. */
  readonly location?: JsonObject
}

const domains = (value: unknown): ReadonlyArray<string> => asArray(value).flatMap((domain) => nonEmpty(domain) ?? [])

const locationKeys = ["city", "region", "country", "timezone"]

const location = (value: unknown): JsonObject | undefined => {
  if (!isObject(value)) return undefined
  const known = locationKeys.flatMap((key) => {
    const word = nonEmpty(value[key])
    return word === undefined ? [] : [[key, word] as const]
  })
  return known.length === 0 ? undefined : { type: "approximate", ...Object.fromEntries(known) }
}

/** The first web search tool of the request; undefined without one. Both lists of domains at once are a 400. */
export const webSearchOf = (conversation: Conversation): Either.Either<WebSearch | undefined, GatewayError> => {
  const index = conversation.tools.findIndex((tool) => tool.type === "server" && tool.kind === "web_search")
  const tool = conversation.tools[index]
  if (tool?.type !== "server") return Either.right(undefined)
  const path = tool.at ?? `tools[${index}]`
  const { options } = tool
  const allowed = domains(options["allowed_domains"])
  const blocked = domains(options["blocked_domains"])
  if (allowed.length > 0 && blocked.length > 0)
    return Either.left(
      gatewayError("invalid_request_error", `${path}: allowed_domains and blocked_domains cannot both be given`)
    )
  const maxUses = options["max_uses"]
  const where = location(options["user_location"])
  return Either.right({
    path,
    allowed,
    blocked,
    ...(typeof maxUses === "number" ? { maxUses } : {}),
    ...(where === undefined ? {} : { location: where })
  })
}

/**
 * The ways to ask for a search that each protocol knows. Kimi's builtin function is none of them: its answer only says
 * what to search for and waits for a second request.
 */
const ways: { readonly [protocol in Protocol]: ReadonlyArray<Policy["webSearch"]> } = {
  chat: ["plugins", "web_search_tool", "web_search_options"],
  responses: ["hosted"]
}

/** Whether the provider searches the web itself. */
export const searches = (protocol: Protocol, policy: Policy): boolean => ways[protocol].includes(policy.webSearch)

/** Longer texts are no query. */
const longestQuery = 400

/** What the client's own search requests begin with. */
const preamble = /^\s*Perform a web search for the query:\s*/

/** What a search of this request is for, for providers that do not say: the user's last words. */
export const searchQuery = ({ messages }: Conversation): string => {
  const last = messages.findLast((message) => message.role === "user")
  const texts = (last?.parts ?? []).flatMap((part) => (part.type === "text" ? [part.text] : []))
  return (texts.at(-1) ?? "").replace(preamble, "").trim().slice(0, longestQuery)
}

const unavailable =
  "Web search is not available: the provider behind this model offers none. Nothing was searched; answer from what is known and say so, or use another tool."

/** The answer to a request for a search that nobody can make: as a search that failed, and in words. */
export const noSearch = (conversation: Conversation): ReadonlyArray<TurnEvent> => [
  { type: "start" },
  {
    type: "server-tool",
    name: "web_search",
    input: { query: searchQuery(conversation) },
    result: searchFailed("web_search")
  },
  { type: "text", text: unavailable },
  { type: "stop", finish: { reason: "stop" } }
]
