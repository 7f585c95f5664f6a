import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Layer, Logger, Option, Queue, Redacted, Schema, Stream, TestClock } from "effect"
import { Config, type Anchor, type LoadedConfig } from "../../src/config/Config.ts"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import { ConfigError } from "../../src/config/errors.ts"
import { GatewaySettings } from "../../src/gateway/GatewaySettings.ts"
import { SteadyConfig } from "../../src/gateway/SteadyConfig.ts"
import { start } from "./support.ts"

const home: Anchor = { cwd: "/home", explicit: Option.none() }
const work: Anchor = { cwd: "/work", explicit: Option.none() }

const loadedAs = (claudeBinary: string): LoadedConfig => ({
  settings: Schema.decodeUnknownSync(ConfigFile)({ claude_binary: claudeBinary }),
  files: [{ layer: "global", path: "/home/config.toml" }],
  origin: () => ({ layer: "default" })
})

const fault = (line: number) =>
  new ConfigError({ faults: [{ source: "/home/config.toml", line, path: "proxy_port", message: "is a text" }] })

/** A configuration that the test edits, place by place. */
const world = () => {
  const lines: Array<string> = []
  const files = new Map<string, Either.Either<LoadedConfig, ConfigError>>()
  const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel.label} ${String(message)}`))
  const layer = SteadyConfig.layer.pipe(
    Layer.provide(
      Layer.merge(
        Layer.succeed(Config, {
          load: ({ cwd }) => Effect.suspend(() => files.get(cwd) ?? Either.right(loadedAs("default")))
        }),
        Layer.succeed(GatewaySettings, {
          token: Redacted.make("t"),
          identity: { instance: "i", version: "0", pid: 1 },
          anchor: home,
          host: "127.0.0.1",
          allowRemote: false
        })
      )
    ),
    Layer.provide(Logger.replace(Logger.defaultLogger, logger))
  )
  const edit = ({ cwd }: Anchor, content: LoadedConfig | ConfigError) =>
    Effect.sync(() => {
      files.set(cwd, content instanceof ConfigError ? Either.left(content) : Either.right(content))
    })
  return { lines, edit, layer }
}

const within = <A, E>(use: (given: ReturnType<typeof world>) => Effect.Effect<A, E, SteadyConfig>) => {
  const given = world()
  return Effect.scoped(Effect.provide(use(given), given.layer))
}

const withKey = (apiKey: string): LoadedConfig => ({
  ...loadedAs("a"),
  settings: Schema.decodeUnknownSync(ConfigFile)({
    profiles: [{ name: "p", base_url: "https://p.example", default_model: "m", api_key: apiKey }]
  })
})

describe("the configuration of a running gateway", () => {
  it.effect("holds while a file of it is replaced, and not any more when that is gone for good", () =>
    within(({ edit, lines }) =>
      Effect.gen(function* () {
        const { load } = yield* SteadyConfig
        const nothing = { ...loadedAs("default"), files: [] }
        const binary = Effect.map(load(work), ({ settings }) => settings.claudeBinary)
        yield* edit(work, loadedAs("one"))
        expect(yield* binary).toBe("one")
        yield* edit(work, nothing)
        expect(yield* binary).toBe("one")
        yield* TestClock.adjust("1 second")
        expect(yield* binary).toBe("one")
        yield* edit(work, loadedAs("two"))
        expect(yield* binary).toBe("two")
        yield* edit(work, nothing)
        yield* TestClock.adjust("10 seconds")
        // nobody looked meanwhile
        expect(yield* binary).toBe("two")
        expect(lines).toEqual(["INFO The configuration has changed and is in effect"])
        yield* TestClock.adjust("10 seconds")
        expect(yield* binary).toBe("default")
        yield* edit(work, loadedAs("three"))
        expect(yield* binary).toBe("three")
        yield* edit(work, nothing)
        expect((yield* load(work, "again")).settings.claudeBinary).toBe("default")
      })
    )
  )

  it.effect("has not changed when a file is read again that says the same; another key is a change", () =>
    within(({ edit, lines }) =>
      Effect.gen(function* () {
        const { load } = yield* SteadyConfig
        yield* edit(work, withKey("one"))
        yield* load(work)
        const again = withKey("one")
        yield* edit(work, again)
        expect((yield* load(work)).settings).toBe(again.settings)
        expect(lines).toEqual([])
        yield* edit(work, withKey("two"))
        yield* load(work)
        expect(lines).toEqual(["INFO The configuration has changed and is in effect"])
      })
    )
  )

  it.effect("keeps what was valid when an edit has faults, and takes the next valid edit", () =>
    within(({ edit }) =>
      Effect.gen(function* () {
        const { load } = yield* SteadyConfig
        const [one, two] = [loadedAs("one"), loadedAs("two")]
        yield* edit(work, one)
        expect(yield* load(work)).toBe(one)
        yield* edit(work, fault(3))
        const kept = yield* load(work)
        expect(kept.settings).toBe(one.settings)
        expect(kept.stale?.message).toBe("/home/config.toml:3: proxy_port: is a text")
        yield* edit(work, two)
        expect(yield* load(work)).toBe(two)
      })
    )
  )

  it.effect("is an error where nothing was valid yet, and is told apart by place", () =>
    within(({ edit }) =>
      Effect.gen(function* () {
        const { load } = yield* SteadyConfig
        yield* edit(home, loadedAs("one"))
        yield* load(home)
        yield* edit(work, fault(1))
        expect(yield* Effect.flip(load(work))).toEqual(fault(1))
        expect((yield* load(home)).stale).toBeUndefined()
      })
    )
  )

  it.effect("says once per edit what is wrong with it, with file and line, and when it is in order again", () =>
    within(({ edit, lines }) =>
      Effect.gen(function* () {
        const { load } = yield* SteadyConfig
        yield* edit(work, loadedAs("one"))
        const [first, second] = [fault(3), fault(4)]
        const times = (count: number) => Effect.repeatN(Effect.ignore(load(work)), count)
        yield* times(3)
        expect(lines).toEqual([])
        yield* edit(work, first)
        yield* times(3)
        yield* edit(work, second)
        yield* times(3)
        yield* edit(work, loadedAs("two"))
        yield* load(work)
        expect(lines).toEqual([
          "WARN The configuration has errors; the one before goes on holding\n/home/config.toml:3: proxy_port: is a text",
          "WARN The configuration has errors; the one before goes on holding\n/home/config.toml:4: proxy_port: is a text",
          "INFO The configuration is in order again and in effect"
        ])
      })
    )
  )

  it.effect("is looked at without any request at the gateway's own place, and tells whoever listens", () =>
    within(({ edit, lines }) =>
      Effect.gen(function* () {
        yield* edit(home, loadedAs("one"))
        const { changes, load } = yield* SteadyConfig
        yield* load(home)
        const seen = yield* Queue.unbounded<LoadedConfig>()
        yield* Effect.forkScoped(Stream.runForEach(changes, (loaded) => Queue.offer(seen, loaded)))
        yield* Effect.yieldNow()
        yield* edit(home, fault(3))
        yield* TestClock.adjust("2 seconds")
        expect((yield* Queue.take(seen)).stale?.message).toContain(":3: proxy_port")
        yield* edit(home, loadedAs("two"))
        yield* TestClock.adjust("2 seconds")
        expect(yield* Queue.take(seen)).toMatchObject({ settings: { claudeBinary: "two" } })
        expect(lines).toHaveLength(2)
      }).pipe(Effect.scoped)
    )
  )

  it.scoped("goes on serving requests by what was valid, and tells the admin API what is wrong", () =>
    Effect.gen(function* () {
      const settings = Schema.decodeUnknownSync(ConfigFile)({
        profiles: [{ name: "p", provider_type: "OpenAICompatible", base_url: "http://127.0.0.1:9", default_model: "m" }]
      })
      let broken = false
      const load = () =>
        Effect.suspend(() => (broken ? Effect.fail(fault(7)) : Effect.succeed({ ...loadedAs("one"), settings })))
      const { ask } = yield* start({ config: { load } })
      const models = { method: "GET", path: "/proxy/p/v1/models" }
      const status = { method: "GET", path: "/claudex/admin/status" }
      expect((yield* ask(models)).status).toBe(200)
      broken = true
      expect((yield* ask(models)).status).toBe(200)
      const elsewhere = { ...models, headers: { "x-claudex-workspace": "%2Felsewhere" } }
      const refused = yield* ask(elsewhere)
      expect(refused.status).toBe(500)
      expect(refused.text).toContain("/home/config.toml:7: proxy_port")
      expect(JSON.parse((yield* ask(status)).text)).toMatchObject({
        configuration: { files: [{ path: "/home/config.toml" }], problem: "/home/config.toml:7: proxy_port: is a text" }
      })
      broken = false
      expect(JSON.parse((yield* ask(status)).text).configuration).not.toHaveProperty("problem")
    })
  )
})
