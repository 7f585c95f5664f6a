/**
 * The yardstick: what a good engineer writes by hand with node:http alone to put Claude Code in front of a Chat
 * Completions provider. It translates for real, whole and streamed, with tools, and does nothing else: no configuration,
 * no deadlines, no journal, no lenient reading, no error mapping beyond the status.
 */
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

interface Block {
  readonly type: string
  readonly text?: string
  readonly id?: string
  readonly name?: string
  readonly input?: object
  readonly tool_use_id?: string
  readonly content?: string | ReadonlyArray<Block>
}

interface Body {
  readonly model: string
  readonly stream?: boolean
  readonly max_tokens: number
  readonly system?: string | ReadonlyArray<Block>
  readonly messages: ReadonlyArray<{ readonly role: string; readonly content: string | ReadonlyArray<Block> }>
  readonly tools?: ReadonlyArray<{
    readonly name: string
    readonly description?: string
    readonly input_schema?: object
  }>
}

interface Call {
  readonly index: number
  readonly id?: string
  readonly function?: { readonly name?: string; readonly arguments?: string }
}

interface ChatChunk {
  readonly choices?: ReadonlyArray<{
    readonly delta?: { readonly content?: string | null; readonly tool_calls?: ReadonlyArray<Call> }
    readonly message?: { readonly content?: string | null; readonly tool_calls?: ReadonlyArray<Call> }
    readonly finish_reason?: string | null
  }>
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null
}

const upstream = new URL(process.env.BASELINE_UPSTREAM ?? "")
const token = process.env.BASELINE_TOKEN ?? ""
const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const stops: { readonly [finish: string]: string } = { stop: "end_turn", length: "max_tokens", tool_calls: "tool_use" }

const textOf = (content: string | ReadonlyArray<Block> | undefined): string =>
  content === undefined || typeof content === "string"
    ? (content ?? "")
    : content.map((block) => block.text ?? "").join("\n")

const messagesOf = (body: Body): ReadonlyArray<object> => {
  const out: Array<object> = []
  if (body.system !== undefined) out.push({ role: "system", content: textOf(body.system) })
  for (const { role, content } of body.messages) {
    if (typeof content === "string") {
      out.push({ role, content })
      continue
    }
    const calls: Array<object> = []
    let text = ""
    for (const block of content) {
      if (block.type === "text") text += block.text ?? ""
      else if (block.type === "tool_use") {
        const fn = { name: block.name, arguments: JSON.stringify(block.input) }
        calls.push({ id: block.id, type: "function", function: fn })
      } else if (block.type === "tool_result") {
        out.push({ role: "tool", tool_call_id: block.tool_use_id, content: textOf(block.content) })
      }
    }
    if (calls.length > 0) out.push({ role, content: text, tool_calls: calls })
    else if (text !== "") out.push({ role, content: text })
  }
  return out
}

const chatOf = (body: Body): string =>
  JSON.stringify({
    model: body.model,
    max_tokens: body.max_tokens,
    messages: messagesOf(body),
    ...(body.tools === undefined
      ? {}
      : {
          tools: body.tools.map((tool) => ({
            type: "function",
            function: { name: tool.name, description: tool.description, parameters: tool.input_schema }
          }))
        }),
    ...(body.stream === true ? { stream: true, stream_options: { include_usage: true } } : {})
  })

const event = (name: string, data: object): string =>
  `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`

const messageStart = (model: string): object => ({
  message: {
    id: `msg_${Math.random().toString(36).slice(2)}`,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 0, output_tokens: 0 }
  }
})

