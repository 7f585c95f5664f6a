/** Responses by hand. */
import { type Body, blocks, dataLines, type Dialect, messageOf, textOf } from "./anthropic.ts"

interface Item {
  readonly type: string
  readonly call_id?: string
  readonly name?: string
  readonly arguments?: string
  readonly content?: ReadonlyArray<{ readonly type: string; readonly text?: string }>
}

interface Answer {
  readonly output?: ReadonlyArray<Item>
  readonly incomplete_details?: { readonly reason?: string } | null
  readonly usage?: { readonly input_tokens: number; readonly output_tokens: number } | null
}

interface Event {
  readonly type: string
  readonly output_index?: number
  readonly delta?: string
  readonly item?: Item
  readonly response?: Answer
}

const inputOf = (body: Body): ReadonlyArray<object> => {
  const out: Array<object> = []
  for (const { role, content } of body.messages) {
    const type = role === "assistant" ? "output_text" : "input_text"
    const say = (text: string) => out.push({ type: "message", role, content: [{ type, text }] })
    if (typeof content === "string") {
      say(content)
      continue
    }
    for (const block of content) {
      if (block.type === "text") say(block.text ?? "")
      else if (block.type === "tool_use") {
        const { id: call_id, input, name } = block
        out.push({ type: "function_call", call_id, name, arguments: JSON.stringify(input) })
      } else if (block.type === "tool_result") {
        out.push({ type: "function_call_output", call_id: block.tool_use_id, output: textOf(block.content) })
      }
    }
  }
  return out
}

const requestOf = (body: Body): string =>
  JSON.stringify({
    model: body.model,
    max_output_tokens: body.max_tokens,
    ...(body.system === undefined ? {} : { instructions: textOf(body.system) }),
    input: inputOf(body),
    ...(body.tools === undefined
      ? {}
      : {
          tools: body.tools.map((tool) => ({
            type: "function",
            name: tool.name,
            description: tool.description,
            parameters: tool.input_schema,
            strict: false
          }))
        }),
    store: false,
    ...(body.stream === true ? { stream: true } : {})
  })

const stopOf = ({ incomplete_details, output = [] }: Answer): string =>
  incomplete_details?.reason === "max_output_tokens"
    ? "max_tokens"
    : output.some((item) => item.type === "function_call")
      ? "tool_use"
      : "end_turn"

const countsOf = ({ usage }: Answer) => ({
  input_tokens: usage?.input_tokens ?? 0,
  output_tokens: usage?.output_tokens ?? 0
})

const translator = (model: string) => {
  const out = blocks(model)
  const calls = new Map<number, Item>()
  let last: Answer = {}
  const step = (event: Event): string => {
    switch (event.type) {
      case "response.output_text.delta":
        return event.delta ? out.text(event.delta) : ""
      case "response.output_item.added":
        if (event.item?.type === "function_call") calls.set(event.output_index ?? 0, event.item)
        return ""
      case "response.function_call_arguments.delta": {
        const index = event.output_index ?? 0
        const call = calls.get(index)
        return out.call(index, call?.call_id, call?.name, event.delta ?? "")
      }
      case "response.completed":
      case "response.incomplete":
        last = event.response ?? {}
        return ""
      default:
        return ""
    }
  }
  return {
    start: out.start,
    // the yardstick trusts its provider
    push: dataLines((data) => step(JSON.parse(data) as Event)),
    end: (): string => out.end(stopOf(last), countsOf(last))
  }
}

const whole = (model: string, text: string): string => {
  // the yardstick trusts its provider
  const answer = JSON.parse(text) as Answer
  const content: Array<object> = []
  for (const item of answer.output ?? []) {
    if (item.type === "message") content.push({ type: "text", text: textOf(item.content) })
    else if (item.type === "function_call") {
      const input: unknown = JSON.parse(item.arguments ?? "{}")
      content.push({ type: "tool_use", id: item.call_id, name: item.name, input })
    }
  }
  return messageOf(model, content, stopOf(answer), countsOf(answer))
}

export const responses: Dialect = { path: "/responses", request: requestOf, translator, whole }
