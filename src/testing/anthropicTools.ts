/** Tool definitions, tool choices and the JSON Schemas inside them, as clients send them and slightly worse. */
import { FastCheck as fc } from "effect"
import { type Json, type JsonObject, jsonObject } from "./json.ts"
import { plainName, text, toolName } from "./text.ts"

/** Builds an object of the given keys, leaving each optional one out about half of the time. */
export const partial = (
  required: { readonly [key: string]: fc.Arbitrary<Json> },
  optional: { readonly [key: string]: fc.Arbitrary<Json> }
): fc.Arbitrary<JsonObject> =>
  fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required), noNullPrototype: true })

/** A client's cache breakpoint. */
export const cacheControl: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  { type: "ephemeral" },
  { type: "ephemeral", ttl: "5m" },
  { type: "ephemeral", ttl: "1h" }
)

const propertyName = fc.constantFrom("path", "query", "limit", "é", "x y", "cache_control", "type")

const leafSchema: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    { type: "string" },
    { type: "string", description: "a path", minLength: 1, maxLength: 9_007_199_254_740_991 },
    { type: "integer", minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991 },
    { type: "boolean", default: false },
    { type: "array" },
    { type: ["string", "null"] },
    { enum: ["a", 1, null] },
    { const: "x" },
    { $ref: "#/$defs/node" },
    {},
    true,
    false
  )
)

const objectSchema = (property: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  partial(
    { type: fc.constant("object") },
    {
      properties: fc.dictionary(propertyName, property, { maxKeys: 3, noNullPrototype: true }),
      required: fc.uniqueArray(propertyName, { maxLength: 2 }),
      additionalProperties: fc.constantFrom<Json>(false, true, {}),
      $schema: fc.constant("https://json-schema.org/draft/2020-12/schema"),
      $defs: fc.constant({ node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } }),
      description: text
    }
  )

const property: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: leafSchema },
  { weight: 1, arbitrary: leafSchema.map((items) => ({ type: "array", items })) },
  { weight: 1, arbitrary: fc.tuple(leafSchema, leafSchema).map((anyOf) => ({ anyOf })) },
  { weight: 1, arbitrary: objectSchema(leafSchema) }
)

/** A tool's schema: mostly an object schema, else what real MCP servers send (no type, unions at the root, nothing). */
export const inputSchema: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: objectSchema(property) },
  { weight: 1, arbitrary: fc.tuple(objectSchema(property), objectSchema(property)).map((anyOf) => ({ anyOf })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(objectSchema(property), objectSchema(property))
      .map(([first, second]) => ({ ...first, oneOf: [second], allOf: [first] }))
  },
  { weight: 1, arbitrary: leafSchema },
  { weight: 1, arbitrary: jsonObject },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json>(null, { type: "object" }, { properties: {} }, { type: ["object", "null"] })
  }
)

const custom = (name: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> =>
  partial(
    { name, input_schema: inputSchema },
    {
      description: fc.oneof(text, fc.constant("")),
      type: fc.constantFrom<Json>("custom", null),
      strict: fc.boolean(),
      cache_control: cacheControl,
      defer_loading: fc.boolean(),
      eager_input_streaming: fc.boolean(),
      input_examples: fc.array(jsonObject, { maxLength: 4 }),
      allowed_callers: fc.constant(["direct"])
    }
  )

/** Tools whose schema is implied by their type; the client runs them. */
export const clientTools: ReadonlyArray<JsonObject> = [
  { type: "bash_20250124", name: "bash" },
  { type: "text_editor_20241022", name: "str_replace_editor" },
  { type: "text_editor_20250728", name: "str_replace_based_edit_tool", max_characters: 1000 },
  { type: "computer_20250124", name: "computer", display_width_px: 1024, display_height_px: 768, display_number: 1 },
  { type: "computer_20251124", name: "computer", display_width_px: 1024, display_height_px: 768 },
  { type: "memory_20250818", name: "memory" },
  // A later date of a known kind.
  { type: "bash_20991231", name: "bash" }
]

/** Tools that Anthropic's own service runs. */
export const serverTools: ReadonlyArray<JsonObject> = [
  { type: "web_search_20250305", name: "web_search", max_uses: 8 },
  { type: "web_search_20260318", name: "web_search", allowed_domains: ["example.com"] },
  { type: "web_fetch_20250910", name: "web_fetch" },
  { type: "code_execution_20250825", name: "code_execution" },
  { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" },
  { type: "tool_search_tool_bm25", name: "tool_search_tool_bm25" },
  { type: "advisor_20260301", name: "advisor" },
  { type: "mcp_toolset", mcp_server_name: "srv" }
]

const tool: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 8, arbitrary: custom(toolName) },
  { weight: 2, arbitrary: custom(plainName) },
  { weight: 2, arbitrary: fc.constantFrom(...clientTools) },
  { weight: 2, arbitrary: fc.constantFrom(...serverTools) }
)

/** A request's tool list; names may repeat. */
export const tools: fc.Arbitrary<ReadonlyArray<JsonObject>> = fc.array(tool, { maxLength: 4 })

/** Whether the service, not the client, runs this tool. */
export const isServerTool = (definition: JsonObject): boolean =>
  serverTools.some((known) => known["type"] === definition["type"])

/** A tool choice that fits the tools: `tool` names one that the client runs. */
export const toolChoice = (definitions: ReadonlyArray<JsonObject>): fc.Arbitrary<JsonObject> => {
  const names = definitions
    .filter((definition) => !isServerTool(definition))
    .flatMap(({ name }) => (typeof name === "string" ? [name] : []))
  const flag = fc.constantFrom<JsonObject>(
    {},
    { disable_parallel_tool_use: true },
    { disable_parallel_tool_use: false }
  )
  const plain: ReadonlyArray<JsonObject> = [{ type: "auto" }, { type: "any" }, { type: "none" }]
  const named: ReadonlyArray<JsonObject> = names.map((name) => ({ type: "tool", name }))
  return fc
    .tuple(fc.constantFrom(...plain, ...named), flag)
    .map(([choice, parallel]) => (choice["type"] === "none" ? choice : { ...choice, ...parallel }))
}

/** A choice that names a tool which is not in the list: the request has to be refused. */
export const wrongChoice: JsonObject = { type: "tool", name: "no such tool in this request" }
