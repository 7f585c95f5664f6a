/** Sources that an answer names for its text, in the forms of both OpenAI protocols (wire specification §4.3, §4.10). */
import { isObject, nonEmpty, type JsonObject } from "./json.ts"

export interface Source {
  readonly url: string
  readonly title?: string
}

/** The source in an annotation: `{type: "url_citation", url, title}`, or the same under `url_citation` as Chat nests it. */
export const citedSource = (annotation: unknown): Source | undefined => {
  if (!isObject(annotation) || annotation["type"] !== "url_citation") return undefined
  const inner = isObject(annotation["url_citation"]) ? annotation["url_citation"] : annotation
  const url = nonEmpty(inner["url"])
  const title = nonEmpty(inner["title"])
  return url === undefined ? undefined : { url, ...(title === undefined ? {} : { title }) }
}

/** Every address once, with the first title that is known for it. */
export const distinctSources = (sources: ReadonlyArray<Source>): ReadonlyArray<Source> => {
  const byUrl = new Map<string, Source>()
  for (const source of sources) if (byUrl.get(source.url)?.title === undefined) byUrl.set(source.url, source)
  return [...byUrl.values()]
}

/** The list at the end of a text; "" without sources. */
export const sourcesText = (sources: ReadonlyArray<Source>): string => {
  const list = distinctSources(sources).map(({ title, url }) => `- ${title === undefined ? url : `${title}: ${url}`}`)
  return list.length === 0 ? "" : `\n\nSources:\n${list.join("\n")}`
}

/** A source as the client knows what a search found. */
export const foundSource = ({ title, url }: Source): JsonObject => ({
  type: "web_search_result",
  url,
  title: title ?? url,
  encrypted_content: "",
  page_age: null
})

/** The result of a search or fetch that did not come about. */
export const searchFailed = (tool: "web_search" | "web_fetch"): JsonObject => ({
  type: `${tool}_tool_result_error`,
  error_code: "unavailable"
})
