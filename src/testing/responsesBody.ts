/**
 * A strict judge of Responses request bodies (wire specification §3.1, §3.3 and §4.5), independent of the code that
 * writes them. It knows the narrowest published schema and the rules that the service enforces beyond it: calls with
 * exactly one later output, reasoning that something follows, no unknown keys, nothing that refers to what is not stored.
 */
import type { Policy } from "../protocol/policy.ts"
import { isJsonObject } from "./json.ts"
import { responsesTopViolations } from "./responsesFields.ts"
import {
  at,
  filled,
  isDataUrl,
  isPdfUrl,
  keys,
  list,
  none,
  parsesToObject,
  plainJson,
  say,
  string,
  type Fields,
  type Wrong
} from "./judge.ts"

const isFields = (value: unknown): value is Fields => isJsonObject(value)

/** Responses takes call ids of up to 64 characters. */
const callId = /^[a-zA-Z0-9_-]{1,64}$/

const partViolations = (part: unknown, policy: Policy): Wrong => {
  if (!isFields(part)) return ["part is no object"]
  switch (part["type"]) {
    case "input_text":
      return [...keys(part, ["type", "text"]), ...say(filled(part["text"]), "empty text part")]
    case "input_image": {
      const url = part["image_url"]
      const data = isDataUrl(url)
      return [
        ...keys(part, ["type", "image_url", "detail"]),
        ...say(part["detail"] === "auto", "detail"),
        ...say(policy.vision, "an image for a model that cannot see"),
        ...say(
          data || (policy.imageUrls === "any" && filled(url) && !url.startsWith("data:")),
          `image url ${String(url)}`
        )
      ]
    }
    case "input_file": {
      const address = Object.hasOwn(part, "file_url")
      const data = part["file_data"]
      return [
        ...keys(part, address ? ["type", "file_url"] : ["type", "filename", "file_data"]),
        ...say(policy.pdf === "file", "a file for a server that takes none"),
        ...(address
          ? say(filled(part["file_url"]), "file_url")
          : [...say(filled(part["filename"]), "file without a name"), ...say(isPdfUrl(data), "file_data")])
      ]
    }
    default:
      return [`part type ${String(part["type"])}`]
  }
}

const partsViolations = (content: unknown, policy: Policy): Wrong => [
  ...say(Array.isArray(content) && content.length > 0, "content is no filled list"),
  ...list(content).flatMap((part, index) => at(`part ${index}`, partViolations(part, policy)))
]

const spokenViolations = (content: unknown): Wrong => [
  ...say(Array.isArray(content) && content.length > 0, "content is no filled list"),
  ...list(content).flatMap((part, index) =>
    isFields(part)
      ? at(`part ${index}`, [
          ...keys(part, ["type", "text"]),
          ...say(part["type"] === "output_text", "part type"),
          ...say(filled(part["text"]), "empty text part")
        ])
      : [`part ${index} is no object`]
  )
]

const messageViolations = (item: Fields, policy: Policy): Wrong => {
  const { content, role } = item
  if (role === "assistant") {
    const phased = policy.messagePhases
    return [
      ...keys(item, ["type", "role", "content", ...(phased ? ["phase"] : [])]),
      ...say(
        !phased || item["phase"] === "commentary" || item["phase"] === "final_answer",
        "a message without its phase"
      ),
      ...spokenViolations(content)
    ]
  }
  const shape = keys(item, ["type", "role", "content"])
  if (role === "user") return [...shape, ...partsViolations(content, policy)]
  if (role !== "developer") return [...shape, `role ${String(role)}`]
  const texts = list(content).every((part) => isFields(part) && part["type"] === "input_text")
  return [
    ...shape,
    ...partsViolations(content, policy),
    ...say(texts, "system text that is no text"),
    ...say(policy.systemPlacement === "inline", "system text in the middle")
  ]
}

const idViolations = (id: unknown): Wrong => say(filled(id) && callId.test(id), `call_id ${JSON.stringify(id)}`)

const callViolations = (item: Fields, policy: Policy): Wrong => {
  const { arguments: args, call_id: id, name } = item
  return [
    ...keys(item, ["type", "call_id", "name", "arguments"]),
    ...idViolations(id),
    ...say(string(name) && policy.namePattern.test(name), `call name ${JSON.stringify(name)}`),
    ...say(string(args) && parsesToObject(args), `arguments ${JSON.stringify(args)}`)
  ]
}

