/**
 * What the scenarios say in no protocol's words, and each protocol that a scripted provider speaks: how a turn is written
 * down, and what is read off a request.
 */
import { ChatScript, ResponsesScript, UpstreamScript, type RecordedRequest } from "../../src/testing/index.ts"
import { isJsonObject, type JsonObject } from "../../src/testing/json.ts"
import { list, type Fields } from "../../src/testing/judge.ts"
import type { ChatTurn } from "../../src/testing/upstreamChat.ts"
import type { Script } from "../../src/testing/upstreamScript.ts"

/** A model's answer. `sealed` is what only the provider can read of its reasoning. */
export interface Turn extends Omit<ChatTurn, "finish" | "details"> {
  readonly sealed?: string
}

/** One step of the conversation that a request holds. */
export interface Step {
  readonly kind: "user" | "system" | "text" | "call" | "result"
  readonly text: string
  /** Of a call and its result. */
  readonly id: string
  /** Of a call. */
  readonly name: string
}

export interface Tool {
  readonly name: string
  readonly description: string
}

/** A request as the scenarios look at it. */
export interface Seen {
  readonly model: unknown
  readonly stream: boolean
  readonly steps: ReadonlyArray<Step>
  readonly tools: ReadonlyArray<Tool>
  /** Addresses of all images, wherever they stand. */
  readonly images: ReadonlyArray<string>
}

export interface Dialect {
  readonly name: string
  /** Lines of the profile. */
  readonly profile: string
  /** Method and path of every request. */
  readonly asks: string
  /** Fields of every request for a stream. */
  readonly streaming: JsonObject
  /** The records of a streamed answer. */
  readonly records: (turn: Turn) => ReadonlyArray<string>
  /** The answer in the form that the request asked for. */
  readonly answer: (request: RecordedRequest, turn: Turn) => Script
  readonly whole: (turn: Turn) => Script
  /** The records of an answer that begins with this text and does not come to its end. */
  readonly beginning: (text: string) => ReadonlyArray<string>
  /** The record that says in the middle of a stream that it failed. */
  readonly failure: string
  /** The text in which a turn's reasoning goes back to the provider. */
  readonly replayed: (turn: Turn) => string
  readonly seen: (body: unknown) => Seen
}

const fields = (value: unknown): Fields => (isJsonObject(value) ? value : {})
const text = (value: unknown): string => (typeof value === "string" ? value : "")

const partsText = (content: unknown): string =>
  typeof content === "string"
    ? content
    : list(content)
        .map((part) => text(fields(part)["text"]))
        .join("\n")

const step = (kind: Step["kind"], said: unknown, id: unknown = "", name: unknown = ""): Step => ({
  kind,
  text: partsText(said),
  id: text(id),
  name: text(name)
})

const spoken = (kind: Step["kind"], content: unknown): ReadonlyArray<Step> =>
  partsText(content) === "" ? [] : [step(kind, content)]

const chatSteps = (message: Fields): ReadonlyArray<Step> => {
  const { content, role } = message
  if (role === "tool") return [step("result", content, message["tool_call_id"])]
  if (role !== "assistant") return spoken(role === "user" ? "user" : "system", content)
  const calls = list(message["tool_calls"]).map(fields)
  return [
    ...spoken("text", content),
    ...calls.map((call) => {
      const { arguments: args, name } = fields(call["function"])
      return step("call", args, call["id"], name)
    })
  ]
}

const toolOf = (value: unknown): Tool => {
  const { description, name } = fields(value)
  return { name: text(name), description: text(description) }
}

const chat: Dialect = {
  name: "Chat",
  profile: 'provider_type = "OpenAICompatible"\nquirks = { reasoning_replay = "reasoning_content" }',
  asks: "POST /v1/chat/completions",
  streaming: { stream: true, stream_options: { include_usage: true } },
  records: ChatScript.records,
  answer: ChatScript.answer,
  whole: ChatScript.whole,
  beginning: (piece) => [ChatScript.role, ChatScript.text(piece)],
  failure: ChatScript.record({ error: { message: "broke" } }),
  replayed: ({ reasoning }) => `"reasoning_content":${JSON.stringify(reasoning)}`,
  seen: (body) => {
    const { messages, model, stream, tools } = fields(body)
    const all = list(messages).map(fields)
    const parts = all.flatMap(({ content }) => list(content).map(fields))
    return {
      model,
      stream: stream === true,
      steps: all.flatMap(chatSteps),
      tools: list(tools).map((tool) => toolOf(fields(tool)["function"])),
      images: parts.filter((part) => part["type"] === "image_url").map((part) => text(fields(part["image_url"])["url"]))
    }
  }
}

const itemSteps = (item: Fields): ReadonlyArray<Step> => {
  switch (item["type"]) {
    case "function_call":
      return [step("call", item["arguments"], item["call_id"], item["name"])]
    case "function_call_output":
      return [step("result", item["output"], item["call_id"])]
    case "message": {
      const { content, role } = item
      return spoken(role === "user" ? "user" : role === "assistant" ? "text" : "system", content)
    }
    default:
      return []
  }
}

const responses: Dialect = {
  name: "Responses",
  profile: 'provider_type = "OpenAIResponses"',
  asks: "POST /v1/responses",
  streaming: { stream: true, store: false },
  records: ResponsesScript.records,
  answer: ResponsesScript.answer,
  whole: ResponsesScript.whole,
  beginning: (piece) => [...ResponsesScript.opening, ResponsesScript.text(piece)],
  failure: ResponsesScript.failed("broke"),
  replayed: (turn) => JSON.stringify(ResponsesScript.reasoningItem(turn)),
  seen: (body) => {
    const { input, instructions, model, stream, tools } = fields(body)
    const items = list(input).map(fields)
    const parts = items.flatMap(({ content, output }) => [...list(content), ...list(output)].map(fields))
    return {
      model,
      stream: stream === true,
      steps: [...spoken("system", instructions), ...items.flatMap(itemSteps)],
      tools: list(tools).map(toolOf),
      images: parts.filter((part) => part["type"] === "input_image").map((part) => text(part["image_url"]))
    }
  }
}

export const dialects: ReadonlyArray<Dialect> = [chat, responses]

/** The turn as a stream, one write per record. */
export const streamed = ({ records }: Dialect, turn: Turn): Script => UpstreamScript.stream(records(turn))

/** Both protocols have OpenAI's errors. */
export const failed = ChatScript.error

/** The texts of all user turns. */
export const userText = ({ steps }: Seen): string =>
  steps
    .filter(({ kind }) => kind === "user")
    .map((one) => one.text)
    .join("\n")

/** The results by the id of their call. */
export const results = ({ steps }: Seen): Readonly<Record<string, string>> =>
  Object.fromEntries(steps.filter(({ kind }) => kind === "result").map((one) => [one.id, one.text]))
