import { describe, expect, it } from "@effect/vitest"
import { Either, Option, Redacted } from "effect"
import { chatEndpoint } from "../../src/provider/endpoint.ts"
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
