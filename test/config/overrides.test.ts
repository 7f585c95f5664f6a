import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readOverrides, reservedVariables } from "../../src/config/overrides.ts"
import { platform, sandbox } from "./support.ts"

const faultsOf = (name: string, value = "1") => readOverrides({ [name]: value }).faults.map(({ message }) => message)

describe("CLAUDEX_* variables", () => {
  it.scoped("set settings of every type, in tables with a double underscore", () =>
    Effect.gen(function* () {
      const { load } = yield* sandbox
      const { settings } = yield* load({
        environment: {
          CLAUDEX_PROXY_PORT: "8_080",
          CLAUDEX_CLAUDE_BINARY: "123",
          CLAUDEX_ALLOW_REMOTE: "True",
          CLAUDEX_HYPERLINKS: "false",
          CLAUDEX_LOG_LEVEL: "trace",
          CLAUDEX_ROUTER__ENABLED: "true",
          CLAUDEX_ROUTER__RULES__CODE: "demo",
          CLAUDEX_CONTEXT__RAG__INDEX_PATHS: "src, docs",
          CLAUDEX_TIMEOUTS__IDLE_SECONDS: "0.5"
        }
      })
      assert.strictEqual(settings.proxyPort, 8080)
      assert.strictEqual(settings.claudeBinary, "123")
      assert.isTrue(settings.allowRemote)
      assert.isFalse(settings.hyperlinks)
      assert.strictEqual(settings.logLevel, "trace")
      assert.deepStrictEqual(settings.router, { enabled: true, profile: "", model: "", rules: { code: "demo" } })
      assert.deepStrictEqual(settings.context.rag.indexPaths, ["src", "docs"])
      assert.deepStrictEqual(settings.timeouts, {
        connect: 10,
        firstByte: 300,
        idle: 0.5,
        progress: 900,
        minimumPace: 0
      })
    }).pipe(Effect.provide(platform))
  )

  it.scoped("are taken as they stand: a shell has already filled in what it should", () =>
    Effect.gen(function* () {
      const { load } = yield* sandbox
      const { settings } = yield* load({ environment: { CLAUDEX_CLAUDE_BINARY: "/opt/${X}/claude" } })
      assert.strictEqual(settings.claudeBinary, "/opt/${X}/claude")
    }).pipe(Effect.provide(platform))
  )

  it.scoped("that set nothing, and those of other programs, are passed over", () =>
    Effect.gen(function* () {
      const { load } = yield* sandbox
      const environment = { CLAUDEX_PROXY_PORT: "", CLAUDEX_NONSENSE: "", CLAUDEXX: "1", PROXY_PORT: "1" }
      assert.strictEqual((yield* load({ environment })).settings.proxyPort, 13_456)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("are named in the faults of what they set", () =>
    Effect.gen(function* () {
      const { faults } = yield* sandbox
      const environment = {
        CLAUDEX_PROXY_PORT: "80a",
        CLAUDEX_ROUTER: "x",
        CLAUDEX_LOG_LEVEL: "loud",
        CLAUDEX_ROUTER__RULES__CODE: "nobody"
      }
      assert.deepStrictEqual(yield* faults({ environment }), [
        'CLAUDEX_LOG_LEVEL: log_level: is not known, expected one of "off", "error", "warn", "info", "debug", "trace"',
        "CLAUDEX_PROXY_PORT: proxy_port: does not fit, expected a whole number from 0 to 65535",
        'CLAUDEX_ROUTER__RULES__CODE: router.rules.code: there is no profile "nobody", expected the name of a profile'
      ])
      assert.deepStrictEqual(yield* faults({ environment: { CLAUDEX_ROUTER: "x" } }), [
        "CLAUDEX_ROUTER: router: does not fit, expected a table"
      ])
    }).pipe(Effect.provide(platform))
  )

  it("that are no settings are faults, with the nearest name that is one", () => {
    assert.deepStrictEqual(faultsOf("CLAUDEX_PROXY_PROT"), [
      "is no setting of claudex, did you mean CLAUDEX_PROXY_PORT?"
    ])
    assert.deepStrictEqual(faultsOf("CLAUDEX_ROUTER_ENABLED"), [
      "is no setting of claudex, did you mean CLAUDEX_ROUTER__ENABLED?"
    ])
    assert.deepStrictEqual(faultsOf("CLAUDEX_CONTEXT__RAG__TOP_K__X"), [
      "is no setting of claudex, did you mean CLAUDEX_CONTEXT__RAG__TOP_K?"
    ])
    assert.deepStrictEqual(faultsOf("CLAUDEX_MOON_PHASE"), ["is no setting of claudex"])
    assert.deepStrictEqual(faultsOf("CLAUDEX_"), ["is no setting of claudex"])
  })

  it("cannot reach profiles", () => {
    assert.deepStrictEqual(faultsOf("CLAUDEX_PROFILES__GROK__API_KEY", "sk-secret"), [
      "profiles cannot be set by variables, expected in a configuration file"
    ])
  })

  it("that claudex uses for other things are no settings and no faults", () => {
    for (const name of reservedVariables) assert.deepStrictEqual(faultsOf(name, "x"), [])
  })
})
