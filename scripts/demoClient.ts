/**
 * The demo's own client, for machines without Claude Code: it speaks Anthropic Messages, streams, runs one tool (Read,
 * inside one folder) and goes on until the model has nothing more to call.
 */
import { readFile } from "node:fs/promises"
import { relative, resolve } from "node:path"
import { Data, Effect } from "effect"
import { asString, isObject, parseJson, type JsonObject } from "../src/protocol/json.ts"
import { sseParser } from "../src/protocol/sse.ts"

export class DemoClientError extends Data.TaggedError("DemoClientError")<{ readonly detail: string }> {
  override get message(): string {
    return `the conversation broke off: ${this.detail}`
  }
}

const tools = [
  {
    name: "Read",
    description: "Reads a file and returns its lines with their numbers.",
    input_schema: {
      type: "object",
      properties: { file_path: { type: "string", description: "Absolute path of the file" } },
      required: ["file_path"],
      additionalProperties: false
    }
  }
]

/** Enough for a question, its tool calls and the answer. */
const maxRounds = 5

const failure = (cause: unknown): DemoClientError =>
  new DemoClientError({ detail: cause instanceof Error ? cause.message : String(cause) })

/** The blocks of one streamed answer, put together. */
const collect = async (response: Response): Promise<ReadonlyArray<JsonObject>> => {
  const blocks: Array<Record<string, unknown>> = []
  const json: Array<string> = []
  let ended: string | undefined
  const take = (event: unknown) => {
    if (!isObject(event)) return
    const { content_block: block, delta, index, type } = event
    const at = typeof index === "number" ? index : 0
    if (type === "content_block_start" && isObject(block)) blocks[at] = { ...block }
    if (type === "message_stop") ended = "complete"
    if (type === "error") ended = JSON.stringify(event["error"])
    const open = blocks[at]
    if (type !== "content_block_delta" || !isObject(delta) || open === undefined) return
    for (const key of ["text", "thinking", "signature"]) {
      if (typeof delta[key] === "string") open[key] = `${asString(open[key]) ?? ""}${delta[key]}`
    }
    if (typeof delta["partial_json"] === "string") {
      json[at] = (json[at] ?? "") + delta["partial_json"]
      open["input"] = parseJson(json[at] ?? "") ?? {}
    }
  }
  const parser = sseParser(
    (_, data) => take(parseJson(data)),
    () => {}
  )
  const decoder = new TextDecoder()
  if (response.body !== null) {
    for await (const bytes of response.body) parser.push(decoder.decode(bytes, { stream: true }))
  }
  if (ended !== "complete") return Promise.reject(new Error(ended ?? "the answer was cut off"))
  return blocks
}

const readTool = async (folder: string, input: unknown): Promise<{ text: string; isError: boolean }> => {
  const wanted = isObject(input) ? (asString(input["file_path"]) ?? "") : ""
  const path = resolve(folder, wanted)
  if (relative(folder, path).startsWith("..")) return { text: `${wanted} is outside of ${folder}`, isError: true }
  return readFile(path, "utf8").then(
    (text) => ({
      text: text
        .split("\n")
        .map((line, index) => `${index + 1}\t${line}`)
        .join("\n"),
      isError: false
    }),
    () => ({ text: "File does not exist.", isError: true })
  )
}

export interface DemoClientOptions {
  /** Where Anthropic's API would be, e.g. `http://127.0.0.1:4000/proxy/demo`. */
  readonly baseUrl: string
  readonly token: string
  readonly model: string
  /** The only folder that the tool may read. */
  readonly folder: string
}

/** Asks, runs the calls, and answers with the model's last text. */
export const converse = (prompt: string, options: DemoClientOptions): Effect.Effect<string, DemoClientError> => {
  const messages: Array<JsonObject> = [
    {
      role: "user",
      content: [
        { type: "text", text: "<system-reminder>\nAnswer briefly.\n</system-reminder>" },
        { type: "text", text: prompt, cache_control: { type: "ephemeral" } }
      ]
    }
  ]
  const ask = Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(`${options.baseUrl}/v1/messages?beta=true`, {
        method: "POST",
        signal,
        headers: {
          authorization: `Bearer ${options.token}`,
          "anthropic-version": "2023-06-01",
          "content-type": "application/json"
        },
        body: JSON.stringify({
          model: options.model,
          max_tokens: 4096,
          stream: true,
          thinking: { type: "adaptive" },
          system: [
            { type: "text", text: "You help with the files of one folder.", cache_control: { type: "ephemeral" } },
            { type: "text", text: `Working directory: ${options.folder}` }
          ],
          tools,
          messages
        })
      })
      if (!response.ok) return Promise.reject(new Error(`${response.status} ${await response.text()}`))
      return collect(response)
    },
    catch: failure
  })
  const round = (left: number): Effect.Effect<string, DemoClientError> =>
    Effect.gen(function* () {
      const blocks = yield* ask
      const calls = blocks.filter((block) => block["type"] === "tool_use")
      messages.push({ role: "assistant", content: blocks })
      if (calls.length === 0) return blocks.map((block) => asString(block["text"]) ?? "").join("")
      if (left === 0) return yield* new DemoClientError({ detail: "the model calls tools without end" })
      const results = yield* Effect.forEach(calls, (call) =>
        Effect.map(
          Effect.promise(() => readTool(options.folder, call["input"])),
          ({ isError, text }) => ({ type: "tool_result", tool_use_id: call["id"], content: text, is_error: isError })
        )
      )
      messages.push({ role: "user", content: results })
      return yield* round(left - 1)
    })
  return round(maxRounds)
}
