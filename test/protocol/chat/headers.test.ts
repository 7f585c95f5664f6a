import { describe, expect, it } from "vitest"
import type { Policy } from "../../../src/protocol/policy.ts"
import type { JsonObject } from "../../../src/testing/json.ts"
import { assistant, exchangeOf, result, text, use, user } from "../requests.ts"

const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }
const session = (id: string) => ({ metadata: { user_id: JSON.stringify({ session_id: id }) } })
const headersOf = (body: JsonObject, policy: Partial<Policy>) => exchangeOf(body, policy).headers

describe("headers that follow from the conversation", () => {
  it("[4.2.1 x-claude-code-session-id] the session goes into the header of a provider that has one", () => {
    const policy = { sessionHeader: "x-grok-conv-id" }
    expect(headersOf(session("5f2c"), policy)).toEqual({ "x-grok-conv-id": "5f2c" })
    expect(headersOf({}, policy)).toEqual({})
    expect(headersOf(session("5f2c"), {})).toEqual({})
  })

  it("never carry what a header cannot", () => {
    for (const id of ["a\r\nx-b: 1", "a b", "é", "x".repeat(257)])
      expect(headersOf(session(id), { sessionHeader: "x-grok-conv-id" })).toEqual({})
  })

  it("[4.14 GitHub Copilot] tell who speaks: the user, or the agent when results come last", () => {
    const policy = { requestHeaders: "copilot" as const }
    expect(headersOf({}, policy)).toEqual({ "x-initiator": "user" })
    const turns = [user(text("go")), assistant(use("a")), user(result("a"))]
    expect(headersOf({ messages: turns }, policy)).toEqual({ "x-initiator": "agent" })
    const answered = [...turns, assistant(text("done")), user(text("thanks"))]
    expect(headersOf({ messages: answered }, policy)).toEqual({ "x-initiator": "user" })
  })

  it("[4.14 GitHub Copilot] tell of images, wherever they are, unless the model is not shown them", () => {
    const inTurn = { messages: [user(image, text("what is this?"))] }
    const inResult = { messages: [user(text("go")), assistant(use("a")), user(result("a", [image]))] }
    for (const body of [inTurn, inResult]) {
      expect(headersOf(body, { requestHeaders: "copilot" })).toHaveProperty("copilot-vision-request", "true")
      expect(headersOf(body, { requestHeaders: "copilot", vision: false })).not.toHaveProperty("copilot-vision-request")
      expect(headersOf(body, {})).toEqual({})
    }
  })
})

describe("a model that calls no tools", () => {
  it("[4.14 Perplexity] is sent none, and that is recorded", () => {
    const tools = [{ name: "Read", input_schema: { type: "object" } }]
    const { body, losses } = exchangeOf({ tools, tool_choice: { type: "any" } }, { tools: false })
    expect(Object.keys(body)).not.toContain("tools")
    expect(Object.keys(body)).not.toContain("tool_choice")
    expect(losses).toMatchObject([{ kind: "dropped", path: "tools[0]" }])
  })
})
