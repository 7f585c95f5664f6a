import { describe, expect, it } from "@effect/vitest"
import { Either, Option, Redacted } from "effect"
import { anthropicEndpoint, chatEndpoint, isAnthropicApi, responsesEndpoint } from "../../src/provider/endpoint.ts"
import { profileOf } from "./support.ts"

type Fields = Readonly<Record<string, unknown>>

const key = Option.some(Redacted.make("sk-canary"))
const endpoint = (fields: Fields, secret: typeof key | Option.Option<never> = key) =>
  Either.getOrThrow(chatEndpoint(profileOf(fields), secret))
const faultOf = (fields: Fields, secret: typeof key = key) =>
  Either.match(chatEndpoint(profileOf(fields), secret), { onLeft: (fault) => fault.message, onRight: () => "none" })

describe("the URL", () => {
  it.each([
    ["https://example.com/v1", "https://example.com/v1/chat/completions"],
    ["https://example.com/v1///", "https://example.com/v1/chat/completions"],
    ["https://example.com", "https://example.com/chat/completions"],
    ["https://example.com/v1/chat/completions", "https://example.com/v1/chat/completions"],
    ["https://user:pass@example.com/v1#x", "https://example.com/v1/chat/completions"],
    ["https://example.com/v1?api-version=1", "https://example.com/v1/chat/completions?api-version=1"]
  ])("of %s is %s", (base_url, url) => {
    expect(endpoint({ base_url }).url).toBe(url)
  })

  it("carries the profile's query parameters, encoded, in place of the base URL's", () => {
    expect(endpoint({ base_url: "https://example.com/v1?a=1", query_params: { a: "2", "b c": "é&" } }).url).toBe(
      "https://example.com/v1/chat/completions?a=2&b+c=%C3%A9%26"
    )
  })

  it("is refused when it is none", () => {
    expect(faultOf({ base_url: "nonsense" })).toContain("base_url of profile p is not a URL")
    expect(faultOf({ base_url: "ftp://example.com" })).toContain("must begin with http:// or https://")
  })
})

describe("the URL for Responses", () => {
  const urlOf = (fields: Fields) => Either.getOrThrow(responsesEndpoint(profileOf(fields), key)).url
  const azure = "https://x.openai.azure.com"
  const version = "?api-version=2025-04-01-preview"

  it.each([
    ["https://example.com/v1", "https://example.com/v1/responses"],
    ["https://example.com/v1/responses", "https://example.com/v1/responses"],
    ["https://chatgpt.com/backend-api/codex", "https://chatgpt.com/backend-api/codex/responses"]
  ])("of %s is %s", (base_url, url) => {
    expect(urlOf({ base_url })).toBe(url)
  })

  it.each([
    ["its v1 API, which needs no version", `${azure}/openai/v1`, `${azure}/openai/v1/responses`],
    ["the host alone", azure, `${azure}/openai/v1/responses`],
    [
      "a deployment, which Responses does not name",
      `${azure}/openai/deployments/d`,
      `${azure}/openai/responses${version}`
    ],
    ["a whole Chat endpoint", `${azure}/openai/deployments/d/chat/completions`, `${azure}/openai/responses${version}`],
    ["a version of the user's", `${azure}/openai?api-version=1`, `${azure}/openai/responses?api-version=1`]
  ])("of Azure: %s", (_, base_url, url) => {
    expect(urlOf({ base_url })).toBe(url)
  })

  it("of Azure behind another name is told by the dialect, the version by the profile", () => {
    const fields = { base_url: "https://proxy.example/openai", dialect: "azure", query_params: { "api-version": "2" } }
    expect(urlOf(fields)).toBe("https://proxy.example/openai/responses?api-version=2")
  })
})

