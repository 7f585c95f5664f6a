import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted, Schema } from "effect"
import { environmentNames, type KeyLookup, noKeys, resolveApiKey } from "../../src/credentials/ApiKey.ts"
import { Profile } from "../../src/domain/Profile.ts"

const profile = (more: object) =>
  Schema.decodeUnknownSync(Profile)({ name: "grok", base_url: "http://x", default_model: "m", ...more })

const keyOf = (more: object, environment: Readonly<Record<string, string>> = {}, keys = noKeys) =>
  Effect.map(resolveApiKey(profile(more), environment, keys), (key) =>
    Option.getOrUndefined(Option.map(key, Redacted.value))
  )

const failure = (more: object, environment: Readonly<Record<string, string>> = {}, keys = noKeys) =>
  Effect.flip(resolveApiKey(profile(more), environment, keys))

describe("the API key of a profile", () => {
  it.effect("is the one in the file, or in the variable that the file names", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* keyOf({ api_key: "sk-1" }), "sk-1")
      assert.strictEqual(yield* keyOf({ api_key_env: "KEY" }, { KEY: "sk-2" }), "sk-2")
      assert.strictEqual(yield* keyOf({ api_key: "sk-${KEY}" }, { KEY: "3" }), "sk-3")
      assert.strictEqual(yield* keyOf({ api_key: "$${KEY}" }, { KEY: "3" }), "${KEY}")
    })
  )

  it.effect("loses the line break that many a file or command adds", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* keyOf({ api_key_env: "KEY" }, { KEY: " sk-2\r\n" }), "sk-2")
    })
  )

  it.effect("is none when the profile names none, or an empty one, as older files do", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* keyOf({}))
      assert.isUndefined(yield* keyOf({ api_key: "" }))
      assert.strictEqual(yield* keyOf({ api_key: "", api_key_env: "KEY" }, { KEY: "sk" }), "sk")
    })
  )

  it.effect("that is missing is an error with the profile, the variable and what to type", () =>
    Effect.gen(function* () {
      for (const environment of [{}, { XAI_API_KEY: "" }, { XAI_API_KEY: " \n" }]) {
        const error = yield* failure({ api_key_env: "XAI_API_KEY" }, environment)
        assert.strictEqual(error._tag, "MissingKey")
        assert.strictEqual(error.profile, "grok")
        assert.strictEqual(error.variable, "XAI_API_KEY")
        assert.strictEqual(
          error.message,
          'Profile "grok" takes its API key from the environment variable XAI_API_KEY, which is not set. Type: export XAI_API_KEY=...'
        )
      }
      assert.strictEqual((yield* failure({ api_key: "sk-${KEY}" })).variable, "KEY")
    })
  )

  it.effect("is what is stored under the account that the file names", () =>
    Effect.gen(function* () {
      const keys: KeyLookup = (account) =>
        account === "grok-api-key" ? Effect.succeedSome(Redacted.make("sk-4\n")) : Effect.succeedNone
      assert.strictEqual(yield* keyOf({ api_key_keyring: "grok-api-key" }, {}, keys), "sk-4")
      const error = yield* failure({ api_key_keyring: "other" }, {}, keys)
      assert.isUndefined(error.variable)
      assert.deepStrictEqual(error.stored, {
        reason: 'there is none under "other"',
        next: "claudex profile set-key grok"
      })
      assert.include(error.message, "Type: claudex profile set-key grok")
    })
  )

  it.effect("that cannot be looked up is an error with the reason, and with the remedy if there is one", () =>
    Effect.gen(function* () {
      const fields = { name: "my grok", api_key_keyring: "other" }
      const error = yield* failure(fields, {}, () => Effect.fail({ message: "It is locked." }))
      assert.deepStrictEqual(error.stored, { reason: "It is locked", next: "claudex profile set-key 'my grok'" })
      const refused = yield* failure(fields, {}, () => Effect.fail({ message: "It is open.", next: "chmod 600 f" }))
      assert.include(refused.message, "It is open. Type: chmod 600 f")
    })
  )

  it.effect("shows neither in the answer nor in an error", () =>
    Effect.gen(function* () {
      const key = yield* resolveApiKey(profile({ api_key: "sk-canary" }), {}, noKeys)
      const error = yield* failure({ api_key: "sk-canary-${KEY}" })
      for (const value of [key, error]) {
        assert.notInclude(`${JSON.stringify(value)}${String(value)}${inspect(value, { depth: 9 })}`, "canary")
      }
    })
  )
})

describe("the variables that a profile refers to", () => {
  it("are those of its key and of every value that may name one, each once", () => {
    const names = environmentNames(
      profile({
        base_url: "https://${HOST}/v1",
        default_model: "${MODEL}",
        models: { opus: "${MODEL}-max" },
        custom_headers: { A: "${TEAM} ${HOST}", B: "$${NOT}" },
        extra_env: { C: "${EXTRA}" },
        query_params: { d: "${QUERY}" },
        api_key_env: "KEY"
      })
    )
    assert.deepStrictEqual(names.toSorted(), ["EXTRA", "HOST", "KEY", "MODEL", "QUERY", "TEAM"])
    assert.deepStrictEqual(environmentNames(profile({ api_key: "${KEY}" })), ["KEY"])
    assert.deepStrictEqual(environmentNames(profile({})), [])
  })
})
