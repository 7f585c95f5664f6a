/** What a client wants of the provider's own web search (wire specification §4.10). */
import { Either } from "effect"
import type { Conversation } from "./conversation.ts"
import { gatewayError, type GatewayError } from "./errors.ts"
import { asArray, isObject, nonEmpty, type JsonObject } from "./json.ts"

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
