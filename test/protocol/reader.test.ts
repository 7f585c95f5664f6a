/** What the body of an answer turns out to be, and how its records are framed: §4.4.1 and §4.4.2. */
import { describe, expect, test } from "vitest"
import { gatewayError } from "../../src/protocol/errors.ts"
import { turnStream } from "../../src/protocol/translate.ts"
import { completion, contextOf, readText, readWholeText } from "./turns.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

const hello = 'data: {"choices":[{"index":0,"delta":{"content":"héllo"},"finish_reason":null}]}'
const stop = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'

describe("[4.4.1] framing", () => {
  test.each<[string, string]>([
    ["LF", `${hello}\n\n${stop}\n\ndata: [DONE]\n\n`],
    ["CRLF", `${hello}\r\n\r\n${stop}\r\n\r\ndata: [DONE]\r\n\r\n`],
    ["CR", `${hello}\r\r${stop}\r\rdata: [DONE]\r\r`],
    ["a byte order mark", `\uFEFF${hello}\n\n${stop}\n\ndata: [DONE]\n\n`],
    ["no space behind the colon", `${hello}\n\n${stop}\n\ndata: [DONE]\n\n`.replaceAll("data: ", "data:")],
    [
      "comments, ids, retry times",
      `: OPENROUTER PROCESSING\n\nid: 1\nretry: 5\n${hello}\n\n: keep-alive\n\n${stop}\n\ndata: [DONE]\n\n`
    ],
    ["data over several lines", `${hello.replace(",", ",\ndata: ")}\n\n${stop}\n\ndata: [DONE]\n\n`],
    ["spaces around [DONE]", `${hello}\n\n${stop}\n\ndata:  [DONE] \n\n`],
    ["no [DONE]", `${hello}\n\n${stop}\n\n`],
    ["no last blank line", `${hello}\n\n${stop}`],
    [
      "keep-alive words as data",
      `data: ping\n\ndata: []\n\ndata: 0\n\n${hello}\n\ndata: keep-alive\n\ndata: : OPENROUTER PROCESSING\n\ndata: ...\n\ndata: \n\n${stop}\n\ndata: [DONE]\n\n`
    ],
    ["an event line on every record", `event: message\n${hello}\n\nevent: message\n${stop}\n\ndata: [DONE]\n\n`]
  ])("%s", (_what, body) => {
    expect(readText(body)).toMatchObject({ content: ["text: héllo"], end: "end_turn" })
  })

  test("UTF-8 is decoded over chunk ends", () => {
    const turn = turnStream(contextOf())
    const whole = bytes(`${hello}\n\n${stop}\n\n`)
    const text = [...whole].map((byte) => turn.push(Uint8Array.of(byte))).join("") + turn.end()
    expect(text).toContain('"text":"héllo"')
    expect(text).not.toContain("\uFFFD")
  })

  test.each([
    ["`event: error`", 'event: error\ndata: {"message":"boom"}\n\n'],
    ["the field name `error:` (llama.cpp)", 'error: {"code":500,"message":"boom","type":"server_error"}\n\n'],
    ["`event: error` with plain text", "event: error\ndata: boom\n\n"],
    ["data that is no JSON", "data: boom\n\n"]
  ])("%s is a failure", (_what, record) => {
    const answer = readText(`${hello}\n\n${record}`)
    expect(answer).toMatchObject({ end: "error api_error", content: ["text: héllo"] })
  })
})

test("what is no JSON says so, unless the answer was over but for the usage", () => {
  for (const data of ["boom", "{", '{"', "[", "\u4f60\u597d"]) {
    const answer = readText(`${hello}\n\ndata: ${data}\n\n${stop}\n\ndata: [DONE]\n\n`)
    expect(answer.failure?.message).toContain("unreadable")
  }
  expect(readText(`${hello}\n\n${stop}\n\ndata: boom\n\n`).end).toBe("end_turn")
})

test("an answer nested without end is a failure, streamed or whole, and exhausts nothing", () => {
  const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`
  const call = (args: string) => `{"tool_calls":[{"index":0,"id":"a","function":{"name":"Read","arguments":${args}}}]}`
  const chunk = (value: string) => `{"choices":[{"index":0,"delta":${value},"finish_reason":"stop"}]}`
  expect(readText(`data: ${chunk(call(deep))}\n\n`).end).toBe("http 502 api_error")
  expect(readText(chunk(call(deep))).end).toBe("http 502 api_error")
  // as text it is no concern of the framing, but no client could take it either
  expect(readWholeText(chunk(call(JSON.stringify(deep))))).toMatchObject({ content: ["Read {}"], end: "tool_use" })
})

describe("[4.4.2] not SSE at all", () => {
  test("a whole completion is emitted as events", () => {
    const body = completion({ content: "hi", tool_calls: [{ id: "a", function: { name: "Read", arguments: "{}" } }] })
    const usage = { usage: { prompt_tokens: 9, completion_tokens: 2 } }
    const answer = readText(`\n ${JSON.stringify({ ...body, ...usage })}`)
    expect(answer).toMatchObject({ content: ["text: hi", "Read {}"], end: "tool_use", usage: { input_tokens: 9 } })
  })

  test("a body with an error is a real HTTP error", () => {
    expect(readText('{"error":{"message":"no such model","code":404}}').end).toBe("http 404 not_found_error")
  })

  test("somebody's HTML page is told by its words", () => {
    const answer = readText("<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>")
    expect(answer.end).toBe("http 502 api_error")
    expect(answer.failure?.message).toContain("Bad Gateway")
  })

  test("an empty body is an answer that ended early", () => {
    expect(readText("").end).toBe("http 502 api_error")
  })

  test("a document that broke off is told by how it broke", () => {
    const turn = turnStream(contextOf())
    turn.push(bytes('{"choices":['))
    expect(turn.abort(gatewayError("timeout_error", "acme: silent"))).toBe("")
    expect(turn.failure()).toMatchObject({ status: 504, message: "acme: silent" })
  })

  test("nothing is decided before the document ends", () => {
    const turn = turnStream(contextOf())
    expect(turn.push(bytes('{"choices":[{"message":{"content":"hi"},'))).toBe("")
    expect(turn.phase()).toBe("waiting")
  })
})
