/**
 * `web_search_call` items: what the provider searched and read itself, as a server tool and its result (wire
 * specification §4.10). The item itself is sealed in front of them, so that the provider gets it back instead of a text.
 */
import { foundSource, searchFailed, type Source } from "../citations.ts"
import { asArray, asString, isObject, nonEmpty, type JsonObject } from "../json.ts"
import type { TurnSink } from "../turn.ts"
import { itemReader, type ItemReader } from "./itemReader.ts"
import { itemTable, type Entry } from "./items.ts"

/** The page itself never comes with the answer, and a document may not be empty. */
const unseenPage = "The provider read this page; its text is not part of the answer."

const fetched = (url: string) => ({
  type: "web_fetch_result",
  url,
  retrieved_at: null,
  content: {
    type: "document",
    source: { type: "text", media_type: "text/plain", data: unseenPage },
    title: null,
    citations: null
  }
})

/** The addresses a search found, each once; their titles are known only where a text has cited them. */
const sourcesOf = (action: JsonObject, cited: ReadonlyArray<Source>): ReadonlyArray<Source> => {
  const urls = asArray(action["sources"]).flatMap((source) => {
    const url = isObject(source) ? nonEmpty(source["url"]) : undefined
    return url === undefined ? [] : [url]
  })
  return [...new Set(urls)].map((url) => cited.find((source) => source.url === url) ?? { url })
}

const queryOf = (action: JsonObject): string => {
  const queries = asArray(action["queries"]).flatMap((query) => nonEmpty(query) ?? [])
  return queries.length > 0 ? queries.join("\n") : (asString(action["query"]) ?? "")
}

/** `cited` are the sources that texts of this answer have named so far; `seal` keeps an item for the provider. */
export const webSearchReader = (
  cited: () => ReadonlyArray<Source>,
  seal: (item: JsonObject) => void,
  sink: TurnSink
): ItemReader => {
  const table = itemTable(() => ({}))

  const done = (entry: Entry<object>, item: JsonObject) => {
    const action = isObject(item["action"]) ? item["action"] : {}
    const broken = item["status"] === "failed"
    // without an id nothing would tell that the item and the blocks behind it are the same search
    if (entry.id !== undefined && entry.id === item["id"]) seal(item)
    const id = entry.id === undefined ? {} : { id: entry.id }
    if (action["type"] === "open_page" || action["type"] === "find_in_page") {
      const url = asString(action["url"]) ?? ""
      const pattern = asString(action["pattern"])
      const input = { url, ...(pattern === undefined ? {} : { pattern }) }
      const result = broken || url === "" ? searchFailed("web_fetch") : fetched(url)
      return sink({ type: "server-tool", name: "web_fetch", ...id, input, result })
    }
    const result = broken ? searchFailed("web_search") : sourcesOf(action, cited()).map(foundSource)
    sink({ type: "server-tool", name: "web_search", ...id, input: { query: queryOf(action) }, result })
  }

  return itemReader(table, { opened: () => {}, done })
}
