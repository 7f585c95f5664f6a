/**
 * The translators alone: no server, no network, no Effect runtime. An Anthropic request becomes a Chat Completions one,
 * and the provider's stream becomes the events that Claude Code reads.
 */
import { Anthropic, Chat, Provider } from "claudex"
import { ChatScript } from "claudex/testing"
import { Either } from "effect"

const fromClient = {
  model: "claude-sonnet-4-5",
  max_tokens: 1_000,
  stream: true,
  system: "Answer briefly.",
  messages: [{ role: "user", content: "What is in README.md?" }],
  tools: [
    {
      name: "Read",
      description: "Reads a file.",
      input_schema: { type: "object", properties: { file_path: { type: "string" } }, required: ["file_path"] }
    }
  ]
}

const exchange = Either.gen(function* () {
  const conversation = yield* Anthropic.decodeRequest(fromClient)
  const policy = Provider.policyFor({ baseUrl: "https://api.x.ai/v1" }, "grok-4")
  return yield* Chat.encodeRequest(conversation, { model: "grok-4", policy })
})

Either.match(exchange, {
  onLeft: (error) => {
    console.error(JSON.stringify(Anthropic.errorBody(error)))
    process.exitCode = 1
  },
  onRight: ({ body, context }) => {
    console.log("to the provider:", JSON.stringify(body))

    // what a provider might answer; in a real program these are the chunks of its response body
    const answer = [
      ChatScript.role,
      ChatScript.text("Let me look. "),
      ChatScript.callStart(0, "call_1", "Read"),
      ChatScript.callArgs(0, `{"file_path":`),
      ChatScript.callArgs(0, `"README.md"}`),
      ChatScript.finish("tool_calls"),
      ChatScript.done
    ]
    const turn = Chat.stream(context)
    for (const chunk of answer) process.stdout.write(turn.push(new TextEncoder().encode(chunk)))
    process.stdout.write(turn.end())
  }
})
