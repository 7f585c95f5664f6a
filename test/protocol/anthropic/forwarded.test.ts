import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { failureBody, requestHeaders, responseHeaders } from "../../../src/protocol/anthropic/forwarded.ts"
import { runs } from "../../support/runs.ts"
import { holds } from "../../support/holds.ts"

/** What belongs to a client's connection, or opens its doors. */
const closed = ["authorization", "x-api-key", "cookie", "host", "connection", "content-length", "transfer-encoding"]
const own = ["proxy-authorization", "x-claudex-workspace", "x-claudex-config", "origin", "keep-alive", "te", "upgrade"]
const open = ["anthropic-version", "anthropic-of-tomorrow", "x-claude-code-session-id", "x-stainless-os", "x-app"]

const headers = fc.dictionary(
  fc.oneof(fc.constantFrom(...closed, ...own, ...open), fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)),
  fc.string({ maxLength: 12 }),
  { noNullPrototype: true }
)

test("a request carries the client's open families as they are, and nothing of its connection or credentials", async () => {
  await holds(
    fc.property(headers, (client) => {
      const sent = requestHeaders(client, { "x-api-key": "ours" })
      expect(sent["x-api-key"]).toBe("ours")
      for (const name of [...closed, ...own].filter((header) => header !== "x-api-key"))
        expect(sent).not.toHaveProperty(name)
      for (const name of open.filter((header) => client[header] !== undefined)) expect(sent[name]).toBe(client[name])
    }),
    { numRuns: runs }
  )
})

test("a request carries the betas of both sides, the client's first", () => {
  const betas = (client: Record<string, string>, ours: Record<string, string>) =>
    requestHeaders(client, ours)["anthropic-beta"]
  expect(betas({ "anthropic-beta": "a,b" }, { "anthropic-beta": "c" })).toBe("a,b,c")
  expect(betas({ "anthropic-beta": "a" }, {})).toBe("a")
  expect(betas({}, { "anthropic-beta": "c" })).toBe("c")
  expect(betas({ "anthropic-beta": "" }, {})).toBe("")
  expect(betas({}, {})).toBe(undefined)
})

test("an answer carries what tells the client of itself and of when to ask again, without our secrets", () => {
  const told = {
    "request-id": "req_1",
    "retry-after": "3",
    "retry-after-ms": "3000",
    "x-should-retry": "false",
    "anthropic-ratelimit-unified-status": "allowed",
    "content-type": "application/json",
    "content-encoding": "zstd"
  }
  const kept = { "set-cookie": "a", server: "b", connection: "close", "transfer-encoding": "chunked", location: "/" }
  expect(responseHeaders({ ...told, ...kept }, ["canary-0123"])).toEqual(told)
  expect(responseHeaders({ "request-id": "is canary-0123" }, ["canary-0123"])).toEqual({ "request-id": "is [masked]" })
})

test("a failure is the same bytes, whatever they are, unless a secret is among them", async () => {
  await holds(
    fc.property(fc.uint8Array(), (body) => {
      expect(failureBody(body, ["canary-0123"])).toBe(body)
    }),
    { numRuns: runs }
  )
  const utf8 = new TextEncoder()
  const masked = failureBody(utf8.encode('{"key": "Bearer canary-0123 sk-theirs"}'), ["Bearer canary-0123"])
  expect(new TextDecoder().decode(masked)).toBe('{"key": "[masked] sk-theirs"}')
})
