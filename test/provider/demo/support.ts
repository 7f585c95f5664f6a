/** Chat Completions requests as a gateway would write them for the demo model. */
import { Either } from "effect"
import { demoTurn, type DemoTurn } from "../../../src/provider/demo/turn.ts"

const tool = (name: string, properties: Record<string, unknown>, required: ReadonlyArray<string>) => ({
  type: "function",
  function: { name, description: `The tool ${name}`, parameters: { type: "object", properties, required } }
})
const text = { type: "string" }

/** Tools with the names and shapes of a coding client. */
export const tools = {
  read: tool("Read", { file_path: text, offset: { type: "integer" }, limit: { type: "integer" } }, ["file_path"]),
  edit: tool("Edit", { file_path: text, old_string: text, new_string: text }, [
    "file_path",
    "old_string",
    "new_string"
  ]),
  write: tool("Write", { file_path: text, content: text }, ["file_path", "content"]),
  bash: tool("Bash", { command: text, description: text, timeout: { type: "number" } }, ["command"]),
  search: tool("ToolSearch", { query: text, max_results: { type: "number", default: 5 } }, ["query", "max_results"]),
  mcpShort: tool("mcp__notes__add", { title: text, level: { enum: ["low", "high"] } }, ["title", "level"]),
  mcpLong: tool(`mcp__notes__${"very_".repeat(8)}long`, { count: { type: "integer", minimum: 3 } }, ["count"])
}

export const system =
  "You are a coding agent.\n\n# Environment\n - Primary working directory: /home/user/proj\n - Platform: linux"

const asking = (prompt: string) => ({
  role: "user",
  content: `<system-reminder>\nread CLAUDE.md\n</system-reminder>\n${prompt}`
})

/** A request whose newest message is this prompt. */
export const ask = (prompt: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  model: "demo",
  messages: [{ role: "system", content: system }, asking(prompt)],
  tools: [tools.bash, tools.edit, tools.read, tools.write],
  stream: true,
  stream_options: { include_usage: true },
  ...more
})

export const turnOf = (request: unknown): DemoTurn => Either.getOrThrow(demoTurn(request))

export interface Said {
  readonly text: string
  readonly reasoning: string
  readonly finish: string
  readonly calls: ReadonlyArray<{ readonly name: string; readonly args: unknown }>
}

/** The turn as a client sees it in the end. */
export const said = (request: unknown): Said => {
  const turn = turnOf(request)
  return {
    text: turn.text.join(""),
    reasoning: turn.reasoning.join(""),
    finish: turn.finish,
    calls: turn.calls.map((call) => ({ name: call.name, args: JSON.parse(call.args.join("")) }))
  }
}

/** The request that follows a turn with calls: the same messages, the turn, and one result per call, in any order. */
export const withResults = (
  request: Record<string, unknown>,
  results: ReadonlyArray<unknown>,
  more: ReadonlyArray<unknown> = []
): Record<string, unknown> => {
  const turn = turnOf(request)
  const before = Array.isArray(request["messages"]) ? request["messages"] : []
  const calls = turn.calls.map((call) => ({
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.args.join("") }
  }))
  const answers = turn.calls.map((call, index) => ({
    role: "tool",
    tool_call_id: call.id,
    content: results[index] ?? ""
  }))
  return {
    ...request,
    messages: [
      ...before,
      { role: "assistant", content: turn.text.join(""), tool_calls: calls },
      ...answers.toReversed(),
      ...more
    ]
  }
}
