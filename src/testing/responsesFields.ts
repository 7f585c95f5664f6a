/** The judge's knowledge of the top-level fields of a Responses request: tools, limits, reasoning, formats. */
import type { Policy } from "../protocol/policy.ts"
import { isJsonObject } from "./json.ts"
import { at, filled, keys, list, none, say, string, type Fields, type Wrong } from "./judge.ts"

const isFields = (value: unknown): value is Fields => isJsonObject(value)

const refusedAtRoot = ["oneOf", "anyOf", "allOf", "not", "enum", "$schema", "$id", "$comment"]

const searchViolations = (tool: Fields, policy: Policy): Wrong => {
  const { filters, user_location: place } = tool
  return [
    ...keys(tool, ["type"], ["filters", "user_location"]),
    ...say(policy.webSearch === "hosted", "web search for a server that has none"),
    ...say(
      filters === undefined ||
        (isFields(filters) &&
          Object.keys(filters).join() === "allowed_domains" &&
          list(filters["allowed_domains"]).length > 0 &&
          list(filters["allowed_domains"]).every(filled)),
      "filters"
    ),
    ...say(place === undefined || (isFields(place) && place["type"] === "approximate"), "user_location")
  ]
}

const toolViolations = (tool: unknown, policy: Policy): Wrong => {
  if (!isFields(tool)) return ["tool is no object"]
  if (tool["type"] === "web_search") return searchViolations(tool, policy)
  const { name, description, parameters, strict } = tool
  return [
    ...keys(tool, ["type", "name", "parameters", "strict"], ["description"]),
    ...say(tool["type"] === "function", "tool type"),
    ...say(string(name) && policy.namePattern.test(name), `tool name ${JSON.stringify(name)}`),
    ...say(description === undefined || string(description), "description"),
    ...say(strict === false || (strict === true && policy.strictTools), "strict"),
    ...say(
      isFields(parameters) && parameters["type"] === "object" && isFields(parameters["properties"]),
      "parameters are no object schema"
    ),
    ...say(
      isFields(parameters) && !refusedAtRoot.some((key) => Object.hasOwn(parameters, key)),
      "parameters have a key that servers refuse at the root"
    )
  ]
}

const nameOf = (tool: unknown): unknown =>
  isFields(tool) ? (tool["type"] === "function" ? tool["name"] : tool["type"]) : undefined

const choiceViolations = (choice: unknown, tools: ReadonlyArray<unknown>, policy: Policy): Wrong => {
  if (choice === undefined) return none
  const always = policy.alwaysFields.includes("tool_choice") && choice === "auto"
  if (string(choice))
    return [
      ...say(tools.length > 0 || always, "tool_choice without tools"),
      ...say(policy.toolChoice !== "none" || always, "tool_choice for a server that takes none"),
      ...say(["none", "auto", "required"].includes(choice), `tool_choice ${choice}`)
    ]
  const named = isFields(choice) ? (choice["type"] === "function" ? choice["name"] : choice["type"]) : undefined
  return [
    ...say(policy.toolChoice === "full", "a tool_choice that names a tool"),
    ...say(named !== undefined && tools.map(nameOf).includes(named), `tool_choice ${JSON.stringify(choice)}`),
    ...(isFields(choice) ? keys(choice, choice["type"] === "function" ? ["type", "name"] : ["type"]) : none)
  ]
}

const formatViolations = (text: unknown, policy: Policy): Wrong => {
  if (text === undefined) return none
  const format = isFields(text) ? text["format"] : undefined
  if (!isFields(format)) return ["text holds no format"]
  if (format["type"] === "json_object")
    return [...keys(format, ["type"]), ...say(policy.structuredOutput === "json_object", "json_object")]
  const { name, schema, strict, type } = format
  return [
    ...keys(format, ["type", "name", "schema", "strict"]),
    ...say(type === "json_schema" && policy.structuredOutput === "json_schema", `format ${String(type)}`),
    ...say(string(name) && /^[a-zA-Z0-9_-]{1,64}$/.test(name), "schema name"),
    ...say(isFields(schema), "schema is no object"),
    ...say(typeof strict === "boolean", "strict")
  ]
}

