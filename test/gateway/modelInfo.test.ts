/** What is known about a model, and what the user says about it, on the way to the provider. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChatScript } from "../../src/testing/index.ts"
import { hello, start } from "./support.ts"

const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } }
const looking = (fields: Readonly<Record<string, unknown>> = {}) =>
  hello({ messages: [{ role: "user", content: [{ type: "text", text: "look" }, image] }], ...fields })

/** The body that the provider gets for a request. */
const sentFor = (setup: Parameters<typeof start>[0], body: object) =>
  Effect.gen(function* () {
    const { ask, upstream } = yield* start(setup)
    yield* upstream.enqueue(ChatScript.whole({ text: "ok" }))
    expect((yield* ask({ body })).status).toBe(200)
    return (yield* upstream.take).body
  })

const model = (name: string) => ({ profile: { default_model: name } })

describe("a request for a model that is known", () => {
  it.scoped("asks for no longer an answer than the model gives", () =>
    Effect.gen(function* () {
      expect(yield* sentFor(model("gpt-4o"), hello({ max_tokens: 64_000 }))).toMatchObject({ max_tokens: 16_384 })
      expect(yield* sentFor(model("gpt-4o"), hello({ max_tokens: 1000 }))).toMatchObject({ max_tokens: 1000 })
      expect(yield* sentFor(model("own"), hello({ max_tokens: 64_000 }))).toMatchObject({ max_tokens: 64_000 })
    })
  )

  it.scoped("shows no image to a model that is blind, and says so in its place", () =>
    Effect.gen(function* () {
      const blind = JSON.stringify(yield* sentFor(model("deepseek-v4-pro"), looking()))
      expect(blind).toContain("image omitted")
      expect(blind).not.toContain("image_url")
      expect(JSON.stringify(yield* sentFor(model("gpt-4o"), looking()))).toContain("image_url")
      expect(JSON.stringify(yield* sentFor(model("own"), looking()))).toContain("image_url")
    })
  )

  it.scoped("follows the user's word about it", () =>
    Effect.gen(function* () {
      const own = { output_limit: 500, vision: false, efforts: ["low", "high"] }
      const settings = { model_info: { "own-*": own, "deepseek-*": { vision: true } } }
      const asked = looking({ max_tokens: 1000, output_config: { effort: "medium" } })
      const sent = yield* sentFor({ ...model("own-2"), settings }, asked)
      expect(sent).toMatchObject({ max_tokens: 500, reasoning_effort: "low" })
      expect(JSON.stringify(sent)).toContain("image omitted")
      const seeing = yield* sentFor({ ...model("deepseek-v4-pro"), settings }, asked)
      expect(JSON.stringify(seeing)).toContain("image_url")
    })
  )

  it.scoped("obeys the profile's own limit before any other", () =>
    Effect.gen(function* () {
      const profile = { default_model: "gpt-4o", max_tokens: 20_000 }
      const settings = { model_info: { "gpt-4o": { output_limit: 10 } } }
      const sent = yield* sentFor({ profile, settings }, hello({ max_tokens: 64_000 }))
      expect(sent).toMatchObject({ max_tokens: 20_000 })
    })
  )
})
