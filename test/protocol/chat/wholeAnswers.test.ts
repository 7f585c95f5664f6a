/** Whole completions as Messages: the rows of §4.3 and the spellings of §2.2. */
import { describe, expect, test } from "vitest"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { unseal } from "../../../src/protocol/reasoning.ts"
import {
  callDelta,
  completion,
  contextOf,
  delta,
  done,
  read,
  readText,
  readWhole,
  readWholeText,
  say,
  sse
} from "../turns.ts"

const call = (name: string, args: Json, id = "call_1"): JsonObject => ({
  type: "function",
  ...callDelta({ id, name, args })
})

describe("§4.3 rows", () => {
  test("[4.3 id] [4.3 model] the id is new and the model is the string the client sent", () => {
    const { message } = readWhole(completion({ content: "hi" }))
    expect(message["id"]).toMatch(/^msg_[0-9A-Za-z]{24}$/)
    expect(message["model"]).toBe("claude-test[1m]")
    expect(message["type"]).toBe("message")
    expect(message["role"]).toBe("assistant")
  })

  test.each<{ rule: string; message: JsonObject; finish?: string; content: ReadonlyArray<string>; end: string }>([
    {
      rule: "[4.3 content] a string is one text block",
      message: { content: "hi" },
      content: ["text: hi"],
      end: "end_turn"
    },
    {
      rule: "[4.3 content] parts are concatenated",
      message: { content: [{ type: "text", text: "a" }, "b", { type: "text", text: "c" }] },
      content: ["text: abc"],
      end: "end_turn"
    },
    {
      rule: "[4.3 content] a refusal part is a refusal",
      message: { content: [{ type: "refusal", refusal: "I will not" }] },
      content: ["text: I will not"],
      end: "refusal"
    },
    {
      rule: "[4.3 reasoning] thinking parts (Mistral) are reasoning",
      message: {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
          { type: "text", text: "a" }
        ]
      },
      content: ["thinking: hm", "text: a"],
      end: "end_turn"
    },
    { rule: "[4.3 content] empty gives no block", message: { content: "" }, content: [], end: "end_turn" },
    {
      rule: "[4.3 nothing] nothing at all with a finish is an empty message",
      message: { content: null },
      content: [],
      end: "end_turn"
    },
    {
      rule: "[4.3 refusal] text that the client shows, and the stop reason",
      message: { content: null, refusal: "No." },
      content: ["text: No."],
      end: "refusal"
    },
    {
      rule: "[4.3 tool_calls] become tool_use in order, behind the text",
      message: { content: "a", tool_calls: [call("Read", '{"p":1}', "c1"), call("Bash", '{"q":2}', "c2")] },
      finish: "tool_calls",
      content: ["text: a", 'Read {"p":1}', 'Bash {"q":2}'],
      end: "tool_use"
    },
    {
      rule: "[4.3 tool_calls] a call without `type` is a call",
      message: { tool_calls: [callDelta({ id: "c", name: "Read", args: "{}" })] },
      content: ["Read {}"],
      end: "tool_use"
    },
    {
      rule: "[4.3 function_call] is one tool_use",
      message: { content: null, function_call: { name: "Read", arguments: '{"p":1}' } },
      finish: "function_call",
      content: ['Read {"p":1}'],
      end: "tool_use"
    },
    {
      rule: "[4.3 annotations] change nothing",
      message: {
        content: "a",
        annotations: [{ type: "url_citation", url_citation: { url: "https://x", title: "X" } }]
      },
      content: ["text: a"],
      end: "end_turn"
    }
  ])("$rule", ({ content, end, finish = "stop", message }) => {
    expect(readWhole(completion(message, finish))).toMatchObject({ content, end })
  })

  test("[4.3 refusal] stop_details explain it", () => {
    const { message } = readWhole(completion({ refusal: "No." }))
    expect(message["stop_details"]).toEqual({ type: "refusal", category: null, explanation: "No." })
  })

  test.each<{ rule: string; body: Json; end: string; says: string }>([
    {
      rule: "no choices at all",
      body: { id: "x" },
      end: "http 502 api_error",
      says: "acme: the provider sent an empty response"
    },
    { rule: "`choices: []` with no error", body: { choices: [] }, end: "http 502 api_error", says: "empty response" },
    {
      rule: "an error under HTTP 200, by its code",
      body: { error: { message: "slow down please", code: 429 } },
      end: "http 429 rate_limit_error",
      says: "acme: slow down please"
    },
    {
      rule: "an error as a string (xAI)",
      body: { code: "x", error: "bad thing" },
      end: "http 502 api_error",
      says: "bad thing"
    },
    {
      rule: "an error in an array (Gemini)",
      body: [{ error: { code: 400, message: "no", status: "INVALID_ARGUMENT" } }],
      end: "http 400 invalid_request_error",
      says: "acme: no"
    },
    {
      rule: "object error (older vLLM)",
      body: { object: "error", message: "boom" },
      end: "http 502 api_error",
      says: "boom"
    },
    {
      rule: "detail (FastAPI)",
      body: { detail: [{ msg: "bad field" }] },
      end: "http 502 api_error",
      says: "bad field"
    },
    {
      rule: "a failed status beside the choices (MiniMax)",
      body: { choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } },
      end: "http 402 billing_error",
      says: "insufficient balance"
    },
    { rule: "neither object nor array", body: 5, end: "http 502 api_error", says: "acme" }
  ])("[4.3 error] an answer that is none: $rule", ({ body, end, says }) => {
    const answer = readWhole(body)
    expect(answer.end).toBe(end)
    expect(answer.failure?.message).toContain(says)
  })

  test.each([[null], [""], [false]])("`error: %j` beside choices is no error", (error) => {
    expect(readWhole({ ...completion({ content: "hi" }), error }).end).toBe("end_turn")
  })

  test("a MiniMax status of success is none either", () => {
    const body = { ...completion({ content: "hi" }), base_resp: { status_code: 0, status_msg: "" } }
    expect(readWhole(body).content).toEqual(["text: hi"])
  })

  test("a whole body needs no finish reason: nothing of it can be missing", () => {
    expect(readWhole(completion({ content: "hi" }, null))).toMatchObject({ content: ["text: hi"], end: "end_turn" })
  })

  test("JSON that breaks off is a failure, never half a message", () => {
    expect(readText('{"choices":[{"message":{"content":"hi"')).toMatchObject({ end: "http 502 api_error", content: [] })
  })
})

