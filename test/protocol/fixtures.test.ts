import { readFileSync, readdirSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import { decodeRequest, encodeRequest } from "../../src/protocol/anthropic/request.ts"
import type { Policy } from "../../src/protocol/policy.ts"
import { genericPolicy } from "../../src/protocol/policy.ts"
import { type ChatExchange, encodeRequest as encodeChat } from "../../src/protocol/chat/request.ts"
import { isJsonObject, type Json, type JsonObject } from "../../src/testing/json.ts"
import { poorPolicy, replayPolicy, richPolicy } from "./laws/support/exchange.ts"
import { imageUrls, upstreamCalls, visibleText } from "./laws/support/upstream.ts"
import { messagesOver, ways, wentUp, wireBody } from "./laws/support/ways.ts"
import { openaiPolicy } from "./responses/requests.ts"
import { meaningOf } from "./requests.ts"

interface Fixture {
  readonly name: string
  readonly body: JsonObject
}

const folder = new URL("../fixtures/claude-code/", import.meta.url)

const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "")

const files = readdirSync(folder).filter((name) => name.endsWith(".json"))

/** Every request with a body that the real client sent. */
const fixtures: ReadonlyArray<Fixture> = files.flatMap((file) => {
  const recorded: JsonObject = JSON.parse(readFileSync(new URL(file, folder), "utf8"))
  return list(recorded["requests"]).flatMap((request, index) =>
    isJsonObject(request["body"]) ? [{ name: `${file} request ${index}`, body: request["body"] }] : []
  )
})

const policies: ReadonlyArray<Policy> = [genericPolicy, richPolicy, replayPolicy, poorPolicy]

/** Each kind of server, over each protocol, and what OpenAI's own takes over Responses. */
const everyWay = [...policies, openaiPolicy].flatMap((policy) =>
  ways.map((way) => ({ policy, way, kind: policy.kind }))
)

const encode = ({ body }: Fixture, policy: Policy): ChatExchange =>
  Either.getOrThrowWith(
    decodeRequest(body).pipe(Either.flatMap((conversation) => encodeChat(conversation, { model: "upstream", policy }))),
    (error) => new Error(error.message)
  )

const wire = (exchange: ChatExchange): JsonObject => JSON.parse(JSON.stringify(exchange.body))

const messagesOf = (fixture: Fixture) => list(fixture.body["messages"])
const blocks = (fixture: Fixture) => messagesOf(fixture).flatMap((message) => list(message["content"]))
const ofType = (all: ReadonlyArray<JsonObject>, type: string) => all.filter((block) => block["type"] === type)
const results = (fixture: Fixture) => ofType(blocks(fixture), "tool_result")
const inResults = (fixture: Fixture) => results(fixture).flatMap((block) => list(block["content"]))
const textsOf = (value: Json | undefined): ReadonlyArray<string> =>
  typeof value === "string" ? [value] : ofType(list(value), "text").map((block) => text(block["text"]))

/** Every text that the model has to see. */
const texts = (fixture: Fixture): ReadonlyArray<string> =>
  [
    ...textsOf(fixture.body["system"]),
    ...messagesOf(fixture).flatMap((message) => textsOf(message["content"])),
    ...results(fixture).flatMap((block) => textsOf(block["content"]))
  ].filter((value) => value.trim() !== "" && !value.startsWith("x-anthropic-billing-header"))

const clientKeys =
  /"(cache_control|input_schema|defer_loading|tool_use_id|is_error|signature|context_management|metadata|thinking|safeguards)"/

