/** A gateway with a backup, and what its tests wait for. */
import { Effect, TestClock } from "effect"
import { ChatScript, ScriptedUpstream } from "../../src/testing/index.ts"
import { type Answer, eventsOf, start, type Setup } from "./support.ts"

export const settings = { resilience: { retries: 0, failures: 1_000, minimum_calls: 1_000 } }

/** The profile `p` with a backup `b`, each with a provider of its own. */
export const pair = (setup: Setup = {}, backup: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const second = yield* ScriptedUpstream.make
    const gateway = yield* start({
      settings,
      ...setup,
      profile: { backup_providers: ["b"], ...setup.profile },
      profiles: [
        {
          name: "b",
          provider_type: "OpenAICompatible",
          base_url: `${second.url}/v1`,
          default_model: "backup-1",
          api_key: "sk-backup",
          ...backup
        },
        ...(setup.profiles ?? [])
      ]
    })
    yield* second.fallback((request) => ChatScript.answer(request, { text: "from the backup" }))
    return { ...gateway, first: gateway.upstream, second }
  })

export const saysOf = ({ status, text }: Answer): string => {
  if (status >= 400) return `${status}`
  if (text.startsWith("{"))
    return JSON.parse(text)
      .content.map((block: { text: string }) => block.text)
      .join("")
  return eventsOf(text)
    .flatMap((event) => (event.type === "content_block_delta" ? [JSON.parse(JSON.stringify(event)).delta.text] : []))
    .join("")
}

/** Lets virtual time pass until the condition holds. */
export const passUntil = (condition: Effect.Effect<boolean>) =>
  Effect.gen(function* () {
    while (!(yield* condition)) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust("500 millis")
    }
  })

export const reached = (upstream: typeof ScriptedUpstream.Service, times: number) =>
  passUntil(Effect.map(upstream.requests, (all) => all.length >= times))
