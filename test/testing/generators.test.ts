import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { foreignSignature } from "../../src/testing/anthropicBlocks.ts"
import { anthropicRequest, brokenRequest } from "../../src/testing/anthropicRequests.ts"
import { plainStyle, renderChatBody, renderChatStream, chatStyle } from "../../src/testing/chatRender.ts"
import { badEnd, goodEnd, turnScript } from "../../src/testing/chatScript.ts"
import {
  broken,
  dice,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonValue,
  oneOf,
  seed
} from "../../src/testing/json.ts"
import { chunking, cut, damaged, frame, framing, plainFraming } from "../../src/testing/sseBytes.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []
const messagesOf = (body: JsonObject) => list(body["messages"])
const blocksOf = (body: JsonObject) => messagesOf(body).flatMap((message) => list(message["content"]))
const ofType = (blocks: ReadonlyArray<JsonObject>, type: string) => blocks.filter((block) => block["type"] === type)
const resultBlocks = (body: JsonObject) =>
  ofType(blocksOf(body), "tool_result").flatMap((block) => list(block["content"]))
const callIds = (body: JsonObject) => ofType(blocksOf(body), "tool_use").map((block) => block["id"])
const resultIds = (body: JsonObject) => ofType(blocksOf(body), "tool_result").map((block) => block["tool_use_id"])
const systemText = (body: JsonObject) => JSON.stringify(body["system"] ?? "")
const sourceTypes = (blocks: ReadonlyArray<JsonObject>, type: string) =>
  ofType(blocks, type).map(({ source }) => (isJsonObject(source) ? source["type"] : undefined))