describe("requests of the real client", () => {
  it("are all there", () => {
    expect(files).toHaveLength(12)
    expect(fixtures).toHaveLength(21)
  })

  describe.each(fixtures)("$name", (fixture) => {
    it.each(everyWay)("becomes a body that a strict $kind server takes over $way", ({ policy, way }) => {
      const body = wireBody(wentUp(way, fixture.body, policy))
      expect(way.violations(body, policy)).toEqual([])
    })

    it.each(everyWay)("loses no text on the way to a $kind server over $way", ({ policy, way }) => {
      const seen = messagesOver(way, wentUp(way, fixture.body, policy), policy)
        .map(visibleText)
        .join("\n")
      expect(texts(fixture).filter((value) => !seen.includes(value.trim()))).toEqual([])
    })

    it("keeps every call with its arguments, and one result for each", () => {
      const exchange = encode(fixture, richPolicy)
      const messages = list(wire(exchange)["messages"])
      const calls = ofType(blocks(fixture), "tool_use")
      expect(upstreamCalls(messages)).toEqual(
        calls.map(({ id, name, input }) => ({ id, name: exchange.context.names.up(text(name)), input }))
      )
      expect(messages.filter(({ role }) => role === "tool").map((message) => message["tool_call_id"])).toEqual(
        results(fixture).map((block) => block["tool_use_id"])
      )
    })

    it("keeps every image and names every referenced tool", () => {
      const messages = list(wire(encode(fixture, genericPolicy))["messages"])
      const images = ofType(inResults(fixture), "image").map(({ source }) =>
        isJsonObject(source) ? `data:${text(source["media_type"])};base64,${text(source["data"])}` : ""
      )
      expect(imageUrls(messages)).toEqual(images)
      const seen = messages.map(visibleText).join("\n")
      ofType(inResults(fixture), "tool_reference").forEach((block) => expect(seen).toContain(text(block["tool_name"])))
    })

    it("offers every tool that the client runs, under a name that comes back", () => {
      const exchange = encode(fixture, genericPolicy)
      const own = list(fixture.body["tools"]).filter(({ type }) => type === undefined)
      const offered = list(wire(exchange)["tools"])
        .map((tool) => tool["function"])
        .filter(isJsonObject)
      expect(offered.map(({ name }) => exchange.context.names.down(text(name)))).toEqual(own.map(({ name }) => name))
      expect(offered.map(({ description }) => description)).toEqual(own.map(({ description }) => description))
    })

    it("carries nothing that is the client's own business", () => {
      for (const policy of policies) {
        const { tools: _, ...rest } = wire(encode(fixture, policy))
        const sent = JSON.stringify(rest)
        expect(sent).not.toMatch(clientKeys)
        expect(sent).not.toContain("x-anthropic-billing-header")
        expect(sent).not.toContain("device_id")
      }
    })

    it("is the same after being written down and read again", () => {
      const once = Either.map(decodeRequest(fixture.body), meaningOf)
      const twice = once.pipe(
        Either.flatMap((conversation) => decodeRequest(JSON.parse(JSON.stringify(encodeRequest(conversation)))))
      )
      expect(Either.map(twice, meaningOf)).toEqual(once)
    })
  })
})

describe("what matters in single requests", () => {
  const find = (file: string, index: number): Fixture => {
    const found = fixtures.find(({ name }) => name === `${file} request ${index}`)
    return found ?? { name: "missing", body: {} }
  }

  it("keeps the order of results as they were completed, and marks failures", () => {
    const tools = list(wire(encode(find("tool-errors.json", 1), genericPolicy))["messages"]).filter(
      ({ role }) => role === "tool"
    )
    expect(tools.map((message) => [message["tool_call_id"], message["content"]])).toEqual([
      ["toolu_e2", "<tool_use_error>Error: No such tool available: NoSuchTool</tool_use_error>"],
      ["toolu_e1", "Error: File does not exist. Note: your current working directory is /home/user/proj."],
      ["toolu_e3", "Error: (tool result text placeholder)"]
    ])
  })

  it("shortens MCP names of 105 characters that share their start to different ones", () => {
    const exchange = encode(find("mcp-long-names.json", 1), genericPolicy)
    const long = list(find("mcp-long-names.json", 1).body["tools"])
      .map(({ name }) => text(name))
      .filter((name) => name.length > 64)
    expect(long.length).toBeGreaterThan(1)
    const short = long.map(exchange.context.names.up)
    expect(new Set(short).size).toBe(long.length)
    expect(short.every((name) => name.length <= 64)).toBe(true)
    expect(short.map(exchange.context.names.down)).toEqual(long)
  })

  it("puts the environment of the session where the policy wants it", () => {
    const fixture = find("one-shot.json", 0)
    const roles = (policy: Policy) => list(wire(encode(fixture, policy))["messages"]).map(({ role }) => role)
    expect(roles(genericPolicy)).toEqual(["system", "user"])
    expect(roles(richPolicy)).toEqual(["developer", "user", "developer"])
    expect(roles(poorPolicy)).toEqual(["system", "user"])
  })

  it("asks for JSON in the title request", () => {
    const fixture = find("startup-and-title.json", 2)
    const { response_format: format } = wire(encode(fixture, genericPolicy))
    expect(format).toEqual({
      type: "json_schema",
      json_schema: {
        name: "output",
        strict: true,
        schema: {
          type: "object",
          properties: { title: { type: "string" } },
          required: ["title"],
          additionalProperties: false
        }
      }
    })
  })

  it("never offers web search as a function without parameters", () => {
    const exchange = encode(find("web-search.json", 0), genericPolicy)
    expect(wire(exchange)["tools"]).toBeUndefined()
    expect(wire(exchange)["tool_choice"]).toBeUndefined()
  })

  it("uses the session, not the account, as the cache key", () => {
    expect(wire(encode(find("one-shot.json", 0), richPolicy))["prompt_cache_key"]).toBe(
      "00000000-0000-4000-8000-000000000000"
    )
    expect(wire(encode(find("one-shot.json", 0), genericPolicy))["prompt_cache_key"]).toBeUndefined()
  })

  it("writes a tool round trip down as a reader would", () => {
    const { messages, tools: _, ...rest } = wire(encode(find("tool-read.json", 1), genericPolicy))
    expect({ ...rest, messages }).toMatchSnapshot("tool-read for a generic server")
  })

  it("writes images of results down as a reader would", () => {
    const { messages } = wire(encode(find("mcp-long-names.json", 1), genericPolicy))
    expect(messages).toMatchSnapshot("mcp-long-names for a generic server")
  })
})
