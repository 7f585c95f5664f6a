import { assert, describe, it } from "@effect/vitest"
import { Redacted, Schema } from "effect"
import { modelSlots, Profile, slotModel } from "../../src/domain/Profile.ts"

const bare = { name: "grok", base_url: "https://api.x.ai/v1", default_model: "grok-4" }
const decode = Schema.decodeUnknownSync(Profile)

describe("a profile", () => {
  it("has the defaults of the original where nothing is said", () => {
    assert.deepStrictEqual(decode(bare), {
      name: "grok",
      providerType: "DirectAnthropic",
      baseUrl: "https://api.x.ai/v1",
      defaultModel: "grok-4",
      backupProviders: [],
      customHeaders: {},
      extraEnv: {},
      priority: 100,
      enabled: true,
      authType: "api-key",
      models: {},
      stripParams: "auto",
      queryParams: {},
      quirks: {},
      timeouts: {},
      limits: {},
      resilience: {}
    })
  })

  it("reads both spellings of the authentication with a key", () => {
    assert.strictEqual(decode({ ...bare, auth_type: "api_key" }).authType, "api-key")
    assert.strictEqual(decode({ ...bare, auth_type: "api-key" }).authType, "api-key")
    assert.strictEqual(decode({ ...bare, auth_type: "oauth" }).authType, "oauth")
  })

  it("keeps its key and its headers redacted, from plain text and from redacted text", () => {
    for (const secret of ["sk-canary", Redacted.make("sk-canary")]) {
      const profile = decode({ ...bare, api_key: secret, custom_headers: { "X-Key": secret } })
      assert.notInclude(JSON.stringify(profile) + String(profile), "canary")
      assert.strictEqual(profile.apiKey === undefined ? "" : Redacted.value(profile.apiKey), "sk-canary")
      assert.deepStrictEqual(Object.values(profile.customHeaders).map(Redacted.value), ["sk-canary"])
    }
  })

  it("reads every form of strip_params, and writes it back as it was", () => {
    const forms: ReadonlyArray<Profile["stripParams"]> = ["auto", "none", "a,b", ["a", "b"], [], false]
    for (const form of forms) {
      const profile = decode({ ...bare, strip_params: form })
      assert.deepStrictEqual(profile.stripParams, form)
      assert.deepStrictEqual(Schema.encodeSync(Profile)(profile).strip_params, form)
    }
  })

  it("serves a slot without a model of its own by its default model", () => {
    const profile = decode({ ...bare, models: { haiku: "grok-mini" } })
    assert.deepStrictEqual(
      modelSlots.map((slot) => slotModel(profile, slot)),
      ["grok-mini", "grok-4", "grok-4", "grok-4"]
    )
  })
})
