import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import type { Policy } from "../../../src/protocol/policy.ts"
import { upId } from "../../../src/protocol/ids.ts"
import { meantInput } from "../../../src/testing/chatMeaning.ts"
import { anthropicRequest, canary } from "../../../src/testing/anthropicRequests.ts"
import { isServerTool } from "../../../src/testing/anthropicTools.ts"
import { isJsonObject, type Json, type JsonObject } from "../../../src/testing/json.ts"
import { runs } from "../../support/runs.ts"
import { accepted, policies, replayPolicy, richPolicy, wireMessages } from "./support/exchange.ts"
import { marked, type MarkedText } from "./support/marked.ts"
import { ownSignature } from "./support/signatures.ts"
import { ascending, findText, type Found, imageUrls, upstreamCalls, visibleText } from "./support/upstream.ts"
import { messagesOver, ways, wentUp, wireBody } from "./support/ways.ts"
import { holds } from "../../support/holds.ts"

const policy = fc.constantFrom(...policies)
const way = fc.constantFrom(...ways)
const request = anthropicRequest()

const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "")

/** Roles in which a text of a place may stand. */
const roles = (place: MarkedText["place"], target: Policy): ReadonlyArray<string> => {
  switch (place) {
    case "system":
      return [target.systemRole]
    case "reminder":
      return target.systemPlacement === "reminder" ? ["user"] : [target.systemRole]
    case "user":
      return ["user"]
    case "result":
      return ["tool", "user"]
    case "assistant":
      return ["assistant"]
    case "thinking":
      return []
  }
}

interface Placed extends MarkedText {
  readonly found: Found
}

/** Where each text came to stand; fails unless that is exactly one place, of the right role. */
const place = (
  texts: ReadonlyArray<MarkedText>,
  messages: ReadonlyArray<JsonObject>,
  target: Policy
): ReadonlyArray<Placed> =>
  texts.map((item) => {
    const places = findText(messages, item.text)
    expect(
      places.map(({ role }) => role),
      `${item.place} ${item.text}`
    ).toHaveLength(1)
    const [found] = places
    expect(findText(messages, item.mark), item.mark).toHaveLength(1)
    expect(roles(item.place, target)).toContain(found?.role)
    return { ...item, found: found ?? { role: "", callId: "", at: [0, 0] } }
  })

const positions = (placed: ReadonlyArray<Placed>, where: (item: Placed) => boolean): ReadonlyArray<Found> =>
  placed.filter(where).map(({ found }) => found)

/** A request whose last message is not a prefill, which some servers do not take. */
const noPrefill = request.filter((body) => list(body["messages"]).at(-1)?.["role"] !== "assistant")