/** What must occur among the generated requests: one entry per normalisation step or block kind. */
const features: { readonly [name: string]: (body: JsonObject) => boolean } = {
  "N2 string content": (body) => messagesOf(body).some(({ content }) => typeof content === "string"),
  "N2 string system": (body) => typeof body["system"] === "string",
  "N3 attribution header first": (body) =>
    /^(\[\{"[^}]*"text":)?"(\\n)?x-anthropic-billing-header/.test(systemText(body)),
  "N3 attribution words later": (body) =>
    /[^"n]x-anthropic-billing-header|,\{[^}]*x-anthropic-billing/.test(systemText(body)),
  "N4 blank system": (body) => typeof body["system"] === "string" && body["system"].trim() === "",
  "N5 system in the middle": (body) => messagesOf(body).some(({ role }, at) => role === "system" && at > 0),
  "N5 system between calls and results": (body) =>
    messagesOf(body).some(
      ({ role }, at) => role === "system" && ofType(list(messagesOf(body)[at - 1]?.["content"]), "tool_use").length > 0
    ),
  "N6 user messages in a row": (body) =>
    messagesOf(body).some(({ role }, at) => role === "user" && messagesOf(body)[at - 1]?.["role"] === "user"),
  "N6 assistant messages in a row": (body) =>
    messagesOf(body).some(({ role }, at) => role === "assistant" && messagesOf(body)[at - 1]?.["role"] === "assistant"),
  "N7 blank text": (body) =>
    ofType(blocksOf(body), "text").some(({ text }) => typeof text === "string" && text.trim() === ""),
  "N8 cache marks": (body) => blocksOf(body).some((block) => block["cache_control"] !== undefined),
  "N9 thinking": (body) => ofType(blocksOf(body), "thinking").length > 0,
  "N9 redacted thinking": (body) => ofType(blocksOf(body), "redacted_thinking").length > 0,
  "N10 missing result": (body) => callIds(body).some((id) => !resultIds(body).includes(id ?? null)),
  "N10 result of no call": (body) => resultIds(body).some((id) => !callIds(body).includes(id ?? null)),
  "N10 second result": (body) => new Set(resultIds(body)).size < resultIds(body).length,
  "N11 results out of order": (body) => {
    const known = resultIds(body).filter((id) => callIds(body).includes(id ?? null))
    const order = callIds(body).filter((id) => known.includes(id ?? null))
    return known.length === order.length && known.join("\n") !== order.join("\n")
  },
  "N11 text before results": (body) =>
    messagesOf(body).some(({ content }) => {
      const types = list(content).map((block) => block["type"])
      return types.indexOf("text") >= 0 && types.indexOf("text") < types.lastIndexOf("tool_result")
    }),
  "N12 server tool with result": (body) => ofType(blocksOf(body), "web_search_tool_result").length > 0,
  "N12 server tool without result": (body) => {
    const answered = blocksOf(body).map((block) => block["tool_use_id"])
    return ofType(blocksOf(body), "server_tool_use").some(({ id }) => !answered.includes(id))
  },
  "N13 file image": (body) => sourceTypes(blocksOf(body), "image").includes("file"),
  "N13 upload": (body) => ofType(blocksOf(body), "container_upload").length > 0,
  "N14 tool reference": (body) => ofType(resultBlocks(body), "tool_reference").length > 0,
  "N14 deferred tool": (body) => list(body["tools"]).some((tool) => tool["defer_loading"] === true),
  "N15 prefill": (body) => messagesOf(body).at(-1)?.["role"] === "assistant",
  "an error flag": (body) => ofType(blocksOf(body), "tool_result").some((block) => block["is_error"] === true),
  "an image in a result": (body) => ofType(resultBlocks(body), "image").length > 0,
  "a document in a result": (body) => ofType(resultBlocks(body), "document").length > 0,
  "a result without content": (body) =>
    ofType(blocksOf(body), "tool_result").some((block) => block["content"] === undefined),
  "a search result": (body) => ofType(blocksOf(body), "search_result").length > 0,
  "a PDF": (body) => sourceTypes(blocksOf(body), "document").includes("base64"),
  "a document of blocks": (body) => sourceTypes(blocksOf(body), "document").includes("content"),
  "parallel calls": (body) => messagesOf(body).some(({ content }) => ofType(list(content), "tool_use").length > 1),
  "a name over 64 characters": (body) =>
    list(body["tools"]).some(({ name }) => typeof name === "string" && name.length > 64),
  "an id over 40 characters": (body) => callIds(body).some((id) => typeof id === "string" && id.length > 40),
  "an id of odd characters": (body) => callIds(body).some((id) => typeof id === "string" && !/^[\w-]+$/.test(id)),
  "a client tool": (body) => list(body["tools"]).some(({ type }) => type === "bash_20250124"),
  "a server tool": (body) => list(body["tools"]).some(({ type }) => type === "web_search_20250305"),
  "a tool without a schema": (body) => list(body["tools"]).some((tool) => tool["input_schema"] === null),
  "two tools of one name": (body) => {
    const names = list(body["tools"]).map(({ name }) => name)
    return new Set(names).size < names.length
  },
  "no tools at all": (body) => body["tools"] === undefined,
  "a forced tool": (body) => isJsonObject(body["tool_choice"]) && body["tool_choice"]["type"] === "tool",
  "no parallel calls": (body) =>
    isJsonObject(body["tool_choice"]) && body["tool_choice"]["disable_parallel_tool_use"] === true,
  "more than four stop sequences": (body) => Array.isArray(body["stop_sequences"]) && body["stop_sequences"].length > 4,
  "a schema for the answer": (body) => JSON.stringify(body["output_config"] ?? {}).includes("json_schema")
}

describe("generated requests", () => {
  const sample = fc.sample(anthropicRequest(), { numRuns: 1500, seed: 7 })

  it.each(Object.entries(features))("contain %s", (_, has) => {
    expect(sample.filter(has).length).toBeGreaterThan(2)
  })

  it("are JSON, and stay small", () => {
    for (const body of sample) {
      expect(JSON.parse(JSON.stringify(body))).toEqual(body)
      expect(JSON.stringify(body).length).toBeLessThan(40_000)
    }
  })

  it("have their own id for every call, unless asked otherwise", () => {
    const doubled = (body: JsonObject) => new Set(callIds(body)).size < callIds(body).length
    expect(sample.filter(doubled)).toEqual([])
    expect(fc.sample(anthropicRequest({ uniqueIds: false }), { numRuns: 1500, seed: 7 }).some(doubled)).toBe(true)
  })

  it("use the signatures they are given", () => {
    const sealed = fc.sample(anthropicRequest({ signature: fc.constant("cdx1.mine") }), { numRuns: 200, seed: 7 })
    const signatures = sealed.flatMap((body) => ofType(blocksOf(body), "thinking").map(({ signature }) => signature))
    expect(new Set(signatures)).toEqual(new Set(["cdx1.mine"]))
    expect(new Set(fc.sample(foreignSignature, { numRuns: 100, seed: 7 })).has("")).toBe(true)
  })

  it("that are broken differ from those that are not", () => {
    const broke = fc.sample(brokenRequest, { numRuns: 300, seed: 7 })
    expect(broke.filter((value) => !isJsonObject(value)).length).toBeGreaterThan(5)
    expect(broke.filter((value) => isJsonObject(value) && !Array.isArray(value["messages"])).length).toBeGreaterThan(5)
  })

  it("breaking replaces, removes and doubles", () => {
    const changes = fc
      .sample(broken(fc.constant<Json>({ a: [1, { b: "x" }] })), { numRuns: 300, seed: 7 })
      .map((value) => JSON.stringify(value))
    expect(changes).toContain('{"a":[1]}')
    expect(changes).toContain('{"a":[1,1,{"b":"x"}]}')
    expect(changes).toContain("{}")
    expect(changes).toContain("null")
    expect(changes.filter((value) => value === '{"a":[1,{"b":"x"}]}').length).toBeLessThan(10)
  })
})

describe("dice", () => {
  it("with seed 0 always take the first choice, and any seed gives the same choices again", async () => {
    expect(dice(0).pick(["plain", "odd"])).toBe("plain")
    await holds(
      fc.property(seed, (value) => {
        const [one, two] = [dice(value), dice(value)]
        expect(Array.from({ length: 5 }, () => one.roll(6))).toEqual(Array.from({ length: 5 }, () => two.roll(6)))
      }),
      { numRuns: runs }
    )
  })
})

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

describe("rendered answers", () => {
  const script = turnScript({ end: oneOf(goodEnd, badEnd) })

  it("carry every text of the script, in order, whatever the style", async () => {
    await holds(
      fc.property(script, chatStyle, (turn, style) => {
        const deltas = renderChatStream(turn, style)
          .flatMap(({ data }) => (isJsonObject(data) ? list(data["choices"]) : []))
          .map(({ delta }) => (isJsonObject(delta) ? delta : {}))
        const wanted = turn.steps.map((step) => (step.type === "text" ? step.text : "")).join("")
        expect(deltas.map(({ content }) => textOf(content)).join("")).toBe(wanted)
      }),
      { numRuns: runs }
    )
  })

  it("mark the record that ends the turn, and none when nothing does", async () => {
    await holds(
      fc.property(script, chatStyle, (turn, style) => {
        const marked = renderChatStream(turn, style).filter(({ terminal }) => terminal)
        const { end } = turn
        const failed =
          end.type === "cut" ||
          end.type === "error" ||
          (end.type === "finish" && /error|abort|insufficient/.test(end.reason))
        expect(marked).toHaveLength(failed ? 0 : 1)
      }),
      { numRuns: runs }
    )
  })

  it("look like OpenAI's own in the plain style", () => {
    const turn = {
      steps: [
        { type: "text", text: "hi" } as const,
        { type: "call", name: "Read", id: "call_1", args: '{"a":1}' } as const
      ],
      usage: { prompt: 3, completion: 2, cached: 1, written: 0, reasoning: 0 },
      end: { type: "finish", reason: "tool_calls" } as const
    }
    const { bytes } = frame(renderChatStream(turn, plainStyle), plainFraming)
    expect(new TextDecoder().decode(bytes)).toMatchSnapshot("stream")
    expect(renderChatBody(turn, plainStyle)).toMatchSnapshot("body")
  })
})

describe("framed bytes", () => {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

  /** The payloads, read by the rules of server-sent events. */
  const payloads = (bytes: Uint8Array, newline: string): ReadonlyArray<unknown> => {
    const lines = utf8
      .decode(bytes)
      .replace(/^\ufeff/, "")
      .split(newline)
    const records = [...lines, ""].reduce<ReadonlyArray<ReadonlyArray<string>>>(
      (all, line) => (line === "" ? [...all, []] : [...all.slice(0, -1), [...(all.at(-1) ?? []), line]]),
      [[]]
    )
    return records
      .map((record) => record.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).replace(/^ /, "")))
      .filter((data) => data.length > 0)
      .map((data) => JSON.parse(data.join("\n")))
  }

  it("hold every payload, and say up to where it can be read", async () => {
    await holds(
      fc.property(fc.array(jsonValue, { minLength: 1, maxLength: 4 }), framing, (values, how) => {
        const { bytes, readable, complete } = frame(
          values.map((data) => ({ data, terminal: false })),
          how
        )
        expect(payloads(bytes, how.newline)).toEqual(values)
        expect(complete.at(-1)).toBe(bytes.length)
        readable.forEach((end, at) => {
          expect(payloads(bytes.subarray(0, end), how.newline)).toEqual(values.slice(0, at + 1))
          expect(end).toBeLessThanOrEqual(complete[at] ?? 0)
        })
      }),
      { numRuns: runs }
    )
  })

  it("cut into chunks are the same bytes", async () => {
    await holds(
      fc.property(fc.uint8Array({ maxLength: 50 }), chunking, (bytes, how) => {
        expect(cut(bytes, how).flatMap((chunk) => [...chunk])).toEqual([...bytes])
      }),
      { numRuns: runs }
    )
  })

  it("are cut inside of characters and one by one, too", () => {
    const bytes = new TextEncoder().encode("日本語")
    expect(cut(bytes, "bytes")).toHaveLength(bytes.length)
    const cuts = fc.sample(chunking, { numRuns: 200, seed: 7 }).flatMap((how) => cut(bytes, how))
    expect(cuts.some((chunk) => chunk.length % 3 !== 0)).toBe(true)
  })

  it("that are damaged differ", () => {
    const base = new TextEncoder().encode('data: {"a":1}\n\n')
    const all = fc.sample(damaged(fc.constant(base)), { numRuns: 200, seed: 7 }).map((bytes) => bytes.join())
    expect(all.filter((bytes) => bytes === base.join()).length).toBeLessThan(20)
  })
})