const reasoningViolations = (reasoning: unknown, policy: Policy): Wrong => {
  if (reasoning === undefined) return none
  if (!isFields(reasoning)) return ["reasoning is no object"]
  const { effort, summary } = reasoning
  return [
    ...keys(reasoning, [], ["effort", "summary"]),
    ...say(Object.keys(reasoning).length > 0, "an empty reasoning"),
    ...say(policy.efforts.length > 0, "reasoning for a model that is not known to reason"),
    ...say(effort === undefined || policy.efforts.some((word) => word === effort), "effort"),
    ...say(summary === undefined || summary === "auto", "summary")
  ]
}

const number = (value: unknown, from: number, to: number): boolean =>
  value === undefined || (typeof value === "number" && value >= from && value <= to)

const sampling: ReadonlyArray<"temperature" | "top_p"> = ["temperature", "top_p"]

const includable = ["reasoning.encrypted_content", "web_search_call.action.sources"]

export const responsesTopViolations = (body: Fields, policy: Policy): Wrong => {
  const { include, instructions, stream, tools } = body
  const key = body["prompt_cache_key"]
  const limit = body["max_output_tokens"]
  const parallel = body["parallel_tool_calls"]
  const wants = (what: string) => list(include).includes(what)
  return [
    ...keys(
      body,
      ["model", "input", "store", ...policy.alwaysFields],
      [
        ...sampling.filter((field) => policy.sampling.includes(field)),
        ...(policy.cacheKey ? ["prompt_cache_key"] : []),
        ...(policy.priorityTier ? ["service_tier"] : []),
        "instructions",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "max_output_tokens",
        "reasoning",
        "text",
        "stream",
        "include"
      ]
    ),
    ...say(filled(body["model"]) && !body["model"].endsWith("[1m]"), "model"),
    ...say(body["store"] === false, "store"),
    ...say(
      instructions === undefined || filled(instructions) || policy.alwaysFields.includes("instructions"),
      "empty instructions"
    ),
    ...say(
      limit === undefined || (Number.isInteger(limit) && number(limit, policy.minTokens, Number.MAX_SAFE_INTEGER)),
      "max_output_tokens"
    ),
    ...say(number(body["temperature"], 0, 2) && number(body["top_p"], 0, 1), "sampling"),
    ...say(stream === undefined || stream === true, "stream"),
    ...say(!policy.forceStream || stream === true, "no stream from a server that only streams"),
    ...say(tools === undefined || list(tools).length > 0 || policy.alwaysFields.includes("tools"), "an empty tools"),
    ...list(tools).flatMap((tool, index) => at(`tool ${index}`, toolViolations(tool, policy))),
    ...say(new Set(list(tools).map(nameOf)).size === list(tools).length, "two tools with one name"),
    ...choiceViolations(body["tool_choice"], list(tools), policy),
    ...say(
      parallel === undefined ||
        (typeof parallel === "boolean" &&
          (policy.alwaysFields.includes("parallel_tool_calls") || (policy.parallelFlag && list(tools).length > 0))),
      "parallel_tool_calls"
    ),
    ...reasoningViolations(body["reasoning"], policy),
    ...formatViolations(body["text"], policy),
    ...say(include === undefined || (list(include).length > 0 && list(include).every(filled)), "include"),
    ...list(include).flatMap((item) => say(includable.includes(String(item)), `include ${String(item)}`)),
    ...say(wants("reasoning.encrypted_content") === policy.encryptedReasoning, "encrypted reasoning in include"),
    ...say(body["service_tier"] === undefined || body["service_tier"] === "priority", "service_tier"),
    ...say(key === undefined || (filled(key) && key.length <= 64), "prompt_cache_key")
  ]
}
