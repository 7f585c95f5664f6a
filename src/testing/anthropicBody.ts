/**
 * A strict judge of Anthropic requests as an upstream of its own protocol is one (wire specification §1.2): thinking only
 * with a signature that this upstream made, every call answered by the very next message, nothing empty.
 */
import { isJsonObject } from "./json.ts"
import { at, filled, list, none, say, type Fields, type Wrong } from "./judge.ts"

/** What else the judge has to know. */
export interface AnthropicBodyOptions {
  /** The signatures that the provider made itself. */
  readonly signatures: ReadonlySet<string>
}

const isFields = (value: unknown): value is Fields => isJsonObject(value)

const blocksOf = (message: unknown): ReadonlyArray<Fields> =>
  isFields(message) ? list(message["content"]).filter(isFields) : []

const isEnvelope = (value: unknown): boolean => filled(value) && value.startsWith("cdx1.")

const blockViolations = (block: Fields, role: unknown, { signatures }: AnthropicBodyOptions): Wrong => {
  switch (block["type"]) {
    case "text":
      return say(filled(block["text"]), "empty text")
    case "thinking": {
      const { signature } = block
      return [
        ...say(role === "assistant", "thinking of somebody else"),
        ...say(filled(signature) && signatures.has(signature), `invalid signature ${JSON.stringify(signature)}`)
      ]
    }
    case "redacted_thinking":
      return say(!isEnvelope(block["data"]), "redacted thinking of another provider")
    case "tool_use":
      return [
        ...say(role === "assistant", "a call of somebody else"),
        ...say(filled(block["id"]) && /^[a-zA-Z0-9_-]+$/.test(block["id"]), `id ${JSON.stringify(block["id"])}`),
        ...say(isFields(block["input"]), "input is no object")
      ]
    case "tool_result":
      return say(role === "user", "a result of somebody else")
    default:
      return none
  }
}

const idsOf = (message: unknown, type: string, key: string): ReadonlyArray<unknown> =>
  blocksOf(message)
    .filter((block) => block["type"] === type)
    .map((block) => block[key])

const pairingViolations = (messages: ReadonlyArray<unknown>): Wrong =>
  messages.flatMap((message, index) => {
    const results = idsOf(message, "tool_result", "tool_use_id")
    const calls = idsOf(messages[index - 1], "tool_use", "id")
    return [
      ...say(
        results.length === calls.length && calls.every((id) => results.includes(id)),
        `message ${index}: results ${results.join()} for calls ${calls.join()}`
      ),
      ...say(
        index < messages.length - 1 || idsOf(message, "tool_use", "id").length === 0,
        `message ${index}: calls that nobody answers`
      )
    ]
  })

const startsWithThinking = (message: unknown): boolean =>
  ["thinking", "redacted_thinking"].includes(String(blocksOf(message)[0]?.["type"]))

/** "When `thinking` is enabled, a final `assistant` message must start with a thinking block": in a turn with calls. */
const thinkingViolations = (body: Fields, messages: ReadonlyArray<unknown>): Wrong => {
  const { thinking } = body
  const answers = (message: unknown) => idsOf(message, "tool_result", "tool_use_id").length > 0
  if (!isFields(thinking) || thinking["type"] !== "enabled" || !answers(messages.at(-1))) return none
  const roles = messages.map((message) => (isFields(message) ? message["role"] : undefined))
  const asked = messages.findLastIndex((message, index) => roles[index] === "user" && !answers(message))
  const turn = messages.filter((_, index) => index > asked && roles[index] === "assistant")
  return say([turn[0], turn.at(-1)].some(startsWithThinking), "expected thinking at the start of the last turn")
}

const messageViolations = (message: unknown, options: AnthropicBodyOptions): Wrong => {
  if (!isFields(message)) return ["no object"]
  const { content, role } = message
  return [
    ...say(role === "user" || role === "assistant", `role ${String(role)}`),
    ...say(filled(content) || list(content).length > 0, "no content"),
    ...blocksOf(message).flatMap((block, index) => at(`block ${index}`, blockViolations(block, role, options)))
  ]
}

/** Everything that is wrong with a request body; empty when a strict upstream would take it. */
export const anthropicBodyViolations = (body: unknown, options: AnthropicBodyOptions): ReadonlyArray<string> => {
  if (!isFields(body)) return ["the body is no object"]
  const { messages } = body
  if (!Array.isArray(messages) || messages.length === 0) return ["messages is no filled list"]
  return [
    ...say(filled(body["model"]), "model"),
    ...messages.flatMap((message, index) => at(`message ${index}`, messageViolations(message, options))),
    ...pairingViolations(messages),
    ...thinkingViolations(body, messages)
  ]
}
