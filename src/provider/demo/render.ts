/** A turn of the demo model on the Chat Completions wire: as one JSON body, or as the records of a stream. */
import type { DemoTurn } from "./turn.ts"

/** The wire wants a time, and the same request has to give the same bytes: the demo model lives in one moment. */
const created = 1_767_225_600

/** The models that `GET …/models` lists. */
export const demoModels: ReadonlyArray<string> = ["demo"]

const usageOf = ({ usage }: DemoTurn) => ({
  prompt_tokens: usage.promptTokens,
  completion_tokens: usage.completionTokens,
  total_tokens: usage.promptTokens + usage.completionTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedTokens },
  completion_tokens_details: { reasoning_tokens: usage.reasoningTokens }
})

/** How servers say which stop sequence matched (vLLM's field). */
const stopReasonOf = ({ stopSequence }: DemoTurn) => (stopSequence === undefined ? {} : { stop_reason: stopSequence })

/** The whole answer as one JSON value. */
export const completionOf = (turn: DemoTurn): unknown => ({
  id: turn.id,
  object: "chat.completion",
  created,
  model: turn.model,
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content: turn.text.length === 0 && turn.calls.length > 0 ? null : turn.text.join(""),
        ...(turn.reasoning.length === 0 ? {} : { reasoning_content: turn.reasoning.join("") }),
        ...(turn.calls.length === 0
          ? {}
          : {
              tool_calls: turn.calls.map(({ args, id, name }) => ({
                id,
                type: "function",
                function: { name, arguments: args.join("") }
              }))
            })
      },
      finish_reason: turn.finish,
      ...stopReasonOf(turn)
    }
  ],
  usage: usageOf(turn)
})

/** The answer as the SSE records of a stream, the end mark included; usage only when the request asked for it. */
export const recordsOf = (turn: DemoTurn): ReadonlyArray<string> => {
  const chunk = (body: { readonly choices: ReadonlyArray<unknown>; readonly [key: string]: unknown }): string =>
    `data: ${JSON.stringify({ id: turn.id, object: "chat.completion.chunk", created, model: turn.model, ...body })}\n\n`
  const delta = (content: { readonly [key: string]: unknown }): string =>
    chunk({ choices: [{ index: 0, delta: content, finish_reason: null }] })
  return [
    delta({ role: "assistant", content: "" }),
    ...turn.reasoning.map((piece) => delta({ reasoning_content: piece })),
    ...turn.text.map((piece) => delta({ content: piece })),
    ...turn.calls.flatMap(({ args, id, name }, index) => [
      delta({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
      ...args.map((piece) => delta({ tool_calls: [{ index, function: { arguments: piece } }] }))
    ]),
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: turn.finish, ...stopReasonOf(turn) }] }),
    ...(turn.streamUsage ? [chunk({ choices: [], usage: usageOf(turn) })] : []),
    "data: [DONE]\n\n"
  ]
}

/** The list of models. */
export const modelList: unknown = {
  object: "list",
  data: demoModels.map((id) => ({ id, object: "model", created, owned_by: "claudex" }))
}

/** An error body. */
export const errorBody = (message: string, code: string): unknown => ({
  error: { message, type: "invalid_request_error", param: null, code }
})