describe("L3 text conservation", () => {
  it("every text occurs in exactly one upstream message of its role, order preserved", async () => {
    await holds(
      fc.property(noPrefill, policy, way, (body, target, by) => {
        const { request: sent, texts } = marked(body)
        const messages = messagesOver(by, wentUp(by, sent, target), target)
        const placed = place(
          texts.filter((item) => item.place !== "thinking"),
          messages,
          target
        )
        expect(ascending(positions(placed, (item) => item.place === "system"))).toBe(true)
        expect(ascending(positions(placed, (item) => item.place === "reminder"))).toBe(true)
        expect(ascending(positions(placed, (item) => item.place === "assistant"))).toBe(true)
        expect(ascending(positions(placed, (item) => item.found.role === "tool"))).toBe(true)
        expect(ascending(positions(placed, (item) => item.place === "user"))).toBe(true)
        expect(ascending(positions(placed, (item) => item.found.role === "user" && item.place !== "reminder"))).toBe(
          true
        )
      }),
      { numRuns: runs }
    )
  })

  it("the text of a result stands in the tool message of its call, or in a user message when it has none", async () => {
    await holds(
      fc.property(noPrefill, policy, way, (body, target, by) => {
        const { request: sent, texts } = marked(body)
        const messages = messagesOver(by, wentUp(by, sent, target), target)
        const placed = place(
          texts.filter((item) => item.place === "result"),
          messages,
          target
        )
        const inTools = placed.filter(({ found }) => found.role === "tool")
        expect(inTools.map(({ found }) => found.callId)).toEqual(
          inTools.map(({ callId = "" }) => upId(callId, by.idPattern(target)))
        )
      }),
      { numRuns: runs }
    )
  })

  it("texts are whole, whatever a prefill becomes", async () => {
    await holds(
      fc.property(request, policy, way, (body, target, by) => {
        const { request: sent, texts } = marked(body)
        const whole = messagesOver(by, wentUp(by, sent, target), target)
          .map(visibleText)
          .join("\n")
        const lost = texts.filter((item) => item.place !== "thinking" && !whole.includes(item.text))
        expect(lost).toEqual([])
      }),
      { numRuns: runs }
    )
  })

  it("images reach a model that can see, once and in order, also those in results", async () => {
    await holds(
      fc.property(noPrefill, fc.constantFrom(...policies.filter(({ vision }) => vision)), way, (body, target, by) => {
        let count = 0
        const sources = (value: Json): Json => {
          if (Array.isArray(value)) return value.map(sources)
          if (!isJsonObject(value)) return value
          if (value["type"] === "image" && isJsonObject(value["source"]) && value["source"]["type"] === "url") {
            return { ...value, source: { type: "url", url: `https://example.com/image-${count++}` } }
          }
          return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sources(inner)]))
        }
        const sent = { ...body, messages: sources(body["messages"] ?? []) }
        const urls = imageUrls(messagesOver(by, wentUp(by, sent, target), target)).filter((url) =>
          url.startsWith("https://example.com/image-")
        )
        expect([...urls].sort()).toEqual(
          Array.from({ length: count }, (_, n) => `https://example.com/image-${n}`).sort()
        )
      }),
      { numRuns: runs }
    )
  })
})

/** The calls of a request in order. */
const callsOf = (body: JsonObject): ReadonlyArray<JsonObject> =>
  list(body["messages"]).flatMap((message) =>
    message["role"] === "assistant" ? list(message["content"]).filter((block) => block["type"] === "tool_use") : []
  )

const inputOf = (value: Json | undefined): JsonObject =>
  isJsonObject(value) ? value : typeof value === "string" ? meantInput(value) : {}

/** The functions of a request, which Chat wraps. */
const offeredBy = (body: JsonObject): ReadonlyArray<JsonObject> =>
  list(body["tools"])
    .filter(({ type }) => type === "function")
    .map((tool) => (isJsonObject(tool["function"]) ? tool["function"] : tool))

describe("L4 call conservation", () => {
  it("the sequence of (id, name, input) over the assistant turns is the same upstream", async () => {
    await holds(
      fc.property(noPrefill, policy, way, (body, target, by) => {
        const exchange = wentUp(by, body, target)
        expect(upstreamCalls(messagesOver(by, exchange, target))).toEqual(
          callsOf(body).map((call) => ({
            id: upId(text(call["id"]), by.idPattern(target)),
            name: exchange.context.names.up(text(call["name"])),
            input: inputOf(call["input"])
          }))
        )
      }),
      { numRuns: runs }
    )
  })

  it("the key order of an input is the client's", async () => {
    await holds(
      fc.property(noPrefill, way, (body, by) => {
        const calls = upstreamCalls(messagesOver(by, wentUp(by, body, richPolicy), richPolicy))
        expect(calls.map(({ input }) => JSON.stringify(input))).toEqual(
          callsOf(body).map((call) => JSON.stringify(inputOf(call["input"])))
        )
      }),
      { numRuns: runs }
    )
  })

  it("every tool that the client runs is offered once, under its mapped name, with its description", async () => {
    await holds(
      fc.property(noPrefill, policy, way, (body, target, by) => {
        const exchange = wentUp(by, body, target)
        const offered = offeredBy(wireBody(exchange))
        const wanted = list(body["tools"]).filter((tool) => !isServerTool(tool))
        const names = [...new Set(list(body["tools"]).map((tool) => text(tool["name"])))]
        // A server that cannot be told which tools to use is offered fewer.
        const choice = isJsonObject(body["tool_choice"]) ? text(body["tool_choice"]["type"]) : ""
        fc.pre(!(["none", "tool"].includes(choice) && target.toolChoice !== "full"))
        const first = names.flatMap((name) => {
          const tool = list(body["tools"]).find((item) => item["name"] === name)
          return tool !== undefined && wanted.includes(tool) ? [tool] : []
        })
        expect(offered.map(({ name }) => name)).toEqual(
          first.map((tool) => exchange.context.names.up(text(tool["name"])))
        )
        first.forEach((tool, at) =>
          expect(text(offered[at]?.["description"])).toContain(text(tool["description"]).trim())
        )
      }),
      { numRuns: runs }
    )
  })
})

