/** What stands where in the messages of a Chat request. */
import { isJsonObject, type Json, type JsonObject } from "../../../../src/testing/json.ts"

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "")

const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

/** The visible text of one message: string content, or its text parts and file names. */
export const visibleText = (message: JsonObject): string => {
  const content = message["content"]
  if (!Array.isArray(content)) return text(content)
  return list(content)
    .map((part) => {
      const file = part["file"]
      return part["type"] === "text" ? text(part["text"]) : isJsonObject(file) ? text(file["filename"]) : ""
    })
    .join("\n")
}

export interface Found {
  readonly role: string
  /** The `tool_call_id` of a tool message. */
  readonly callId: string
  /** Position in the order of the whole conversation. */
  readonly at: readonly [message: number, offset: number]
}

/** Every place where a text occurs in visible content. */
export const findText = (messages: ReadonlyArray<JsonObject>, wanted: string): ReadonlyArray<Found> =>
  messages.flatMap((message, index) => {
    const content = visibleText(message)
    const found: Array<Found> = []
    for (let at = content.indexOf(wanted); at >= 0; at = content.indexOf(wanted, at + 1)) {
      found.push({ role: text(message["role"]), callId: text(message["tool_call_id"]), at: [index, at] })
    }
    return found
  })

/** Whether positions rise. */
export const ascending = (found: ReadonlyArray<Found>): boolean =>
  found.every(({ at }, index) => {
    const before = found[index - 1]?.at
    return before === undefined || before[0] < at[0] || (before[0] === at[0] && before[1] < at[1])
  })

export interface UpstreamCall {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

/** All calls of the conversation in order, arguments parsed. */
export const upstreamCalls = (messages: ReadonlyArray<JsonObject>): ReadonlyArray<UpstreamCall> =>
  messages.flatMap((message) =>
    list(message["tool_calls"]).map((call) => {
      const { function: callee } = call
      const inner = isJsonObject(callee) ? callee : {}
      const input: unknown = JSON.parse(text(inner["arguments"]))
      return { id: text(call["id"]), name: text(inner["name"]), input }
    })
  )

/** Image URLs of user and tool messages, in order. */
export const imageUrls = (messages: ReadonlyArray<JsonObject>): ReadonlyArray<string> =>
  messages.flatMap((message) =>
    list(message["content"]).flatMap((part) => {
      const image = part["image_url"]
      return isJsonObject(image) ? [text(image["url"])] : []
    })
  )