/** Chat chunks in, Anthropic events out; one string per network chunk. */
const translator = (model: string) => {
  let rest = ""
  let open = -1
  let kind = ""
  let stop = "end_turn"
  let usage = { input_tokens: 0, output_tokens: 0 }
  const begin = (type: string, block: object): string => {
    const closed = open < 0 ? "" : event("content_block_stop", { index: open })
    open++
    kind = type
    return closed + event("content_block_start", { index: open, content_block: block })
  }
  const step = (chunk: ChatChunk): string => {
    let out = ""
    if (chunk.usage) usage = { input_tokens: chunk.usage.prompt_tokens, output_tokens: chunk.usage.completion_tokens }
    const choice = chunk.choices?.[0]
    if (choice?.delta?.content) {
      if (kind !== "text") out += begin("text", { type: "text", text: "" })
      out += event("content_block_delta", { index: open, delta: { type: "text_delta", text: choice.delta.content } })
    }
    for (const call of choice?.delta?.tool_calls ?? []) {
      if (kind !== `call${call.index}`) {
        out += begin(`call${call.index}`, { type: "tool_use", id: call.id, name: call.function?.name, input: {} })
      }
      const delta = { type: "input_json_delta", partial_json: call.function?.arguments ?? "" }
      out += event("content_block_delta", { index: open, delta })
    }
    if (choice?.finish_reason) stop = stops[choice.finish_reason] ?? "end_turn"
    return out
  }
  return {
    start: (): string => event("message_start", messageStart(model)),
    push: (text: string): string => {
      rest += text
      let out = ""
      let from = 0
      for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n", from)) {
        const line = rest.slice(from, at)
        from = at + 1
        if (!line.startsWith("data: ") || line === "data: [DONE]") continue
        // the yardstick trusts its provider
        out += step(JSON.parse(line.slice(6)) as ChatChunk)
      }
      rest = rest.slice(from)
      return out
    },
    end: (): string =>
      (open < 0 ? "" : event("content_block_stop", { index: open })) +
      event("message_delta", { delta: { stop_reason: stop, stop_sequence: null }, usage }) +
      event("message_stop", {})
  }
}

const streamed = (model: string, answer: IncomingMessage, response: ServerResponse): void => {
  const translate = translator(model)
  const decoder = new TextDecoder()
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  let head = translate.start()
  answer.on("data", (bytes: Buffer) => {
    const out = head + translate.push(decoder.decode(bytes, { stream: true }))
    head = ""
    if (out !== "") response.write(out)
  })
  answer.once("end", () => response.end(translate.end()))
}

const collect = (source: IncomingMessage, use: (text: string) => void): void => {
  const parts: Array<Buffer> = []
  source.on("data", (bytes: Buffer) => parts.push(bytes))
  source.once("end", () => use(Buffer.concat(parts).toString("utf8")))
}

const whole = (model: string, text: string): string => {
  // the yardstick trusts its provider
  const { choices, usage } = JSON.parse(text) as ChatChunk
  const message = choices?.[0]?.message
  const content: Array<object> = message?.content ? [{ type: "text", text: message.content }] : []
  for (const call of message?.tool_calls ?? []) {
    const input: unknown = JSON.parse(call.function?.arguments ?? "{}")
    content.push({ type: "tool_use", id: call.id, name: call.function?.name, input })
  }
  return JSON.stringify({
    id: `msg_${Math.random().toString(36).slice(2)}`,
    type: "message",
    role: "assistant",
    model,
    content,
    stop_reason: stops[choices?.[0]?.finish_reason ?? "stop"] ?? "end_turn",
    stop_sequence: null,
    usage: { input_tokens: usage?.prompt_tokens ?? 0, output_tokens: usage?.completion_tokens ?? 0 }
  })
}

const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
  if (incoming.headers["x-api-key"] !== token) return void response.writeHead(401).end()
  collect(incoming, (text) => {
    // the yardstick trusts its client
    const body = JSON.parse(text) as Body
    // /proxy/{profile}/v1/messages: the profile names the provider's path, with "-" for "/"
    const base = (incoming.url ?? "").split("/")[2]?.replaceAll("-", "/") ?? ""
    const chat = chatOf(body)
    const headers = {
      "content-type": "application/json",
      authorization: "Bearer key",
      "content-length": Buffer.byteLength(chat)
    }
    const target = new URL(`/${base}/chat/completions`, upstream)
    const outgoing = httpRequest(target, { method: "POST", agent, headers }, (answer) => {
      if (answer.statusCode !== 200) return void response.writeHead(answer.statusCode ?? 502).end()
      if (body.stream === true) return streamed(body.model, answer, response)
      collect(answer, (json) => {
        response.writeHead(200, { "content-type": "application/json" }).end(whole(body.model, json))
      })
    })
    outgoing.once("error", () => response.destroy())
    response.once("close", () => outgoing.destroy())
    outgoing.end(chat)
  })
}

const server = createServer(serve)
// longer than any pause of the bench: a connection that is closed while it is used again is not what is measured
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () => {
  // a listening TCP server has an address of this kind
  process.send?.((server.address() as AddressInfo).port)
})
process.once("disconnect", () => process.exit())