describe("[4.3 reasoning] reasoning_details, then reasoning_content, reasoning, thinking; first non-empty wins", () => {
  const details = [{ type: "reasoning.text", text: "d", signature: "s" }]
  test.each<[JsonObject, string]>([
    [{ reasoning_details: details, reasoning_content: "c", reasoning: "r", thinking: "t" }, "d"],
    [{ reasoning_details: [{ type: "reasoning.summary", summary: "sum" }], reasoning: "r" }, "sum"],
    [{ reasoning_content: "c", reasoning: "r", thinking: "t" }, "c"],
    [{ reasoning_content: "", reasoning: "r", thinking: "t" }, "r"],
    [{ reasoning_content: null, reasoning: null, thinking: "t" }, "t"],
    [{ reasoning_details: [], reasoning: "r" }, "r"],
    [{ reasoning_details: [{ type: "reasoning.encrypted", data: "x" }], reasoning: "r" }, "r"]
  ])("%j shows %s, and the thinking block comes first", (fields, shown) => {
    expect(readWhole(completion({ content: "a", ...fields })).content).toEqual([`thinking: ${shown}`, "text: a"])
  })

  test("the signature is our own envelope and carries reasoning_details verbatim", () => {
    const { message } = readWhole(completion({ content: "a", reasoning_details: details }))
    const [thinking] = Array.isArray(message["content"]) ? message["content"] : []
    expect(thinking).toMatchObject({ type: "thinking", signature: expect.stringMatching(/^cdx1\./) })
    const { signature } = thinking as { readonly signature: string }
    expect(unseal(signature)).toEqual({
      provider: "generic",
      model: "acme-1",
      protocol: "chat",
      payload: { details }
    })
  })

  test("details without visible text are a redacted_thinking block, never an empty thinking block", () => {
    const encrypted = { reasoning_details: [{ type: "reasoning.encrypted", data: "x" }] }
    expect(readWhole(completion({ content: "a", ...encrypted })).content).toEqual(["redacted_thinking", "text: a"])
  })
})

describe("[4.3 choices] several choices", () => {
  const choice = (index: number, message: JsonObject, finish: string) => ({ index, message, finish_reason: finish })

  test("text in one and calls in another are merged (Copilot)", () => {
    const body = {
      choices: [choice(0, { content: "a" }, "stop"), choice(1, { tool_calls: [call("Read", "{}")] }, "tool_calls")]
    }
    expect(readWhole(body)).toMatchObject({ content: ["text: a", "Read {}"], end: "tool_use" })
  })

  test("calls of both are kept although both count from 0", () => {
    const body = {
      choices: [
        choice(0, { tool_calls: [call("Read", '{"a":1}', "x")] }, "tool_calls"),
        choice(1, { tool_calls: [call("Bash", '{"b":1}', "y")] }, "tool_calls")
      ]
    }
    expect(readWhole(body).content).toEqual(['Read {"a":1}', 'Bash {"b":1}'])
  })

  test("where every choice has text the first is the answer", () => {
    const body = { choices: [choice(0, { content: "a" }, "stop"), choice(1, { content: "b" }, "stop")] }
    expect(readWhole(body).content).toEqual(["text: a"])
  })
})

