/**
 * One conversation with several providers in turns, over HTTP: the client keeps what it received, block by block, and
 * sends all of it to whoever is next. Each provider is as strict as its API, and must get its own reasoning back.
 */
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, type Scope } from "effect"
import type { Policy, Protocol } from "../../src/protocol/policy.ts"
import { policyAt } from "../../src/provider/modelInfo.ts"
import {
  AnthropicBodies,
  AnthropicGrammar,
  AnthropicMessages,
  AnthropicScript,
  ChatBodies,
  ChatScript,
  ResponsesBodies,
  ResponsesScript,
  ScriptedUpstream,
  type RecordedRequest
} from "../../src/testing/index.ts"
import { isJsonObject, type JsonObject } from "../../src/testing/json.ts"
import type { ChatCall } from "../../src/testing/upstreamChat.ts"
import type { Script } from "../../src/testing/upstreamScript.ts"
import { type Answer, canary, start } from "./support.ts"

/** What a provider answers: reasoning always, and a text or calls. */
interface Said {
  readonly reasoning: string
  /** What only its provider can read or make. */
  readonly opaque: string
  readonly text?: string
  readonly calls?: ReadonlyArray<ChatCall>
}

interface Provider {
  /** Keys of its profile, besides name, key and base URL. */
  readonly keys: Readonly<Record<string, unknown>>
  readonly answer: (request: RecordedRequest, said: Said) => Script
  /** What is wrong with a request, after the provider has said `own`. */
  readonly violations: (body: unknown, own: ReadonlyArray<Said>) => ReadonlyArray<string>
  /** The text that its own reasoning must be in a request, byte for byte. */
  readonly wants: (said: Said) => string
}

const policy = (dialect: string, model: string, protocol: Protocol): Policy =>
  policyAt({ baseUrl: "http://127.0.0.1/v1", dialect }, model, {}, protocol)

const messagesOf = (body: unknown): ReadonlyArray<JsonObject> =>
  isJsonObject(body) && Array.isArray(body["messages"]) ? body["messages"].filter(isJsonObject) : []

/** Fields of the request that belong to thinking; the judge of bodies does not know them. */
const withoutThinking = (body: unknown): unknown =>
  isJsonObject(body)
    ? Object.fromEntries(Object.entries(body).filter(([key]) => key !== "thinking" && key !== "reasoning"))
    : body

interface ChatProvider extends Pick<Provider, "answer" | "wants"> {
  /** What it demands besides. */
  readonly also?: (body: unknown) => ReadonlyArray<string>
}

const chat = (dialect: string, model: string, { also = () => [], ...rest }: ChatProvider): Provider => ({
  keys: { provider_type: "OpenAICompatible", dialect, default_model: model },
  ...rest,
  violations: (body) => [
    ...ChatBodies.chatBodyViolations(withoutThinking(body), policy(dialect, model, "chat")),
    ...also(body)
  ]
})

const details = ({ opaque, reasoning }: Said) => [
  { type: "reasoning.text", text: reasoning, signature: opaque, id: "r-1", format: "vendor-v1", index: 0 },
  { type: "reasoning.encrypted", data: opaque, id: "r-2", format: "vendor-v1", index: 1 }
]

const providers = {
  responses: {
    keys: { provider_type: "OpenAIResponses", dialect: "openai", default_model: "gpt-5.2" },
    answer: (request, { opaque, ...said }) => ResponsesScript.answer(request, { ...said, sealed: opaque }),
    violations: (body) => ResponsesBodies.responsesBodyViolations(body, policy("openai", "gpt-5.2", "responses")),
    wants: ({ opaque, reasoning }) => JSON.stringify(ResponsesScript.reasoningItem({ reasoning, sealed: opaque }))
  },
  deepseek: chat("deepseek", "deepseek-chat", {
    answer: ChatScript.answer,
    wants: ({ reasoning }) => `"reasoning_content":${JSON.stringify(reasoning)}`,
    also: (body) =>
      messagesOf(body)
        .filter((message) => message["tool_calls"] !== undefined && message["reasoning_content"] === undefined)
        .map(() => "Missing `reasoning_content` field in an assistant message with calls")
  }),
  openrouter: chat("openrouter", "vendor/thinker-1", {
    answer: (request, said) => {
      const { calls, text } = said
      return ChatScript.answer(request, {
        details: details(said),
        ...(text === undefined ? {} : { text }),
        ...(calls === undefined ? {} : { calls })
      })
    },
    wants: (said) => `"reasoning_details":${JSON.stringify(details(said))}`
  }),
  anthropic: {
    keys: { provider_type: "DirectAnthropic", default_model: "claude-sonnet-4-5" },
    answer: (request, { opaque, ...said }) => AnthropicScript.answer(request, { ...said, signature: opaque }),
    violations: (body, own) =>
      AnthropicBodies.anthropicBodyViolations(body, { signatures: new Set(own.map(({ opaque }) => opaque)) }),
    wants: ({ opaque, reasoning }) => JSON.stringify({ type: "thinking", thinking: reasoning, signature: opaque })
  }
} as const satisfies Readonly<Record<string, Provider>>

