import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Option, Redacted, TestClock } from "effect"
import { type KeptKeys, keptKeys, type KeySource } from "../../src/gateway/KeptKeys.ts"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { hello, start } from "./support.ts"

/** Keys that a test changes, with what was asked of them. */
const shelf = (first: Readonly<Record<string, string>> = {}) => {
  const keys = new Map(Object.entries(first))
  const seen = { reads: 0, version: 0, open: true }
  const source: KeySource = {
    get: (account) =>
      Effect.suspend(() => {
        seen.reads += 1
        if (!seen.open) return Effect.fail({ message: "It is locked." })
        return Effect.succeed(Option.map(Option.fromNullable(keys.get(account)), (text) => Redacted.make(text)))
      }),
    version: Effect.sync(() => String(seen.version))
  }
  return { keys, seen, source }
}

const read = (kept: KeptKeys) =>
  Effect.map(Effect.either(kept.get("a")), (answer) =>
    Either.isLeft(answer) ? answer.left.message : Option.getOrUndefined(Option.map(answer.right, Redacted.value))
  )

describe("the keys of a running gateway", () => {
  it.scoped("are read once, and then at hand without waiting", () =>
    Effect.gen(function* () {
      const { seen, source } = shelf({ a: "1" })
      const kept = yield* keptKeys(source)
      expect(yield* read(kept)).toBe("1")
      yield* TestClock.adjust("30 seconds")
      expect(Effect.runSync(read(kept))).toBe("1")
      expect(seen.reads).toBe(1)
    })
  )

  it.scoped("are new two seconds after claudex stored another one, and what was made of the old is void", () =>
    Effect.gen(function* () {
      const { keys, seen, source } = shelf({ a: "1" })
      const kept = yield* keptKeys(source)
      yield* read(kept)
      const before = kept.generation()
      keys.set("a", "2")
      seen.version += 1
      yield* TestClock.adjust("2 seconds")
      expect(yield* read(kept)).toBe("2")
      expect(kept.generation()).toBeGreaterThan(before)
    })
  )

  it.scoped("that are read again and are the same change nothing", () =>
    Effect.gen(function* () {
      const { seen, source } = shelf({ a: "1" })
      const kept = yield* keptKeys(source)
      yield* read(kept)
      const before = kept.generation()
      seen.version += 1
      yield* TestClock.adjust("2 seconds")
      expect(seen.reads).toBe(2)
      expect(kept.generation()).toBe(before)
    })
  )

  it.scoped("that another program changed are new within a minute of use; without use nobody is bothered", () =>
    Effect.gen(function* () {
      const { keys, seen, source } = shelf({ a: "1" })
      const kept = yield* keptKeys(source)
      yield* read(kept)
      keys.set("a", "2")
      yield* TestClock.adjust("10 minutes")
      expect(seen.reads).toBe(1)
      kept.generation()
      yield* TestClock.adjust("1 minute")
      expect(yield* read(kept)).toBe("2")
    })
  )

  it.scoped("that could not be read are looked for again while somebody asks", () =>
    Effect.gen(function* () {
      const { keys, seen, source } = shelf()
      seen.open = false
      const kept = yield* keptKeys(source)
      expect(yield* read(kept)).toBe("It is locked.")
      seen.open = true
      kept.generation()
      yield* TestClock.adjust("2 seconds")
      expect(yield* read(kept)).toBeUndefined()
      keys.set("a", "1")
      kept.generation()
      yield* TestClock.adjust("2 seconds")
      expect(yield* read(kept)).toBe("1")
    })
  )
})

describe("a profile whose key is stored", () => {
  it.scoped("is asked with that key, and with another one soon after it was stored", () =>
    Effect.gen(function* () {
      const { keys, seen, source } = shelf()
      const gateway = yield* start({
        profile: { api_key: "", api_key_keyring: "p-api-key" },
        gateway: { keys: source }
      })
      yield* gateway.upstream.fallback((request) => ChatScript.answer(request, { text: "hi" }))
      const sent = Effect.gen(function* () {
        const answer = yield* gateway.ask({ body: hello() })
        if (answer.status !== 200) return answer.text
        return (yield* gateway.upstream.take).headers["authorization"]
      })
      const stored = (key: string) =>
        Effect.suspend(() => {
          keys.set("p-api-key", key)
          seen.version += 1
          return TestClock.adjust("2 seconds")
        })
      expect(yield* sent).toContain("Type: claudex profile set-key p")
      yield* stored("sk-first")
      expect(yield* sent).toBe("Bearer sk-first")
      yield* stored("sk-second")
      expect(yield* sent).toBe("Bearer sk-second")
      expect(yield* sent).toBe("Bearer sk-second")
      // nothing of the keyring was asked again for a request
      expect(seen.reads).toBe(3)
    })
  )

  it.scoped("is asked with another one at once, whatever the account of the one before has used up", () =>
    Effect.gen(function* () {
      const { keys, seen, source } = shelf({ "p-api-key": "sk-canary-first" })
      const gateway = yield* start({
        profile: { api_key: "", api_key_keyring: "p-api-key" },
        gateway: { keys: source },
        settings: { resilience: { retries: 0 } }
      })
      const usedUp = UpstreamScript.respond(429, { error: { message: "used up" } }, { "retry-after": "7200" })
      yield* gateway.upstream.fallback((request) =>
        request.headers["authorization"] === "Bearer sk-canary-first" ? usedUp : ChatScript.whole({ text: "hi" })
      )
      const asked = Effect.map(gateway.ask({ body: hello() }), ({ status, text }) => [status, text] as const)
      expect(yield* asked).toEqual([429, expect.stringContaining("used up")])
      expect(yield* asked).toEqual([429, expect.stringContaining("left alone for")])
      keys.set("p-api-key", "sk-canary-second")
      seen.version += 1
      yield* TestClock.adjust("2 seconds")
      expect(yield* asked).toEqual([200, expect.stringContaining("hi")])
      // the account before has not been forgiven anything
      keys.set("p-api-key", "sk-canary-first")
      seen.version += 1
      yield* TestClock.adjust("2 seconds")
      expect(yield* asked).toEqual([429, expect.stringContaining("left alone for")])
    })
  )

  it.scoped("is told what is missing when the gateway has no place for keys", () =>
    Effect.gen(function* () {
      const gateway = yield* start({ profile: { api_key: "", api_key_keyring: "p-api-key" } })
      const { status, text } = yield* gateway.ask({ body: hello() })
      expect(status).toBe(401)
      expect(text).toContain("there is none under")
    })
  )
})
