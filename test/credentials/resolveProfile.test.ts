import { assert, describe, it } from "@effect/vitest"
import { Either, Redacted, Schema } from "effect"
import { fillProfile, resolveProfile } from "../../src/credentials/resolveProfile.ts"
import { Profile } from "../../src/domain/Profile.ts"

const profile = Schema.decodeUnknownSync(Profile)({
  name: "azure",
  base_url: "https://${HOST}/v1",
  api_key: "${KEY}",
  default_model: "${MODEL}",
  models: { haiku: "${MODEL}-mini" },
  custom_headers: { "X-Team": "team ${TEAM}" },
  extra_env: { A: "$${B}" },
  query_params: { "api-version": "${VERSION}" },
  max_tokens: 5
})
const environment = { HOST: "h.example", MODEL: "m", TEAM: "t", VERSION: "v" }

describe("a profile that is used", () => {
  it("has its variables filled in, and its key left to be resolved", () => {
    const used = Either.getOrThrow(resolveProfile(profile, environment))
    assert.strictEqual(used.baseUrl, "https://h.example/v1")
    assert.strictEqual(used.defaultModel, "m")
    assert.deepStrictEqual(used.models, { haiku: "m-mini" })
    assert.deepStrictEqual(Object.values(used.customHeaders).map(Redacted.value), ["team t"])
    assert.deepStrictEqual(used.extraEnv, { A: "${B}" })
    assert.deepStrictEqual(used.queryParams, { "api-version": "v" })
    assert.strictEqual(used.maxTokens, 5)
    assert.strictEqual(used.apiKey === undefined ? "" : Redacted.value(used.apiKey), "${KEY}")
    assert.notInclude(JSON.stringify(used), "team t")
  })

  it("is refused with the key, the variable and what to type when one is not set", () => {
    const error = Either.getOrThrow(Either.flip(resolveProfile(profile, { ...environment, TEAM: "" })))
    assert.strictEqual(error._tag, "MissingVariable")
    assert.strictEqual(
      error.message,
      'Profile "azure" takes its custom_headers.X-Team from the environment variable TEAM, which is not set. Type: export TEAM=...'
    )
  })

  it("is shown with what can be filled in, and the first variable of each text that cannot", () => {
    const { missing, profile: shown } = fillProfile(profile, { HOST: "h.example", TEAM: "t" })
    assert.deepStrictEqual([shown.baseUrl, shown.defaultModel], ["https://h.example/v1", "${MODEL}"])
    assert.deepStrictEqual(
      missing.map(({ key, variable }) => `${key} ${variable}`),
      ["default_model MODEL", "models.haiku MODEL", "query_params.api-version VERSION"]
    )
    assert.deepStrictEqual(Object.values(shown.customHeaders).map(Redacted.value), ["team t"])
  })

  it("is the same when it refers to none", () => {
    const plain = Schema.decodeUnknownSync(Profile)({ name: "a", base_url: "http://a", default_model: "m" })
    assert.deepStrictEqual(Either.getOrThrow(resolveProfile(plain, {})), plain)
  })
})
