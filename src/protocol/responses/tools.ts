/** Tools of a Responses request: flat functions, and the web search that the provider runs itself (§4.5, §4.10). */
import type { Conversation, Tool } from "../conversation.ts"
import { toolSchema, type Encoder } from "../encoding.ts"
import { isStrict, offer, type Choice } from "../offer.ts"
import type { WebSearch } from "../webSearch.ts"
import type { ResponsesRequest, ResponsesTool, ResponsesToolChoice } from "./wire.ts"

const hosted = ({ allowed, location }: WebSearch): ResponsesTool => ({
  type: "web_search",
  ...(allowed.length === 0 ? {} : { filters: { allowed_domains: allowed } }),
  ...(location === undefined ? {} : { user_location: location })
})

const encodeTool = (tool: Tool, search: WebSearch | undefined, encoder: Encoder): ReadonlyArray<ResponsesTool> => {
  if (tool.type === "server") return search === undefined ? [] : [hosted(search)]
  const parameters = toolSchema(tool, encoder)
  return [
    {
      type: "function",
      name: encoder.names.up(tool.name),
      ...(tool.description === undefined ? {} : { description: tool.description }),
      parameters,
      strict: isStrict(tool, parameters, encoder)
    }
  ]
}

const encodeChoice = (choice: Choice, { names }: Encoder): ResponsesToolChoice => {
  if (typeof choice === "string") return choice
  return choice.type === "server" ? { type: "web_search" } : { type: "function", name: names.up(choice.name) }
}

type ToolFields = Pick<ResponsesRequest, "tools" | "tool_choice" | "parallel_tool_calls">

/** `search` is what the client wants of the provider's own search, when the provider has one. */
export const toolFields = (conversation: Conversation, search: WebSearch | undefined, encoder: Encoder): ToolFields => {
  const { choice, parallel, tools: offered } = offer(conversation, encoder)
  const always = new Set<string>(encoder.policy.alwaysFields)
  const tools = offered.flatMap((tool) => encodeTool(tool, search, encoder))
  const said = choice === undefined ? undefined : encodeChoice(choice, encoder)
  return {
    ...(tools.length > 0 || always.has("tools") ? { tools } : {}),
    ...(said !== undefined || always.has("tool_choice") ? { tool_choice: said ?? "auto" } : {}),
    ...(parallel !== undefined || always.has("parallel_tool_calls")
      ? { parallel_tool_calls: conversation.parallelCalls }
      : {})
  }
}