const outputViolations = (item: Fields, policy: Policy): Wrong => {
  const { call_id: id, output } = item
  const media = list(output).some((part) => isFields(part) && part["type"] !== "input_text")
  return [
    ...keys(item, ["type", "call_id", "output"]),
    ...idViolations(id),
    ...say(string(output) || Array.isArray(output), "output"),
    ...(string(output)
      ? none
      : [
          ...partsViolations(output, policy),
          ...say(media, "parts although all is text"),
          ...say(policy.resultMedia === "inline-parts", "media in a result")
        ])
  ]
}

const textParts = (value: unknown, type: string): Wrong =>
  list(value).flatMap((part, index) =>
    say(isFields(part) && part["type"] === type && string(part["text"]), `${type} ${index}`)
  )

const reasoningViolations = (item: Fields, policy: Policy): Wrong => {
  const sealed = item["encrypted_content"]
  const open = list(item["content"]).length > 0
  return [
    ...keys(item, ["type", "summary"], ["id", "content", "encrypted_content"]),
    ...say(Array.isArray(item["summary"]), "summary is no list"),
    ...textParts(item["summary"], "summary_text"),
    ...textParts(item["content"], "reasoning_text"),
    ...say(filled(sealed) || open, "an id of what the provider did not store"),
    ...say(!filled(sealed) || policy.encryptedReasoning, "encrypted reasoning for a server that takes none")
  ]
}

const itemViolations = (item: unknown, policy: Policy): Wrong => {
  if (!isFields(item)) return ["no object"]
  switch (item["type"]) {
    case "message":
      return messageViolations(item, policy)
    case "function_call":
      return callViolations(item, policy)
    case "function_call_output":
      return outputViolations(item, policy)
    case "reasoning":
      return reasoningViolations(item, policy)
    case "web_search_call":
      return [
        ...keys(item, ["type", "action"], ["id", "status"]),
        ...say(isFields(item["action"]), "a search without an action")
      ]
    default:
      return [`item type ${String(item["type"])}`]
  }
}

const speaker = (item: unknown): string => {
  if (!isFields(item)) return "nobody"
  if (item["type"] === "message") return String(item["role"])
  return item["type"] === "function_call_output" ? "tool" : "assistant"
}

/** Law L2: each call has exactly one later output before anybody else speaks, and there are no other outputs. */
export const outputPairingViolations = (items: ReadonlyArray<unknown>): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  const seen = new Set<unknown>()
  const open = new Set<unknown>()
  items.forEach((item, index) => {
    if (!isFields(item)) return
    const id = item["call_id"]
    if (item["type"] === "function_call") {
      if (seen.has(id)) wrong.push(`item ${index}: a second call ${String(id)}`)
      seen.add(id)
      open.add(id)
    } else if (item["type"] === "function_call_output") {
      if (!open.delete(id)) wrong.push(`item ${index}: an output for no open call ${String(id)}`)
    } else if (open.size > 0 && speaker(item) !== "assistant") {
      wrong.push(`item ${index}: calls ${[...open].join()} are not answered before it`)
    }
  })
  return open.size > 0 ? [...wrong, `calls ${[...open].join()} are never answered`] : wrong
}

const orderViolations = (items: ReadonlyArray<unknown>): Wrong =>
  items.flatMap((item, index) => {
    const next = items[index + 1]
    const both = isFields(item) && isFields(next) && item["type"] === "message" && next["type"] === "message"
    const twice = both && item["role"] === next["role"] && item["role"] !== "developer"
    return [
      ...say(!twice, `item ${index + 1}: ${speaker(next)} twice in a row`),
      ...say(
        !isFields(item) || item["type"] !== "reasoning" || speaker(next) === "assistant",
        `item ${index}: reasoning without its required following item`
      )
    ]
  })

/** Everything that is wrong with a request body for a server of this policy; empty when a strict server would take it. */
export const responsesBodyViolations = (body: unknown, policy: Policy): ReadonlyArray<string> => {
  if (!isFields(body)) return ["the body is no object"]
  const { input } = body
  if (!Array.isArray(input) || input.length === 0) return ["input is no filled list"]
  return [
    ...plainJson(body, "body"),
    ...responsesTopViolations(body, policy),
    ...input.flatMap((item, index) => at(`item ${index}`, itemViolations(item, policy))),
    ...outputPairingViolations(input),
    ...orderViolations(input),
    ...say(["user", "developer", "tool"].includes(speaker(input.at(-1))), "nothing to answer")
  ]
}