describe("the headers", () => {
  it("send the key as a bearer token, without the line break of a file", () => {
    expect(endpoint({}, Option.some(Redacted.make("sk-canary\n"))).headers["authorization"]).toBe("Bearer sk-canary")
  })

  it("send the key to Azure in its own header", () => {
    const { headers } = endpoint({ base_url: "https://x.openai.azure.com/openai/v1" })
    expect(headers["api-key"]).toBe("sk-canary")
    expect(headers).not.toHaveProperty("authorization")
  })

  it("hold no credential when there is no key", () => {
    expect(endpoint({}, Option.none()).headers).toEqual({
      "content-type": "application/json",
      "accept-encoding": "identity",
      "user-agent": "claudex"
    })
  })

  it("let the profile's own headers replace ours in any case", () => {
    const { headers } = endpoint({ custom_headers: { Authorization: "Custom x", "X-Team": "blue" } })
    expect(headers["authorization"]).toBe("Custom x")
    expect(headers["x-team"]).toBe("blue")
  })

  it("are refused, without the secret, when they cannot be sent", () => {
    for (const custom_headers of [{ "x-a": "canary\r\nx-b: 1" }, { "bad name": "canary" }, { "Content-Length": "1" }]) {
      const message = faultOf({ custom_headers })
      expect(message).toContain("custom_headers of profile p")
      expect(message).not.toContain("canary")
    }
    const message = faultOf({}, Option.some(Redacted.make("sk-can\u0007ary")))
    expect(message).toContain("the key of profile p")
    expect(message).not.toContain("sk-can")
  })
})

describe("an Anthropic endpoint", () => {
  const direct = (fields: Fields, secret: typeof key | Option.Option<never> = key) =>
    Either.getOrThrow(anthropicEndpoint(profileOf({ provider_type: "DirectAnthropic", ...fields }), secret))

  it("of Anthropic takes the key in its own header, any other one as a bearer token, unless the profile says otherwise", () => {
    const anthropic = "https://api.anthropic.com"
    expect(direct({ base_url: anthropic }).headers).toEqual({ "accept-encoding": "identity", "x-api-key": "sk-canary" })
    expect(direct({ base_url: "https://example.com" }).headers["authorization"]).toBe("Bearer sk-canary")
    expect(direct({ base_url: anthropic, auth_header: "bearer" }).headers).not.toHaveProperty("x-api-key")
    expect(direct({ base_url: "https://example.com", auth_header: "x-api-key" }).headers["x-api-key"]).toBe("sk-canary")
    expect(direct({ base_url: anthropic }, Option.none()).headers).not.toHaveProperty("x-api-key")
    expect(endpoint({ auth_header: "x-api-key" }).headers["x-api-key"]).toBe("sk-canary")
  })

  it("is Anthropic's own by its host, and for its own protocol only", () => {
    const judge = (base_url: string, provider_type = "DirectAnthropic") =>
      isAnthropicApi(profileOf({ base_url, provider_type }))
    expect(judge("https://api.anthropic.com/v1")).toBe(true)
    expect(judge("https://api.anthropic.com/v1", "OpenAICompatible")).toBe(false)
    expect(judge("https://anthropic.com.example.com")).toBe(false)
    expect(judge("https://notanthropic.com")).toBe(false)
  })

  it("joins the queries of the base URL, the client and the profile, each as it is written", () => {
    const { url } = direct({
      base_url: "https://u:p@example.com/a/v1/?x=%20#f",
      query_params: { k: "v w", beta: "no" }
    })
    expect(url("messages", "beta=true&q=a%2Bb&&=&k")).toBe(
      "https://example.com/a/v1/messages?x=%20&q=a%2Bb&=&k=v+w&beta=no"
    )
    expect(direct({ base_url: "https://example.com" }).url("models/a%2Fb", "")).toBe(
      "https://example.com/v1/models/a%2Fb"
    )
  })

  it("is refused when the profile's address is none", () => {
    for (const base_url of ["demo:", "ftp://x", "nonsense"])
      expect(Either.isLeft(anthropicEndpoint(profileOf({ base_url }), key))).toBe(true)
  })

  it("keeps secret what a profile sends, save what everybody may know", () => {
    const custom_headers = { "x-team": "marigold", "Anthropic-Beta": "context-1m-2025-08-07" }
    expect(direct({ custom_headers }).secrets).toEqual(["sk-canary", "marigold"])
    const base_url = "https://example.com/v1?api-version=1&sig=a%2Bb"
    expect(direct({ base_url, query_params: { beta: "1", code: "c" } }).secrets).toEqual(["sk-canary", "a+b", "c"])
  })
})
