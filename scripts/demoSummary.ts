/**
 * One exchange of the demo in a few lines: what the client asked, what the provider was asked, what was changed on the
 * way, and which stream records became which events. Pure; reads the JSON of both sides and knows nothing else.
 */
import { asArray, asString, isObject, parseJson, type JsonObject } from "../src/protocol/json.ts"

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const size = (body: unknown): string => `${(JSON.stringify(body ?? "").length / 1000).toFixed(1)} kB`

const objects = (value: unknown): ReadonlyArray<JsonObject> => asArray(value).filter(isObject)

const blocks = (content: unknown): ReadonlyArray<JsonObject> =>
  typeof content === "string" ? [{ type: "text", text: content }] : objects(content)

/** "text, tool_use x2" for the blocks of a message. */
const kinds = (names: ReadonlyArray<string>): string =>
  [...new Set(names)]
    .map((name) => {
      const count = names.filter((one) => one === name).length
      return count === 1 ? name : `${name} x${count}`
    })
    .join(", ")

const names = (tools: ReadonlyArray<unknown>): string => {
  const all = tools.flatMap((name) => asString(name) ?? [])
  const shown = all.slice(0, 4).join(", ")
  return all.length > 4 ? `${shown} and ${all.length - 4} more` : shown
}

/** How often a key occurs anywhere in a JSON value. */
const occurrences = (value: unknown, key: string): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + occurrences(one, key), 0)
  if (!isObject(value)) return 0
  return Object.entries(value).reduce((sum, [name, one]) => sum + (name === key ? 1 : 0) + occurrences(one, key), 0)
}

/** The client's request (Anthropic Messages). */
export const clientRequest = (body: unknown): ReadonlyArray<string> => {
  if (!isObject(body)) return ["no JSON"]
  const thinking = body["thinking"]
  const output = body["output_config"]
  const facts = [
    `model ${asString(body["model"]) ?? "?"}`,
    body["stream"] === true ? "stream" : "whole",
    `max_tokens ${String(body["max_tokens"])}`,
    isObject(thinking) ? `thinking ${String(thinking["type"])}` : "no thinking",
    ...(isObject(output) && output["effort"] !== undefined ? [`effort ${String(output["effort"])}`] : [])
  ]
  const messages = objects(body["messages"]).map(
    (message) =>
      `${String(message["role"])} (${kinds(blocks(message["content"]).map((block) => String(block["type"])))})`
  )
  const tools = objects(body["tools"])
  return [
    `${facts.join(", ")} - ${size(body)}`,
    `system: ${plural(blocks(body["system"]).length, "block")}; messages: ${messages.join(", ")}`,
    tools.length === 0 ? "no tools" : `${plural(tools.length, "tool")}: ${names(tools.map((tool) => tool["name"]))}`
  ]
}

/** The provider's request (Chat Completions). */
export const providerRequest = (body: unknown): ReadonlyArray<string> => {
  if (!isObject(body)) return ["no JSON"]
  const limit = ["max_tokens", "max_completion_tokens"].find((key) => body[key] !== undefined)
  const facts = [
    `model ${asString(body["model"]) ?? "?"}`,
    body["stream"] === true ? "stream" : "whole",
    ...(limit === undefined ? [] : [`${limit} ${String(body[limit])}`]),
    ...(body["reasoning_effort"] === undefined ? [] : [`reasoning_effort ${String(body["reasoning_effort"])}`]),
    ...(isObject(body["stream_options"]) ? ["usage asked for"] : [])
  ]
  const messages = objects(body["messages"]).map((message) => {
    const calls = objects(message["tool_calls"])
    const name = String(message["role"])
    return calls.length === 0 ? name : `${name} (${plural(calls.length, "tool_call")})`
  })
  const tools = objects(body["tools"]).map((tool) =>
    isObject(tool["function"]) ? tool["function"]["name"] : undefined
  )
  return [
    `${facts.join(", ")} - ${size(body)}`,
    `messages: ${messages.join(", ")}`,
    tools.length === 0 ? "no tools" : `${plural(tools.length, "function")}: ${names(tools)}`
  ]
}

interface Change {
  /** What the client sent of it; 0 means that there is nothing to say. */
  readonly count: (client: JsonObject) => number
  readonly say: (count: number, provider: JsonObject) => string
}

const blocksOf = (client: JsonObject, type: string): number =>
  objects(client["messages"])
    .flatMap((message) => blocks(message["content"]))
    .filter((block) => block["type"] === type).length

const rolesOf = (body: JsonObject, role: string): number =>
  objects(body["messages"]).filter((message) => message["role"] === role).length

