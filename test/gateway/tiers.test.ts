/** Which model answers where a client asks for a tier or for a model of Anthropic's: any client, not only one started here. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { AnthropicScript, ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { modelSlots, type ModelSlot } from "../../src/domain/Profile.ts"
import type { Journal } from "../../src/gateway/Journal.ts"
import { pair } from "./failoverSupport.ts"
import { type Answer, eventually, hello, start } from "./support.ts"

/** What clients say for each tier, today's names and older ones. */
const spoken: { readonly [slot in ModelSlot]: ReadonlyArray<string> } = {
  haiku: [
    "haiku",
    "Haiku",
    "haiku[1m]",
    "claude-3-haiku-20240307",
    "claude-3-5-haiku-latest",
    "claude-haiku-4-5-20251001",
    "anthropic.claude-3-5-haiku-20241022-v1:0"
  ],
  sonnet: [
    "sonnet",
    "sonnet[1m]",
    "opusplan",
    "claude-3-7-sonnet@20250219",
    "claude-sonnet-4-5",
    "claude-sonnet-4-5[1m]",
    "us.anthropic.claude-sonnet-4-20250514-v1:0",
    "us-gov.anthropic.claude-3-5-sonnet-20240620-v1:0"
  ],
  opus: [
    "opus",
    "opus[1m]",
    "best",
    "claude-3-opus-20240229",
    "claude-opus-4-1-20250805",
    "claude-opus-4-6[1m]",
    "CLAUDE-OPUS-4-6"
  ],
  fable: ["fable", "fable[1m]", "claude-fable-5", "claude-fable-5-20260401[1m]", "global.anthropic.claude-fable-5-v1:0"]
}
const cases = modelSlots.flatMap((slot) => spoken[slot].map((asked) => ({ asked, slot })))

const slotsOf = (name: string) => Object.fromEntries(modelSlots.map((slot) => [slot, `${name}-${slot}`]))
/** What is kept of a request, once it is. */
const recordOf = (journal: typeof Journal.Service, { headers }: Answer) => {
  const found = () => journal.recent(10).find(({ id }) => id === headers["request-id"])
  return Effect.zipRight(
    eventually(() => found() !== undefined),
    Effect.suspend(() => Effect.fromNullable(found()))
  )
}

const modelIn = (body: unknown): unknown => JSON.parse(JSON.stringify(body)).model

describe("a tier or a model of Anthropic's", () => {
  it.scoped("is the profile's model for it, and the answer and the record name both", () =>
    Effect.gen(function* () {
      const { ask, journal, upstream } = yield* start({ profile: { models: slotsOf("own") } })
      yield* upstream.fallback((request) => ChatScript.answer(request, { text: "hi" }))
      for (const { asked, slot } of cases) {
        const answer = yield* ask({ body: hello({ model: asked }) })
        expect(answer).toMatchObject({ status: 200, headers: { "x-claudex-model": `own-${slot}` } })
        // the client keeps its own name for it
        expect(JSON.parse(answer.text)).toMatchObject({ model: asked })
        expect(yield* recordOf(journal, answer)).toMatchObject({ asked, served: `own-${slot}`, served_by: "p" })
      }
      expect((yield* upstream.requests).map(({ body }) => modelIn(body))).toEqual(
        cases.map(({ slot }) => `own-${slot}`)
      )
    })
  )

  it.scoped("is the default model where the profile has none for it, or nobody knows the family", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: { models: { haiku: "own-haiku" } } })
      yield* upstream.fallback((request) => ChatScript.answer(request, { text: "hi" }))
      const asked = [
        "opus",
        "claude-sonnet-4-5",
        "claude-2.1",
        "claude-instant-1.2",
        "claude-novel-9",
        "default",
        "haiku"
      ]
      for (const model of asked) yield* ask({ body: hello({ model }) })
      const sent = (yield* upstream.requests).map(({ body }) => modelIn(body))
      expect(sent).toEqual([...Array.from({ length: 6 }, () => "model-1"), "own-haiku"])
    })
  )

  it.scoped("is another model on each candidate: its own for that tier", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ profile: { models: slotsOf("own") } }, { models: slotsOf("backup") })
      yield* gateway.first.fallback(() => UpstreamScript.respond(500, { error: { message: "boom" } }))
      for (const { asked, slot } of cases) {
        const answer = yield* gateway.ask({ body: hello({ model: asked }) })
        expect(answer).toMatchObject({
          status: 200,
          headers: { "x-claudex-profile": "b", "x-claudex-model": `backup-${slot}` }
        })
        const { attempts } = yield* recordOf(gateway.journal, answer)
        expect(attempts.map(({ model }) => model)).toEqual([`own-${slot}`, `backup-${slot}`])
      }
    })
  )

  it.scoped("is counted for that model: by the provider where it can count, else by an estimate", () =>
    Effect.gen(function* () {
      const path = "/proxy/p/v1/messages/count_tokens"
      const estimating = yield* start({ profile: { models: slotsOf("own") } })
      const counting = yield* start({ profile: { provider_type: "DirectAnthropic", models: slotsOf("own") } })
      yield* counting.upstream.fallback(() => UpstreamScript.respond(200, { input_tokens: 42 }))
      for (const { asked } of cases) {
        const body = hello({ model: asked })
        const estimate = yield* estimating.ask({ path, body })
        expect(estimate.status).toBe(200)
        expect(JSON.parse(estimate.text).input_tokens).toBeGreaterThan(0)
        expect(JSON.parse((yield* counting.ask({ path, body })).text)).toEqual({ input_tokens: 42 })
      }
      expect(yield* estimating.upstream.requests).toEqual([])
      const counted = yield* counting.upstream.requests
      expect(counted.map(({ body }) => modelIn(body))).toEqual(cases.map(({ slot }) => `own-${slot}`))
    })
  )

  it.scoped("is told about where a client looks it up, by the name it asked for", () =>
    Effect.gen(function* () {
      const { ask } = yield* start({ profile: { models: slotsOf("own"), context_window: 1000 } })
      for (const { asked, slot } of cases) {
        const answer = yield* ask({ method: "GET", path: `/proxy/p/v1/models/${encodeURIComponent(asked)}` })
        expect(answer.status).toBe(200)
        expect(JSON.parse(answer.text)).toMatchObject({ type: "model", id: asked, display_name: `own-${slot} (p)` })
      }
      for (const path of ["/proxy/p/v1/models/gpt-9", "/v1/models/opus"])
        expect((yield* ask({ method: "GET", path })).status).toBe(404)
    })
  )

  it.scoped("goes to a provider of the client's own protocol by that model's name too", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({
        profile: { provider_type: "DirectAnthropic", models: slotsOf("own") }
      })
      yield* upstream.fallback((request) => AnthropicScript.answer(request, { text: "hi" }))
      for (const { asked } of cases) expect((yield* ask({ body: hello({ model: asked }) })).status).toBe(200)
      expect((yield* upstream.requests).map(({ body }) => modelIn(body))).toEqual(
        cases.map(({ slot }) => `own-${slot}`)
      )
    })
  )
})