describe("[4.3 arguments] of a call", () => {
  test.each<[string, Json, string]>([
    ["a string is parsed", '{"a":[1,{"b":null}]}', 'Read {"a":[1,{"b":null}]}'],
    ["an object is itself", { a: 1 }, 'Read {"a":1}'],
    ['"" is {}', "", "Read {}"],
    ["null is {}", null, "Read {}"],
    ["JSON null is {}", "null", "Read {}"],
    ["a JSON array is {}", "[1]", "Read {}"],
    ["an array is {}", [1], "Read {}"],
    ["a JSON number is {}", "5", "Read {}"],
    ["a number is {}", 5, "Read {}"],
    ["a JSON string of no object is {}", '"x"', "Read {}"],
    ["a JSON string that holds an object is that object", JSON.stringify('{"a":1}'), 'Read {"a":1}'],
    ["truncated JSON is {}", '{"a":"rm -rf /ho', "Read {}"],
    ["text is {}", "path=x", "Read {}"],
    ["an object behind {} is that object", '{}{"a":1}', 'Read {"a":1}']
  ])("%s", (_rule, args, shown) => {
    expect(readWhole(completion({ tool_calls: [call("Read", args)] }))).toMatchObject({
      content: [shown],
      end: "tool_use"
    })
  })

  test("absent arguments are {}", () => {
    expect(readWhole(completion({ tool_calls: [callDelta({ id: "a", name: "Read" })] })).content).toEqual(["Read {}"])
  })
})

describe("[4.3 name] of a call", () => {
  test.each([
    [" Read ", "Read {}"],
    ["read", "Read {}"],
    ["Unknown", "Unknown {}"]
  ])("%j is given back as %s", (name, shown) => {
    expect(readWhole(completion({ tool_calls: [call(name, "{}")] })).content).toEqual([shown])
  })

  test.each<[string, JsonObject]>([
    ["empty", call("", "{}")],
    ["null", callDelta({ id: "a", name: null, args: "{}" })],
    ["absent", callDelta({ id: "a", args: "{}" })]
  ])("a call whose name is %s is dropped and does not count for the stop reason", (_what, nameless) => {
    const answer = readWhole(completion({ content: "a", tool_calls: [nameless] }, "tool_calls"))
    expect(answer).toMatchObject({ content: ["text: a"], end: "end_turn" })
  })
})

describe("[4.3 tool_calls] ids", () => {
  const idsOf = (message: JsonObject) =>
    (Array.isArray(message["content"]) ? message["content"] : []).map((block) => (block as { id?: string }).id)

  test("a legal id is kept, one the client could not take is encoded, a missing or repeated one is fresh", () => {
    const ids = ["call_a", "functions.Read:0", "", "call_a"]
    const { message } = readWhole(completion({ tool_calls: ids.map((id) => call("Read", "{}", id)) }))
    expect(idsOf(message)).toEqual([
      "call_a",
      expect.stringMatching(/^cdx_/),
      expect.stringMatching(/^toolu_/),
      expect.stringMatching(/^toolu_/)
    ])
  })

  test("an id that already occurs in the conversation is fresh, since the client would drop the call", () => {
    const context = contextOf({ seenIds: new Set(["call_0"]) })
    const { message } = readWhole(completion({ tool_calls: [call("Read", "{}", "call_0")] }), context)
    expect(idsOf(message)).toEqual([expect.stringMatching(/^toolu_/)])
  })
})