type Name = keyof typeof providers
const names: ReadonlyArray<Name> = ["responses", "deepseek", "openrouter", "anthropic"]

const tools = ["Read", "Bash"].map((name) => ({
  name,
  description: `${name} something`,
  input_schema: { type: "object", properties: { what: { type: "string" } }, required: ["what"] }
}))

const callId = (name: Name, turn: number, n: number): string =>
  name === "anthropic" ? `toolu_${turn}_${n}` : `call_${turn}_${n}`

/** A user's turn with one provider: parallel calls first, then words. */
const saidBy = (name: Name, turn: number): readonly [Said, Said] => {
  const calls = ["Read", "Bash"].map((tool, n) => ({
    id: callId(name, turn, n),
    name: tool,
    args: JSON.stringify({ what: `${tool} of ${turn}` }),
    pieces: 2
  }))
  const opaque = (step: number) => `${name}+${turn}/${step}+sealed+grüße/==`
  return [
    { reasoning: `I, ${name}, should "look" – 考える 🤔\n(${turn})`, opaque: opaque(0), text: "Let me look.", calls },
    { reasoning: `Now I, ${name}, know. (${turn})`, opaque: opaque(1), text: `Answer ${turn} of ${name}.` }
  ]
}

type How = "streamed" | "whole"

/** The blocks of an answer, as a client keeps them. */
const blocksOf = (how: How, { status, text }: Answer): ReadonlyArray<JsonObject> => {
  expect([status, how === "streamed" ? AnthropicGrammar.streamViolations(text) : []], text).toEqual([200, []])
  const message = how === "streamed" ? AnthropicMessages.accumulateSse(text).message : JSON.parse(text)
  return message.content
}

/** Talks to the providers in this order, one turn of the user each. */
const talk = (how: How, order: ReadonlyArray<Name>): Effect.Effect<void, Error, Scope.Scope> =>
  Effect.gen(function* () {
    const upstreams = new Map<Name, typeof ScriptedUpstream.Service>()
    for (const name of new Set(order)) upstreams.set(name, yield* ScriptedUpstream.make)
    const profiles = [...upstreams].map(([name, { url }]) => ({
      name,
      base_url: name === "anthropic" ? url : `${url}/v1`,
      api_key: canary,
      ...providers[name].keys
    }))
    const { ask } = yield* start({ profiles })
    const own = new Map<Name, Array<Said>>()
    const messages: Array<unknown> = []

    const exchange = (name: Name, said: Said) =>
      Effect.gen(function* () {
        const provider: Provider = providers[name]
        const upstream = upstreams.get(name)
        if (upstream === undefined) return yield* Effect.dieMessage(`no upstream for ${name}`)
        yield* upstream.fallback((request) => provider.answer(request, said))
        const answer = yield* ask({
          path: `/proxy/${name}/v1/messages?beta=true`,
          body: {
            model: "claude-sonnet-4-5",
            max_tokens: 4000,
            stream: how === "streamed",
            thinking: { type: "enabled", budget_tokens: 2000 },
            system: "Be good.",
            tools,
            messages
          }
        })
        const request = yield* upstream.take
        const mine = own.get(name) ?? []
        expect(provider.violations(request.body, mine), `${order.join()}: ${request.text}`).toEqual([])
        // each of its own, in order, and nothing that is opaque to it
        const places = mine.map((one) => request.text.indexOf(provider.wants(one)))
        expect(places, request.text).not.toContain(-1)
        expect(places).toEqual([...places].sort((a, b) => a - b))
        expect(request.text).not.toContain("cdx1.")
        for (const other of names.filter((one) => one !== name)) expect(request.text).not.toContain(`${other}+`)
        own.set(name, [...mine, said])
        const content = blocksOf(how, answer)
        messages.push({ role: "assistant", content })
        return content
      })

    for (const [turn, name] of order.entries()) {
      const [calling, speaking] = saidBy(name, turn)
      messages.push({ role: "user", content: `Question ${turn}` })
      const calls = (yield* exchange(name, calling)).filter((block) => block["type"] === "tool_use")
      expect(calls.map((block) => block["name"])).toEqual(["Read", "Bash"])
      messages.push({
        role: "user",
        content: calls.map((block) => ({ type: "tool_result", tool_use_id: block["id"], content: "done" }))
      })
      expect(yield* exchange(name, speaking)).toContainEqual(expect.objectContaining({ text: speaking.text }))
    }
  })

const pairs: ReadonlyArray<readonly [Name, Name]> = [
  ["responses", "deepseek"],
  ["openrouter", "responses"],
  ["deepseek", "anthropic"],
  ["anthropic", "responses"]
]

describe.each<How>(["streamed", "whole"])("a conversation that changes its provider, %s", (how) => {
  for (const [a, b] of pairs) {
    it.scoped(`[4.9.2 switching] comes back to ${a} from ${b}: both take it, and each has its own reasoning`, () =>
      talk(how, [a, b, a])
    )
  }

  for (const order of fc.sample(fc.array(fc.constantFrom(...names), { minLength: 4, maxLength: 6 }), {
    numRuns: 4,
    seed: 7
  })) {
    it.scoped(`[4.9.2 switching] goes through ${order.join(", ")}`, () => talk(how, order))
  }
})
