/** One exchange as users have it: a client, the gateway over HTTP, and a provider that answers by script. */
import { Effect } from "effect"
import type { Policy } from "../../src/protocol/policy.ts"
import { protocolOf } from "../../src/provider/quirks.ts"
import { policyAt } from "../../src/provider/modelInfo.ts"
import { generic, providers } from "../../src/provider/table/index.ts"
import { ChatBodies, ChatScript, ResponsesBodies, ResponsesScript, type Fallback } from "../../src/testing/index.ts"
import { isJsonObject, type JsonObject } from "../../src/testing/json.ts"
import type { ChatTurn } from "../../src/testing/upstreamChat.ts"
import { profileOf } from "../provider/support.ts"
import { type Answer, eventually, hello, type Log, start } from "../gateway/support.ts"

export type Keys = Readonly<Record<string, unknown>>

/** Profiles as the provider table knows them; the base URL leads to the script instead. */
export const chat = (dialect: string, default_model: string, more: Keys = {}): Keys => ({
  provider_type: "OpenAICompatible",
  dialect,
  default_model,
  ...more
})
export const responses = (dialect: string, default_model: string, more: Keys = {}): Keys => ({
  ...chat(dialect, default_model, more),
  provider_type: "OpenAIResponses"
})
export const anthropic: Keys = { provider_type: "DirectAnthropic", default_model: "claude-sonnet-4-5" }

/** A model of every provider that speaks Chat. */
export const everybody: ReadonlyArray<readonly [kind: string, model: string]> = [...providers, generic]
  .filter(({ kind }) => kind !== "chatgpt")
  .map(({ kind, models }) => [kind, models?.[0]?.example ?? "some-model"])

/** What a real provider at this address wants, by the table. */
export const policyOf = (base_url: string, model: string, provider_type = "OpenAICompatible"): Policy =>
  policyAt(profileOf({ base_url, provider_type }), model, {})

/** Answers in the protocol of the profile. */
export const says =
  (profile: Keys, turn: ChatTurn): Fallback =>
  (request) =>
    profile["provider_type"] === "OpenAIResponses"
      ? ResponsesScript.answer(request, turn)
      : ChatScript.answer(request, turn)

/** What a strict server of the profile's provider would refuse of a body. */
export const violations = (body: unknown, keys: Keys): ReadonlyArray<string> => {
  const profile = profileOf(keys)
  const policy = policyAt(profile, profile.defaultModel, {})
  return protocolOf(profile) === "responses"
    ? ResponsesBodies.responsesBodyViolations(body, policy)
    : ChatBodies.chatBodyViolations(body, policy)
}

export const fields = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})
export const objects = (value: unknown): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

/** What the log tells of a request that is over: its line, and its losses where it had any. */
export const toldOf = (log: Log, { headers }: Answer): Effect.Effect<string> => {
  const id = String(headers["x-claudex-request-id"] ?? headers["request-id"])
  const lines = () => log.lines.filter((line) => line.includes(id))
  const expected = headers["x-claudex-losses"] === "0" ? 1 : 2
  return Effect.map(
    eventually(() => lines().length === expected),
    () => lines().join("\n")
  )
}

/** Starts a gateway with the profile, whose provider answers every request with this turn. */
export const serving = (profile: Keys, turn: ChatTurn = { text: "hi" }) =>
  Effect.gen(function* () {
    const running = yield* start({ profile })
    yield* running.upstream.fallback(says(profile, turn))
    return {
      ...running,
      /** Asks with these fields: the answer, what the provider was sent, and the losses that the log tells. */
      exchange: (asked: Keys, headers: Readonly<Record<string, string>> = {}) =>
        Effect.gen(function* () {
          const answer = yield* running.ask({ body: hello(asked), headers })
          const request = yield* running.upstream.take
          const losses = yield* toldOf(running.log, answer)
          return { answer, request, sent: fields(request.body), losses }
        })
    }
  })

/** One request, and what comes of it. */
export const exchange = (profile: Keys, asked: Keys, turn?: ChatTurn) =>
  Effect.flatMap(serving(profile, turn), (running) => running.exchange(asked))

/** The blocks of a whole answer. */
export const blocksOf = (text: string): ReadonlyArray<JsonObject> => objects(fields(JSON.parse(text))["content"])

export const tool = (name: string, properties: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  name,
  description: `${name} something`,
  input_schema: { type: "object", properties, ...more }
})

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
export const image: JsonObject = {
  type: "image",
  source: { type: "base64", media_type: "image/png", data: pixel }
}