/** Every row as a whole body and as a stream: precedence does not depend on the way. */
describe("[4.3 stop length] [4.3 stop filter] [4.3 stop calls] [4.3 stop sequence] [4.3 stop end_turn] precedence", () => {
  const oneCall: JsonObject = { tool_calls: [call("Read", "{}")] }
  const rows: ReadonlyArray<{
    readonly finish: string
    readonly message: JsonObject
    readonly more?: JsonObject
    readonly end: string
    readonly sequence?: string
  }> = [
    { finish: "length", message: { content: "a" }, end: "max_tokens" },
    { finish: "max_tokens", message: { content: "a" }, end: "max_tokens" },
    { finish: "model_length", message: { content: "a" }, end: "max_tokens" },
    { finish: "model_context_window_exceeded", message: { content: "a" }, end: "max_tokens" },
    { finish: "max_output", message: { content: "a" }, end: "max_tokens" },
    { finish: "MAX_TOKENS", message: { content: "a" }, end: "max_tokens" },
    { finish: "length", message: oneCall, end: "max_tokens" },
    { finish: "length", message: { refusal: "no" }, end: "max_tokens" },
    { finish: "content_filter", message: { content: "a" }, end: "refusal" },
    { finish: "content_filter", message: oneCall, end: "refusal" },
    { finish: "sensitive", message: { content: "a" }, end: "refusal" },
    { finish: "content_filter: PROHIBITED_CONTENT", message: { content: null }, end: "refusal" },
    { finish: "SAFETY", message: { content: "a" }, end: "refusal" },
    { finish: "stop", message: { refusal: "no", ...oneCall }, end: "refusal" },
    { finish: "tool_calls", message: oneCall, end: "tool_use" },
    { finish: "tool_use", message: oneCall, end: "tool_use" },
    { finish: "stop", message: oneCall, end: "tool_use" },
    { finish: "eos", message: oneCall, end: "tool_use" },
    { finish: "end_turn", message: oneCall, end: "tool_use" },
    { finish: "stop", message: oneCall, more: { stop_reason: "END" }, end: "tool_use" },
    { finish: "stop", message: { content: "a" }, more: { stop_reason: "END" }, end: "stop_sequence", sequence: "END" },
    { finish: "stop", message: { content: "a" }, more: { matched_stop: "END" }, end: "stop_sequence", sequence: "END" },
    { finish: "stop", message: { content: "a" }, more: { stop_reason: "other" }, end: "end_turn" },
    { finish: "stop", message: { content: "a" }, more: { stop_reason: 128_009 }, end: "end_turn" },
    { finish: "stop", message: { content: "a" }, more: { stop_reason: null, matched_stop: 7 }, end: "end_turn" },
    { finish: "stop", message: { content: "a END" }, end: "end_turn" },
    { finish: "eos", message: { content: "a" }, end: "end_turn" },
    { finish: "end_turn", message: { content: "a" }, end: "end_turn" },
    { finish: "complete", message: { content: "a" }, end: "end_turn" },
    { finish: "whatever", message: { content: "a" }, end: "end_turn" },
    { finish: "tool_calls", message: { content: "a" }, end: "end_turn" }
  ]
  const context = contextOf({ stopSequences: ["END"] })

  test.each(rows)("finish $finish of $message $more is $end", ({ end, finish, message, more, sequence }) => {
    const whole = readWhole(completion(message, finish, more), context)
    const streamed = read(
      [delta(message), { choices: [{ index: 0, delta: {}, finish_reason: finish, ...more }] }, done],
      context
    )
    for (const answer of [whole, streamed]) {
      expect(answer.end).toBe(end)
      // written as null, never absent or ""
      expect(answer.message["stop_sequence"]).toBe(sequence ?? null)
    }
  })

  test("a filter without words still has stop_details", () => {
    expect(readWhole(completion({ content: "a" }, "content_filter")).message["stop_details"]).toEqual({
      type: "refusal",
      category: null,
      explanation: null
    })
  })

  test.each([
    ["error", "http 502 api_error"],
    ["network_error", "http 502 api_error"],
    ["abort", "http 502 api_error"],
    ["function_call_filter: MALFORMED_FUNCTION_CALL", "http 502 api_error"],
    ["MALFORMED_FUNCTION_CALL", "http 502 api_error"],
    ["insufficient_system_resource", "http 529 overloaded_error"]
  ])("[4.3 stop failure] finish %s is a failure, not a message", (word, end) => {
    expect(readWhole(completion({ content: "" }, word)).end).toBe(end)
    expect(readWhole(completion({ content: "half of it" }, word)).content).toEqual([])
    expect(read([delta({}, word), done]).end).toBe(end)
  })

  test("finish error behind text: the text was shown, the failure is told", () => {
    const answer = read([say("half of it"), delta({}, "error"), done])
    expect(answer).toMatchObject({ end: "error api_error", content: ["text: half of it"] })
  })
})

test("a whole answer to which a stream came is the stream folded", () => {
  const body = sse([say("a"), say("b"), delta({}, "stop"), done])
  expect(readWholeText(body)).toMatchObject({ content: ["text: ab"], end: "end_turn" })
  expect(readWholeText(sse([say("a")])).end).toBe("http 502 api_error")
})
