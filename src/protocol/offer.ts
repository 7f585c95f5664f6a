/** Which tools a request offers and whether one must be used, as far as the provider can be told (§4.2.1, §4.5). */
import type { Conversation, FunctionTool, ServerTool, Tool } from "./conversation.ts"
import type { Encoder } from "./encoding.ts"
import type { JsonObject } from "./json.ts"
import { isStrictSchema } from "./schemaStrict.ts"
import { searches } from "./webSearch.ts"

/** The tool choice in words, or the one tool to use. */
export type Choice = "auto" | "none" | "required" | FunctionTool | ServerTool

export interface Offer {
  readonly tools: ReadonlyArray<Tool>
  readonly choice?: Choice
  /** Present when the client asked for one call at a time and the provider can be told. */
  readonly parallel?: false
}

/** Whether the provider has the server tool itself. */
const runs = (tool: ServerTool, { policy, protocol }: Encoder): boolean =>
  tool.kind === "web_search" && searches(protocol, policy)

const available = (conversation: Conversation, encoder: Encoder): ReadonlyArray<Tool> =>
  conversation.tools.filter((tool, i) => {
    const isFunction = tool.type === "function"
    if (isFunction ? encoder.policy.tools : runs(tool, encoder)) return true
    const what = `${isFunction ? tool.name : tool.kind} is not sent`
    const why = isFunction ? "the provider or model calls no tools" : "the provider has no such tool"
    encoder.lose("dropped", tool.at ?? `tools[${i}]`, what, why)
    return false
  })

/** The tools to show: where a choice cannot be told, showing fewer says it. */
const shown = (
  tools: ReadonlyArray<Tool>,
  { toolChoice: choice }: Conversation,
  { lose, policy }: Encoder
): ReadonlyArray<Tool> => {
  if (choice?.type === "none" && policy.toolChoice === "none") {
    lose("downgraded", "tool_choice", "the tools are not sent", "the provider takes no tool_choice")
    return []
  }
  if (choice?.type !== "tool" || policy.toolChoice === "full") return tools
  const named = tools.filter((tool) => tool.name === choice.name)
  if (named.length === 0) return tools
  lose("downgraded", "tool_choice", "only the named tool is sent", "the provider cannot be told to use one")
  return named
}

const choiceOf = (
  tools: ReadonlyArray<Tool>,
  { toolChoice: choice }: Conversation,
  { lose, policy }: Encoder
): Choice | undefined => {
  if (choice === undefined) return undefined
  if (policy.toolChoice === "none") {
    // a named tool is demanded by showing no other, if it can be shown
    const said = choice.type === "tool" ? tools.some((tool) => tool.name === choice.name) : choice.type !== "any"
    if (!said) lose("downgraded", "tool_choice", "not sent", "the provider takes no tool_choice")
    return undefined
  }
  if (choice.type !== "tool") return choice.type === "any" ? "required" : choice.type
  const named = tools.find((tool) => tool.name === choice.name)
  if (named === undefined) {
    lose("downgraded", "tool_choice", "not sent", "the provider does not have the tool")
    return undefined
  }
  return policy.toolChoice === "words" ? "required" : named
}

/** Nothing but tools that are sent: a choice without them would be refused. */
export const offer = (conversation: Conversation, encoder: Encoder): Offer => {
  const { lose, policy } = encoder
  const tools = shown(available(conversation, encoder), conversation, encoder)
  if (tools.length === 0) return { tools }
  const choice = choiceOf(tools, conversation, encoder)
  if (!conversation.parallelCalls && !policy.parallelFlag)
    lose("dropped", "tool_choice.disable_parallel_tool_use", "not sent", "the provider does not take it")
  return {
    tools,
    ...(choice === undefined ? {} : { choice }),
    ...(!conversation.parallelCalls && policy.parallelFlag ? { parallel: false as const } : {})
  }
}

/** Whether the provider is to keep calls of the tool strictly to its schema: some demand more of such a schema. */
export const isStrict = (tool: FunctionTool, schema: JsonObject, { lose, policy }: Encoder): boolean => {
  if (!tool.strict) return false
  const strict = policy.strictTools && isStrictSchema(schema)
  const why = policy.strictTools
    ? "the schema is outside of the strict subset"
    : "the provider promises no strict calls"
  if (!strict) lose("downgraded", `${tool.at ?? "tools"}.strict`, "not sent", why)
  return strict
}
