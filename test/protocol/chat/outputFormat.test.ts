/** Structured output (§4.11), and every value of the policy for it. */
import { describe, expect, test } from "vitest"
import type { Policy } from "../../../src/protocol/policy.ts"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { bodyOf } from "../requests.ts"

const closed: JsonObject = {
  type: "object",
  properties: { title: { type: "string" } },
  required: ["title"],
  additionalProperties: false
}
const asked = (schema: Json, body: JsonObject = {}): JsonObject => ({
  ...body,
  output_config: { format: { type: "json_schema", schema } }
})

describe("[4.2.1 output_config.format] json_schema", () => {
  test("the schema travels by the name `output`", () => {
    expect(bodyOf(asked(closed))["response_format"]).toEqual({
      type: "json_schema",
      json_schema: { name: "output", schema: closed, strict: true }
    })
    expect(bodyOf(asked(closed))["messages"]).toEqual([{ role: "user", content: "hello" }])
  })

  test.each<[string, JsonObject, boolean]>([
    ["every object closed and all properties required", closed, true],
    ["nested likewise", { ...closed, properties: { title: closed } }, true],
    ["an open object", { ...closed, additionalProperties: true }, false],
    ["an object that says nothing", { type: "object", properties: {} }, false],
    ["an optional property", { ...closed, required: [] }, false],
    ["an open object inside", { ...closed, properties: { title: { type: "object", properties: {} } } }, false],
    [
      "an open object in a list",
      { ...closed, properties: { title: { type: "array", items: { type: "object" } } } },
      false
    ],
    ["an open object that may be null", { ...closed, properties: { title: { type: ["object", "null"] } } }, false],
    ["an open object in a definition", { ...closed, $defs: { x: { type: "object" } } }, false]
  ])("strict iff inside OpenAI's strict subset: %s", (_what, schema, strict) => {
    expect(bodyOf(asked(schema))["response_format"]).toMatchObject({ json_schema: { strict } })
  })

  test("a property called `properties` or `type` is only a property", () => {
    const odd = {
      ...closed,
      properties: { type: { type: "string" }, properties: { type: "string" } },
      required: ["type", "properties"]
    }
    expect(bodyOf(asked(odd))["response_format"]).toMatchObject({ json_schema: { strict: true } })
  })
})

test.each<[Policy["structuredOutput"], JsonObject | undefined]>([
  ["json_object", { type: "json_object" }],
  ["prompt", undefined]
])("%s: the schema is appended to the system text, which says JSON", (structuredOutput, format) => {
  const body = bodyOf(asked(closed, { system: "Be brief" }), { structuredOutput })
  expect(body["response_format"]).toEqual(format)
  expect(body["messages"]).toEqual([
    { role: "system", content: expect.stringMatching(/^Be brief\n\n.*JSON/) },
    { role: "user", content: "hello" }
  ])
  expect(JSON.stringify(body["messages"])).toContain(JSON.stringify(JSON.stringify(closed)).slice(1, -1))
})

test("no format, no field", () => {
  expect(bodyOf({})).not.toHaveProperty("response_format")
})
