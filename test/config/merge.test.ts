import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { globalFile, platform, sandbox } from "./support.ts"

const grok = `
[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
api_key_env = "XAI_API_KEY"
default_model = "grok-4"
backup_providers = ["local"]
models = { haiku = "grok-mini", opus = "grok-max" }

[[profiles]]
name = "local"
base_url = "http://127.0.0.1:8000"
default_model = "llama"
`

describe("layers", () => {
  it.scoped("are stronger the nearer they are to the user: global, project, explicit, environment", () =>
    Effect.gen(function* () {
      const { load, write } = yield* sandbox
      const levels = (last: string) => [1, 2, 3, 4].map((n) => `a${n} = "${last}"`).join("\n")
      yield* write(globalFile, `[model_aliases]\n${levels("global")}`)
      yield* write("repo/claudex.toml", `[model_aliases]\na2 = "project"\na3 = "project"\na4 = "project"`)
      yield* write("mine.toml", `[model_aliases]\na3 = "explicit"\na4 = "explicit"`)
      const where = { explicit: "../mine.toml", environment: { CLAUDEX_MODEL_ALIASES__A4: "environment" } }
      const { settings } = yield* load(where)
      assert.deepStrictEqual(settings.modelAliases, {
        a1: "global",
        a2: "project",
        a3: "explicit",
        a4: "environment"
      })
    }).pipe(Effect.provide(platform))
  )

  it.scoped("merge tables key by key and replace lists and other values", () =>
    Effect.gen(function* () {
      const { load, write } = yield* sandbox
      yield* write(globalFile, '[context.rag]\nindex_paths = ["a", "b"]\ntop_k = 3\n[context.sharing]\nenabled = true')
      yield* write("repo/claudex.toml", '[context.rag]\nindex_paths = ["c"]\n')
      const { context } = (yield* load()).settings
      assert.deepStrictEqual(context.rag.indexPaths, ["c"])
      assert.strictEqual(context.rag.topK, 3)
      assert.strictEqual(context.rag.chunkSize, 512)
      assert.isTrue(context.sharing.enabled)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("merge profiles by name: a project adds its own and keeps the global ones", () =>
    Effect.gen(function* () {
      const { load, write } = yield* sandbox
      yield* write(globalFile, grok)
      yield* write(
        "repo/claudex.toml",
        `[[profiles]]\nname = "team"\nbase_url = "http://team.example"\ndefault_model = "t"
[[profiles]]\nname = "grok"\ndefault_model = "grok-5"\nbackup_providers = []\nmodels = { opus = "grok-5-max" }`
      )
      const { profiles } = (yield* load()).settings
      assert.deepStrictEqual(
        profiles.map(({ name }) => name),
        ["demo", "grok", "local", "team"]
      )
      const merged = profiles.find(({ name }) => name === "grok")
      assert.strictEqual(merged?.defaultModel, "grok-5")
      assert.strictEqual(merged?.baseUrl, "https://api.x.ai/v1")
      assert.strictEqual(merged?.apiKeyEnv, "XAI_API_KEY")
      assert.deepStrictEqual(merged?.backupProviders, [])
      assert.deepStrictEqual(merged?.models, { haiku: "grok-mini", opus: "grok-5-max" })
    }).pipe(Effect.provide(platform))
  )

  it.scoped("let the stronger file decide alone where a profile's key is", () =>
    Effect.gen(function* () {
      const { load, write } = yield* sandbox
      yield* write(globalFile, grok)
      yield* write("mine.toml", '[[profiles]]\nname = "grok"\napi_key = "sk-own"')
      const { profiles } = (yield* load({ explicit: "../mine.toml" })).settings
      const merged = profiles.find(({ name }) => name === "grok")
      assert.isUndefined(merged?.apiKeyEnv)
      assert.strictEqual(merged?.apiKey === undefined ? undefined : Redacted.value(merged.apiKey), "sk-own")
    }).pipe(Effect.provide(platform))
  )

  it.scoped("let a file add to the built-in profile", () =>
    Effect.gen(function* () {
      const { load, write } = yield* sandbox
      yield* write(globalFile, '[[profiles]]\nname = "demo"\nmodels = { haiku = "demo-small" }')
      const { profiles } = (yield* load()).settings
      assert.strictEqual(profiles.length, 1)
      assert.strictEqual(profiles[0]?.baseUrl, "demo:")
      assert.deepStrictEqual(profiles[0]?.models, { haiku: "demo-small" })
    }).pipe(Effect.provide(platform))
  )
})

describe("the origin of a value", () => {
  it.scoped("is the file and line, the variable, the built-in settings, or the default", () =>
    Effect.gen(function* () {
      const { inside, load, write } = yield* sandbox
      yield* write(globalFile, `log_level = "warn"\n${grok}`)
      yield* write("repo/claudex.toml", '# mine\n[[profiles]]\nname = "grok"\n\ndefault_model = "grok-5"')
      const { origin } = yield* load({ environment: { CLAUDEX_ROUTER__MODEL: "small" } })
      const global = (line: number) => ({ layer: "global" as const, file: inside(globalFile), line })
      const project = (line: number) => ({ layer: "project" as const, file: inside("repo/claudex.toml"), line })
      assert.deepStrictEqual(origin("log_level"), global(1))
      assert.deepStrictEqual(origin("profiles.grok.base_url"), global(6))
      assert.deepStrictEqual(origin("profiles.grok.models.opus"), global(10))
      assert.deepStrictEqual(origin("profiles.grok.default_model"), project(5))
      assert.deepStrictEqual(origin("profiles.grok"), project(2))
      assert.deepStrictEqual(origin("profiles.local"), global(12))
      assert.deepStrictEqual(origin("router.model"), { layer: "environment", variable: "CLAUDEX_ROUTER__MODEL" })
      assert.deepStrictEqual(origin("profiles.demo.base_url"), { layer: "builtin" })
      assert.deepStrictEqual(origin("proxy_port"), { layer: "default" })
      assert.deepStrictEqual(origin("profiles.grok.priority"), { layer: "default" })
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is asked for with quotes where the name of a profile needs them", () =>
    Effect.gen(function* () {
      const { inside, load, write } = yield* sandbox
      yield* write("repo/claudex.toml", '[[profiles]]\nname = "gpt 5.1"\nbase_url = "http://a.b"\ndefault_model = "x"')
      const { origin } = yield* load()
      const file = inside("repo/claudex.toml")
      assert.deepStrictEqual(origin('profiles."gpt 5.1".base_url'), { layer: "project", file, line: 3 })
    }).pipe(Effect.provide(platform))
  )
})
