import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChatScript } from "../../src/testing/index.ts"
import { eventually, hello, start } from "./support.ts"

describe("what a provider does not get as it was sent", () => {
  it.scoped("is counted on the answer and told in the log, without a word of the conversation", () =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start()
      yield* upstream.fallback(() => ChatScript.whole({ text: "hi" }))
      const plain = yield* ask({ body: hello() })
      expect(plain.headers["x-claudex-losses"]).toBe("0")
      const image = { type: "image", source: { type: "file", file_id: "private-file-name" } }
      const { headers } = yield* ask({
        body: hello({
          context_management: { edits: [{ type: "private-edit" }] },
          top_k: 3,
          messages: [{ role: "user", content: [{ type: "text", text: "private words" }, image] }]
        })
      })
      expect(headers["x-claudex-losses"]).toBe("3")
      yield* eventually(() => log.lines.join().includes("context_management"))
      const told = log.lines.find((line) => line.includes("context_management")) ?? ""
      expect(told).toContain(String(headers["request-id"]))
      expect(told).toContain("dropped context_management: not sent (no other protocol has it)")
      expect(told).toContain("replaced messages[0].content[1]: the file became a note")
      expect(told).toContain("dropped top_k")
      expect(log.lines.join("\n")).not.toContain("private")
    })
  )
})

describe("[4.2.1 x-claude-code-session-id] the client's session", () => {
  it.scoped("is the provider's cache key, from the body or else from the header", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: { quirks: { cache_key: true } } })
      yield* upstream.fallback(() => ChatScript.whole({ text: "hi" }))
      const session = { "x-claude-code-session-id": "from-header" }
      const user_id = JSON.stringify({ session_id: "from-body" })
      yield* ask({ body: hello(), headers: session })
      yield* ask({ body: hello({ metadata: { user_id } }), headers: session })
      yield* ask({ body: hello() })
      const keys = (yield* upstream.requests).map(
        ({ body }) => (body as { prompt_cache_key?: string }).prompt_cache_key
      ) // of a scripted provider
      expect(keys).toEqual(["from-header", "from-body", undefined])
    })
  )
})
