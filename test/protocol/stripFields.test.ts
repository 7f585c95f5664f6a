import { describe, expect, it } from "vitest"
import { Either } from "effect"
import { encodeFor } from "../../src/protocol/encode.ts"
import { genericPolicy, type Policy, type Protocol } from "../../src/protocol/policy.ts"
import type { Encoded } from "../../src/protocol/target.ts"
import type { JsonObject } from "../../src/testing/json.ts"
import { read } from "./requests.ts"

const without = (
  strip: ReadonlyArray<string>,
  body: JsonObject,
  protocol: Protocol = "chat",
  policy: Partial<Policy> = {}
): Encoded =>
  Either.getOrThrowWith(
    encodeFor(protocol, read(body), { model: "m", policy: { ...genericPolicy, ...policy }, strip }),
    (error) => new Error(error.message)
  )

const lost = ({ losses }: Encoded) => losses.map(({ kind, path }) => `${kind} ${path}`)

describe("fields that a profile or its provider rules out", () => {
  it("are not sent, and the client's field behind each is on the record", () => {
    const sent = without(["temperature", "stream_options"], { temperature: 1, stream: true })
    expect(sent.body).not.toHaveProperty("temperature")
    expect(sent.body).not.toHaveProperty("stream_options")
    expect(lost(sent)).toEqual(["dropped temperature"])
  })

  it("that are not there change nothing", () => {
    const body = { temperature: 1 }
    expect(without(["top_p"], body).body).toEqual(without([], body).body)
    expect(lost(without(["top_p"], body))).toEqual([])
  })

  it.each<[Protocol, string]>([
    ["chat", "max_tokens"],
    ["responses", "max_output_tokens"]
  ])("a %s limit that is not sent limits nothing", (protocol, field) => {
    const sent = without([field], { max_tokens: 100 }, protocol)
    expect(sent.maxTokens).toBeUndefined()
    expect(lost(sent)).toEqual(["dropped max_tokens"])
    expect(without([], { max_tokens: 100 }, protocol).maxTokens).toBe(100)
  })

  it("stop sequences are found here instead", () => {
    const sent = without(["stop"], { stop_sequences: ["a", "b"] })
    expect(sent.context.enforceStop).toEqual(["a", "b"])
    expect(lost(sent)).toEqual(["enforced stop_sequences"])
  })
})