const forbidden = new Set([
  "cache_control",
  "input_schema",
  "defer_loading",
  "eager_input_streaming",
  "input_examples",
  "allowed_callers",
  "signature",
  "tool_use_id",
  "is_error",
  "budget_tokens",
  "context_management",
  "betas",
  "metadata",
  "safeguards",
  "caller",
  "citations"
])

/** All keys of a body outside of JSON payloads: schemas of tools and of the answer (arguments are text). */
const keysOf = (value: unknown, key: string): ReadonlyArray<string> => {
  if (key === "parameters" || key === "schema") return []
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, ""))
  return isJsonObject(value) ? Object.entries(value).flatMap(([name, inner]) => [name, ...keysOf(inner, name)]) : []
}

describe("L5 no leakage", () => {
  it("no key of the Anthropic wire stands anywhere outside of tool inputs and schemas", async () => {
    await holds(
      fc.property(anthropicRequest({ signature: ownSignature }), policy, way, (body, target, by) => {
        const sent = wireBody(wentUp(by, body, target))
        expect(keysOf(sent, "").filter((key) => forbidden.has(key))).toEqual([])
      }),
      { numRuns: runs }
    )
  })

  it("no account data, client state or unknown field goes upstream", async () => {
    await holds(
      fc.property(anthropicRequest({ signature: ownSignature }), policy, way, (body, target, by) => {
        expect(JSON.stringify(wentUp(by, body, target).body)).not.toContain(canary)
      }),
      { numRuns: runs }
    )
  })

  it("foreign thinking goes nowhere, our own never into visible text", async () => {
    await holds(
      fc.property(noPrefill, anthropicRequest({ signature: ownSignature }), policy, way, (foreign, own, target, by) => {
        const strange = marked(foreign)
        const sent = JSON.stringify(wentUp(by, strange.request, target).body)
        expect(strange.texts.filter((item) => item.place === "thinking" && sent.includes(item.mark))).toEqual([])
        const ours = marked(own)
        const visible = messagesOver(by, wentUp(by, ours.request, target), target)
          .map(visibleText)
          .join("\n")
        expect(ours.texts.filter((item) => item.place === "thinking" && visible.includes(item.mark))).toEqual([])
      }),
      { numRuns: runs }
    )
  })

  it("the attribution line of the client never goes upstream when it leads, and stays anywhere else", () => {
    const line = "x-anthropic-billing-header: cc_version=2.1.330.000; cc_entrypoint=cli;"
    const messages = [{ role: "user", content: "hi" }]
    const systemOf = (system: Json): string =>
      wireMessages(accepted({ model: "m", messages, system }, replayPolicy))
        .filter(({ role }) => role === "system")
        .map(visibleText)
        .join("")
    expect(systemOf(line)).toBe("")
    expect(systemOf(`\n${line}\nrest`)).toBe("rest")
    expect(
      systemOf([
        { type: "text", text: line },
        { type: "text", text: "rest" }
      ])
    ).toBe("rest")
    expect(systemOf(`rest\n${line}`)).toBe(`rest\n${line}`)
    expect(
      systemOf([
        { type: "text", text: "rest" },
        { type: "text", text: line }
      ])
    ).toContain(line)
    // a line that leads once the one before it is gone leads too, else normalising twice would differ (L17)
    expect(
      systemOf([
        { type: "text", text: line },
        { type: "text", text: `${line}\nrest` }
      ])
    ).toBe("rest")
    expect(systemOf(`${line}\n${line}`)).toBe("")
  })
})
