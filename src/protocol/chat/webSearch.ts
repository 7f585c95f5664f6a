/** Web search on Chat: how each provider is asked for it, and the sources it names (wire specification §4.10, §4.3). */
import { citedSource, type Source } from "../citations.ts"
import type { Encoder } from "../encoding.ts"
import { asArray, isObject, nonEmpty, type JsonObject } from "../json.ts"
import type { WebSearch } from "../webSearch.ts"
import type { ChatRequest, ChatSearchTool } from "./wire.ts"

/** What a request says to have the web searched: a tool among its tools, or fields of its own. */
export interface SearchFields {
  readonly tool?: ChatSearchTool
  readonly fields: Pick<ChatRequest, "plugins" | "web_search_options">
}

type Demand = "allowed_domains" | "blocked_domains" | "user_location"

/** What the client demands of the search, but for how often: these providers search once. */
const demands = ({ allowed, blocked, location }: WebSearch): ReadonlyArray<Demand> => [
  ...(allowed.length > 0 ? (["allowed_domains"] as const) : []),
  ...(blocked.length > 0 ? (["blocked_domains"] as const) : []),
  ...(location === undefined ? [] : (["user_location"] as const))
]

/** A way to ask, and the demands it can tell. */
interface Asked extends SearchFields {
  readonly told: ReadonlyArray<Demand>
}

/** OpenRouter's plugin [openrouter.ai, web search: domain filtering]. */
const plugin = ({ allowed, blocked }: WebSearch): Asked => {
  const web = {
    id: "web",
    ...(allowed.length === 0 ? {} : { include_domains: allowed }),
    ...(blocked.length === 0 ? {} : { exclude_domains: blocked })
  }
  return { fields: { plugins: [web] }, told: ["allowed_domains", "blocked_domains"] }
}

/** GLM's tool; it takes one domain, and names what it found only when asked to [QuantumNous/new-api zhipu_4v]. */
const searchTool = ({ allowed }: WebSearch): Asked => {
  const [domain, ...more] = allowed
  const fits = domain !== undefined && more.length === 0
  const options = { enable: true, search_result: true, ...(fits ? { search_domain_filter: domain } : {}) }
  return { fields: {}, tool: { type: "web_search", web_search: options }, told: fits ? ["allowed_domains"] : [] }
}

/** OpenAI's search models [O-SDK ChatCompletionCreateParams.WebSearchOptions]. */
const options = ({ location }: WebSearch): Asked => {
  const { type, ...approximate } = location ?? {}
  const where = location === undefined ? {} : { user_location: { type, approximate } }
  return { fields: { web_search_options: where }, told: ["user_location"] }
}

const asked = (search: WebSearch, { policy }: Encoder): Asked => {
  switch (policy.webSearch) {
    case "plugins":
      return plugin(search)
    case "web_search_tool":
      return searchTool(search)
    case "web_search_options":
      return options(search)
    default:
      return { fields: {}, told: [] }
  }
}

/** Asks for the search that the client wants; what the provider cannot be told of it is on record. */
export const searchFields = (search: WebSearch | undefined, encoder: Encoder): SearchFields => {
  if (search === undefined) return { fields: {} }
  const { told, ...fields } = asked(search, encoder)
  for (const demand of demands(search)) {
    if (!told.includes(demand))
      encoder.lose("dropped", `${search.path}.${demand}`, "not sent", "the provider's search does not know it")
  }
  return fields
}

const source = (url: unknown, title: unknown): ReadonlyArray<Source> => {
  const address = nonEmpty(url)
  const name = nonEmpty(title)
  return address === undefined ? [] : [{ url: address, ...(name === undefined ? {} : { title: name }) }]
}

/** Sources beside the choices: GLM's `web_search`, Perplexity's `search_results` and `citations` (plain addresses). */
export const bodySources = (body: JsonObject): ReadonlyArray<Source> => [
  ...asArray(body["web_search"]).flatMap((hit) => (isObject(hit) ? source(hit["link"], hit["title"]) : [])),
  ...asArray(body["search_results"]).flatMap((hit) => (isObject(hit) ? source(hit["url"], hit["title"]) : [])),
  ...asArray(body["citations"]).flatMap((url) => source(url, undefined))
]

/** Sources in a message or delta: `annotations` as OpenAI and OpenRouter write them. */
export const citedSources = (message: JsonObject): ReadonlyArray<Source> =>
  asArray(message["annotations"]).flatMap((annotation) => citedSource(annotation) ?? [])
