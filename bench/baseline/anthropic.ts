/** What both translations of the yardstick share: the client's request, and the events and messages it gets. */

export interface Block {
  readonly type: string
  readonly text?: string
  readonly id?: string
  readonly name?: string
  readonly input?: object
  readonly tool_use_id?: string
  readonly content?: string | ReadonlyArray<Block>
}

/** A request, as far as it is read. */
export interface Body {
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

/** One provider's protocol, translated by hand. */
export interface Dialect {
  readonly path: string
  /** The provider's request for the client's. */
  readonly request: (body: Body) => string
  /** Text of network chunks in, Anthropic events out; one string per network chunk. */
  readonly translator: (model: string) => {
    readonly start: () => string
    readonly push: (text: string) => string
    readonly end: () => string
  }
  /** The message for a whole answer. */
  readonly whole: (model: string, text: string) => string
}

export const textOf = (content: string | ReadonlyArray<Block> | undefined): string =>
  content === undefined || typeof content === "string"
    ? (content ?? "")
    : content.map((block) => block.text ?? "").join("\n")

export const event = (name: string, data: object): string =>
  `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`

const id = (): string => `msg_${Math.random().toString(36).slice(2)}`

export interface Counts {
  readonly input_tokens: number
  readonly output_tokens: number
}

export const messageOf = (model: string, content: ReadonlyArray<object>, stop_reason: string, usage: Counts): string =>
  JSON.stringify({
    id: id(),
    type: "message",
    role: "assistant",
    model,
    content,
    stop_reason,
    stop_sequence: null,
    usage
  })

/** The blocks of a stream, one after the other; each method answers the events that it makes. */
export const blocks = (model: string) => {
  let open = -1
  let kind = ""
  const closed = (): string => (open < 0 ? "" : event("content_block_stop", { index: open }))
  const begin = (of: string, block: object): string => {
    const before = closed()
    open++
    kind = of
    return before + event("content_block_start", { index: open, content_block: block })
  }
  return {
    start: (): string =>
      event("message_start", {
        message: {
          id: id(),
          type: "message",
          role: "assistant",
          model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 0, output_tokens: 0 }
        }
      }),
    text: (text: string): string =>
      (kind === "text" ? "" : begin("text", { type: "text", text: "" })) +
      event("content_block_delta", { index: open, delta: { type: "text_delta", text } }),
    /** A piece of the arguments of the call with this key. */
    call: (key: number, callId: string | undefined, name: string | undefined, json: string): string =>
      (kind === `call${key}` ? "" : begin(`call${key}`, { type: "tool_use", id: callId, name, input: {} })) +
      event("content_block_delta", { index: open, delta: { type: "input_json_delta", partial_json: json } }),
    end: (stop_reason: string, usage: Counts): string =>
      closed() +
      event("message_delta", { delta: { stop_reason, stop_sequence: null }, usage }) +
      event("message_stop", {})
  }
}

/** Cuts text into lines and hands on what stands behind `data: `. */
export const dataLines = (use: (data: string) => string) => {
  let rest = ""
  return (text: string): string => {
    rest += text
    let out = ""
    let from = 0
    for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n", from)) {
      const line = rest.slice(from, at)
      from = at + 1
      if (line.startsWith("data: ") && line !== "data: [DONE]") out += use(line.slice(6))
    }
    rest = rest.slice(from)
    return out
  }
}
