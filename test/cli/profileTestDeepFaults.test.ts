/** What `claudex profile test --deep` says of providers that do not do as they should. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Reason } from "../../src/cli/reachability/verdict.ts"
import { AnthropicScript, ChatScript, type RecordedRequest, UpstreamScript } from "../../src/testing/index.ts"
import { call, canary, type Script, type Setup, states, tested } from "./deepTest.ts"

describe("claudex profile test --deep", () => {
  /** Repeats every secret of the request. */
  const error =
    (status: number, message: string, more = {}) =>
    ({ headers, url }: RecordedRequest) =>
      ChatScript.error(status, `${message} ${headers["authorization"]} ${headers["x-team"]} ${url}`, more)
  const faults: ReadonlyArray<
    readonly [
      what: string,
      answer: Script | ((request: RecordedRequest) => Script),
      found: string,
      reason: Reason,
      message: RegExp,
      remedy: RegExp,
      setup?: Setup
    ]
  > = [
    [
      "a key that is not accepted",
      error(401, "Incorrect API key"),
      "key fail",
      "unauthorized",
      /^the key is not accepted \(HTTP 401\): Incorrect API key/,
      /valid key/
    ],
    [
      "a key that may not do this",
      error(403, "Not for you"),
      "key fail",
      "forbidden",
      /^the key may not do this \(HTTP 403\): Not for you/,
      /what the provider allows/
    ],
    [
      "an account without credit",
      error(402, "Insufficient balance"),
      "key fail",
      "billing",
      /^there is no credit left \(HTTP 402\): Insuff/,
      /^Add credit/
    ],
    [
      "a model that is not known, with the name that may be meant",
      error(404, "The model `some-othr-model` does not exist", { code: "model_not_found" }),
      "model fail",
      "model",
      /^does not know some-othr-model \(HTTP 404\)/,
      /^Set default_model to "some-other-model"\.$/,
      { model: "some-othr-model" }
    ],
    [
      "a model that is not known, refused as a wrong request",
      error(400, "Invalid model name passed"),
      "model fail",
      "model",
      /^does not know some-model \(HTTP 400\)/,
      /^Correct default_model\.$/
    ],
    [
      "a model of another slot that is not in the list, though the default answers",
      ChatScript.streamed({ calls: [call] }),
      "model fail",
      "model",
      /^answers, and does not list "some-othr-model" \(models\.haiku\)$/,
      /^Set models\.haiku to "some-other-model"\.$/,
      { model: "hidden-model", more: 'models = { haiku = "some-othr-model" }' }
    ],
    [
      "a path that leads nowhere",
      error(404, "Not Found"),
      "answer fail",
      "path",
      /^has nothing at this address \(HTTP 404\): Not Found/,
      /base_url and provider_type: .* Chat Completions/
    ],
    [
      "a page instead of an answer",
      UpstreamScript.respond(404, "<html><body><h1>Not here</h1></body></html>", { "content-type": "text/html" }),
      "answer fail",
      "path",
      /nothing at this address \(HTTP 404\): Not here\.$/,
      /base_url/
    ],
    [
      "too many requests",
      error(429, "Slow down"),
      "answer fail",
      "limited",
      /^takes no more requests at the moment \(HTTP 429\): Slow down/,
      /later/
    ],
    [
      "a server that fails",
      error(500, "Oops"),
      "answer fail",
      "server",
      /^the server failed \(HTTP 500\): Oops/,
      /later/
    ],
    [
      "a server that says nothing about its failure",
      UpstreamScript.respond(503, ""),
      "answer fail",
      "server",
      /^the server failed: HTTP 503/,
      /later/
    ],
    [
      "a server that leads elsewhere",
      UpstreamScript.respond(308, "", { location: "http://127.0.0.1:9/" }),
      "answer fail",
      "path",
      /^sends elsewhere \(HTTP 308\)/,
      /base_url/
    ],
    [
      "a server that refuses tools",
      error(400, "some-model does not support tools"),
      "tools fail",
      "tools",
      /^refuses a request with tools \(HTTP 400\)/,
      /--enable-auto-tool-choice/
    ],
    [
      "a relay that knows nobody with tools",
      error(404, "No endpoints found that support tool use."),
      "tools fail",
      "tools",
      /^refuses a request with tools \(HTTP 404\)/,
      /default_model/
    ],
    [
      "a server that refuses to think",
      error(400, "Unsupported value: reasoning_effort"),
      "thinking fail",
      "thinking",
      /^refuses a request to think/,
      /thinking_switch/
    ],
    [
      "a server that refuses for another reason",
      error(400, "The stars are wrong"),
      "answer fail",
      "refused",
      /^refuses the request \(HTTP 400\): The stars are wrong/,
      /^claudex --config \S+claudex\.toml profile show mine$/
    ],
    [
      "what is no answer at all",
      UpstreamScript.respond(200, "<html>Welcome!</html>", { "content-type": "text/html" }),
      "answer fail",
      "garbage",
      /^the answer cannot be understood/,
      /base_url/
    ],
    [
      "what is no message of Anthropic",
      UpstreamScript.respond(200, "<html>Welcome!</html>", { "content-type": "text/html" }),
      "answer fail",
      "garbage",
      /^the answer cannot be understood/,
      /Anthropic Messages/,
      { kind: "DirectAnthropic" }
    ],
    [
      "an error in the middle of an answer",
      ({ headers }) =>
        UpstreamScript.stream([
          ...AnthropicScript.records({ calls: [call] }).slice(0, 2),
          `event: error\ndata: {"type":"error","error":{"type":"api_error","message":"no ${headers["x-api-key"]}"}}\n\n`
        ]),
      "answer fail",
      "broken",
      /^an error came in the middle of the answer$/,
      /later/,
      { kind: "DirectAnthropic" }
    ],
    [
      "an answer as a whole",
      ChatScript.whole({ calls: [call] }),
      "stream fail",
      "stream",
      /came as a whole/,
      /^Turn on streaming/
    ],
    [
      "wrong arguments, without what the model made up",
      ChatScript.streamed({ calls: [{ ...call, args: `{"word":"${canary}","number":42,"${canary}":1}` }] }),
      "tools fail",
      "tools",
      /^the tool was called with wrong arguments: word, others$/,
      /calls tools/
    ],
    [
      "a call that is written as text",
      ChatScript.streamed({ text: '<tool_call>{"word":"pelican"}</tool_call>' }),
      "tools fail",
      "tools",
      /^the call was written as text$/,
      /--tool-call-parser/
    ],
    ["an empty answer", ChatScript.streamed({}), "tools fail", "tools", /nothing was said/, /calls tools/],
    [
      "no count of tokens",
      ChatScript.streamed({ calls: [call], usage: false }),
      "usage warn",
      "usage",
      /does not say how many tokens/,
      /stream_usage = true/
    ],
    [
      "a wrong word for the end",
      AnthropicScript.streamed({ calls: [call], stop: "end_turn" }),
      "stop warn",
      "stop",
      /^it ended with end_turn, not with tool_use$/,
      /tell it to go on/,
      { kind: "DirectAnthropic" }
    ],
    [
      "no call within the tokens that it may take",
      ChatScript.streamed({ text: "Let me see", finish: "length" }),
      "tools warn",
      "tools",
      /^no tool was called within 2048 tokens$/,
      /Test again/
    ]
  ]
  for (const [what, answer, found, reason, message, remedy, setup] of faults) {
    it.scopedLive(`tells of ${what}, after one request`, () =>
      Effect.gen(function* () {
        const { asked, test } = yield* tested(answer, setup)
        expect(states(test).filter((state) => !state.endsWith(" ok"))).toEqual([found])
        expect(test).toMatchObject({
          status: found.split(" ")[1],
          reason,
          message: expect.stringMatching(message),
          remedy: expect.stringMatching(remedy)
        })
        expect(asked).toHaveLength(1)
      })
    )
  }
})
