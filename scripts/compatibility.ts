/** The README's compatibility table, read off the provider table: what works with each provider, and how. */
import type { Policy } from "../src/protocol/policy.ts"
import { searches } from "../src/protocol/webSearch.ts"
import { policyFor } from "../src/provider/quirks.ts"
import { generic, providers } from "../src/provider/table/index.ts"
import type { ProviderRow } from "../src/provider/table/row.ts"

/** The policies of a provider: of a model without a row, then of every model row's example, in one protocol. */
const policiesOf = (row: ProviderRow, protocol: "chat" | "responses"): ReadonlyArray<Policy> =>
  ["some-model", ...(row.models ?? []).map(({ example }) => example)].map((model) =>
    policyFor({ baseUrl: row.example, dialect: row.kind }, model, protocol)
  )

type Cell = (chat: ReadonlyArray<Policy>, responses: ReadonlyArray<Policy>, row: ProviderRow) => string

/** The different words for the models, in this order. */
const distinct = (words: ReadonlyArray<string>): string => [...new Set(words)].join(", ")

const forcing = { full: "yes", words: "not by name", none: "not forced" } as const

const tools: Cell = (chat) => distinct(chat.map((policy) => (policy.tools ? forcing[policy.toolChoice] : "no")))

const parallel: Cell = (chat) =>
  distinct(chat.map((policy) => (policy.tools ? (policy.parallelFlag ? "yes" : "always") : "no")))

const thinking: Cell = (chat, responses) => {
  const all = [...chat, ...responses]
  const effort = all.some((policy) => policy.effort !== "none")
  const onOff = all.some((policy) => policy.thinkingSwitch !== "none")
  return [...(effort ? ["effort"] : []), ...(onOff ? ["on/off"] : [])].join(", ") || "not told"
}

const images: Cell = (chat) => {
  const seeing = new Set(chat.map((policy) => policy.vision))
  return seeing.size > 1 ? "by model" : seeing.has(true) ? "yes" : "no"
}

const documents: Cell = (chat, responses) => distinct([...chat, ...responses].map((policy) => policy.pdf))

const formats = { json_schema: "schema", json_object: "JSON", prompt: "in words" } as const

const structured: Cell = (chat) => distinct(chat.map((policy) => formats[policy.structuredOutput]))

const cache: Cell = (_, __, row) => (row.reportsCache ? "yes" : "no")

const search: Cell = (chat, responses) => {
  const searching = chat.filter((policy) => searches("chat", policy)).length
  const hosted = responses.some((policy) => searches("responses", policy))
  if (searching === chat.length) return "yes"
  if (searching > 0) return hosted ? "Responses, some models" : "some models"
  return hosted ? "Responses" : "no"
}

const columns: ReadonlyArray<readonly [title: string, cell: Cell]> = [
  ["Tools", tools],
  ["Parallel", parallel],
  ["Thinking", thinking],
  ["Images", images],
  ["Documents", documents],
  ["Structured", structured],
  ["Cache usage", cache],
  ["Web search", search]
]

/** The table in Markdown, without a line break at its end. */
export const compatibilityTable = (): string => {
  const head = ["Provider", ...columns.map(([title]) => title)]
  const body = [...providers, generic].map((row) => {
    const [chat, responses] = [policiesOf(row, "chat"), policiesOf(row, "responses")]
    const star = row.anthropic === undefined ? "" : " *"
    const cells = columns.map(([, cell]) => (row.native === true ? "as sent" : cell(chat, responses, row)))
    return [`${row.label}${star}`, ...cells]
  })
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n")
}

const begin = "<!-- compatibility: npm run compat -->"
const end = "<!-- /compatibility -->"

/** The README with the table as it is now between its markers; undefined when it has none. */
export const withTable = (readme: string): string | undefined => {
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end)
  if (from < 0 || to < from) return undefined
  return `${readme.slice(0, from + begin.length)}\n${compatibilityTable()}\n${readme.slice(to)}`
}
