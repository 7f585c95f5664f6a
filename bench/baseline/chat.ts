/** Chat Completions by hand. */
import { type Body, blocks, dataLines, type Dialect, messageOf, textOf } from "./anthropic.ts"

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

const stops: { readonly [finish: string]: string } = { stop: "end_turn", length: "max_tokens", tool_calls: "tool_use" }

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

const translator = (model: string) => {
  const out = blocks(model)
  let stop = "end_turn"
  let usage = { input_tokens: 0, output_tokens: 0 }
  const step = (chunk: ChatChunk): string => {
    let events = ""
    if (chunk.usage) usage = { input_tokens: chunk.usage.prompt_tokens, output_tokens: chunk.usage.completion_tokens }
    const choice = chunk.choices?.[0]
    if (choice?.delta?.content) events += out.text(choice.delta.content)
    for (const call of choice?.delta?.tool_calls ?? []) {
      events += out.call(call.index, call.id, call.function?.name, call.function?.arguments ?? "")
    }
    if (choice?.finish_reason) stop = stops[choice.finish_reason] ?? "end_turn"
    return events
  }
  return {
    start: out.start,
    // the yardstick trusts its provider
    push: dataLines((data) => step(JSON.parse(data) as ChatChunk)),
    end: (): string => out.end(stop, usage)
  }
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
  return messageOf(model, content, stops[choices?.[0]?.finish_reason ?? "stop"] ?? "end_turn", {
    input_tokens: usage?.prompt_tokens ?? 0,
    output_tokens: usage?.completion_tokens ?? 0
  })
}

export const chat: Dialect = { path: "/chat/completions", request: chatOf, translator, whole }