/** What a translation can change, in the order in which it is told. */
const changes: ReadonlyArray<Change> = [
  {
    count: (client) => blocks(client["system"]).length,
    say: (count, provider) =>
      `${plural(count, "system block")} -> ${plural(rolesOf(provider, "system"), "system message")}`
  },
  {
    count: (client) => rolesOf(client, "system"),
    say: (count) => `${plural(count, "system message")} inside the conversation -> kept, where the provider reads it`
  },
  {
    count: (client) => blocksOf(client, "tool_use"),
    say: (count) => `${plural(count, "tool_use block")} -> tool_calls`
  },
  {
    count: (client) => blocksOf(client, "tool_result"),
    say: (count, provider) =>
      `${plural(count, "tool_result block")} -> ${plural(rolesOf(provider, "tool"), "tool message")}, paired by id`
  },
  {
    count: (client) => blocksOf(client, "thinking"),
    say: (count) => `${plural(count, "thinking block")} of earlier turns -> only what this provider wants back`
  },
  {
    count: (client) => occurrences(client, "cache_control"),
    say: (count) => `${plural(count, "cache mark")} -> taken out`
  },
  {
    count: (client) =>
      ["metadata", "context_management", "safeguards"].filter((key) => client[key] !== undefined).length,
    say: (count) => `${plural(count, "field")} that only Anthropic understands -> taken out`
  }
]

/** What was changed on the way from the client to the provider. */
export const requestChanges = (client: unknown, provider: unknown): ReadonlyArray<string> => {
  if (!isObject(client) || !isObject(provider)) return []
  return changes.flatMap(({ count, say }) => {
    const found = count(client)
    return found === 0 ? [] : [say(found, provider)]
  })
}

/** What a record of the provider's stream holds, for counting. */
export const chunkKind = (data: string): string => {
  if (data.trim() === "[DONE]") return "[DONE]"
  const chunk = parseJson(data)
  const [choice] = isObject(chunk) ? objects(chunk["choices"]) : []
  const delta = isObject(choice?.["delta"]) ? choice["delta"] : {}
  if (choice === undefined) return isObject(chunk) && isObject(chunk["usage"]) ? "usage" : "other"
  if (typeof choice["finish_reason"] === "string") return `finish_reason ${choice["finish_reason"]}`
  const [field] = ["reasoning_content", "tool_calls", "content"].filter(
    (key) => delta[key] !== undefined && delta[key] !== ""
  )
  return field ?? "role"
}

/** What an event of the client's stream holds, for counting. */
export const eventKind = (event: unknown): string => {
  if (!isObject(event)) return "other"
  const { content_block: block, delta, type } = event
  if (type === "content_block_start" && isObject(block)) return `${String(type)} ${String(block["type"])}`
  if (type === "content_block_delta" && isObject(delta)) return String(delta["type"])
  if (type === "message_delta" && isObject(delta)) return `message_delta ${String(delta["stop_reason"])}`
  return String(type)
}

/** Runs of the same kind, in order: `[kind, how many]`. */
export const runsOf = (list: ReadonlyArray<string>): ReadonlyArray<readonly [string, number]> => {
  const runs: Array<[string, number]> = []
  for (const kind of list) {
    const last = runs.at(-1)
    if (last?.[0] === kind) last[1] += 1
    else runs.push([kind, 1])
  }
  return runs
}

const column = (runs: ReadonlyArray<readonly [string, number]>): ReadonlyArray<string> =>
  runs.map(([kind, count]) => (count === 1 ? kind : `${kind} x${count}`))

/** Two columns: the provider's records and the client's events, each as runs. */
export const answerTable = (chunks: ReadonlyArray<string>, events: ReadonlyArray<string>): ReadonlyArray<string> => {
  const left = ["provider's chunks", ...column(runsOf(chunks))]
  const right = ["client's events", ...column(runsOf(events))]
  const width = Math.max(...left.map((cell) => cell.length))
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) =>
    `${(left[row] ?? "").padEnd(width)}   ${right[row] ?? ""}`.trimEnd()
  )
}

/** "in 9000 (1024 cached), out 30" from the usage of a `message_delta`. */
export const usageText = (event: unknown): string | undefined => {
  const usage = isObject(event) && event["type"] === "message_delta" ? event["usage"] : undefined
  if (!isObject(usage)) return undefined
  const number = (key: string): number => (typeof usage[key] === "number" ? usage[key] : 0)
  const cached = number("cache_read_input_tokens")
  return `${number("input_tokens") + cached} tokens in (${cached} of them cached), ${number("output_tokens")} out`
}
