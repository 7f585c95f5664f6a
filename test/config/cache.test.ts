import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Layer, Option, TestClock } from "effect"
import { Config } from "../../src/config/Config.ts"
import { Environment } from "../../src/config/Environment.ts"
import { Paths, placesOf } from "../../src/config/Paths.ts"
import { Trust } from "../../src/config/Trust.ts"
import { platform, sandbox } from "./support.ts"

/** A sandbox with one long-lived `Config`, as a gateway has it, that counts how often files are looked at and read. */
const gateway = Effect.gen(function* () {
  const box = yield* sandbox
  const fs = yield* FileSystem.FileSystem
  const counts = { looks: 0, reads: 0 }
  const counting = Layer.succeed(FileSystem.FileSystem, {
    ...fs,
    stat: (path: string) => Effect.suspend(() => (counts.looks++, fs.stat(path))),
    readFile: (path: string) => Effect.suspend(() => (counts.reads++, fs.readFile(path)))
  })
  const places = Layer.succeed(Paths, placesOf({ HOME: box.inside("home") }, "linux"))
  const context = yield* Layer.build(
    Layer.mergeAll(Config.layer, Trust.layer).pipe(
      Layer.provide(Layer.mergeAll(counting, places, Environment.layerOf({})))
    )
  )
  const anchor = box.anchor()
  const load = Effect.flatMap(Config, (config) => config.load(anchor)).pipe(Effect.provide(context))
  const again = Effect.flatMap(Config, (config) => config.load(anchor, "again")).pipe(Effect.provide(context))
  const loadAt = (cwd: string) =>
    Effect.flatMap(Config, (config) => config.load({ cwd, explicit: Option.none() })).pipe(Effect.provide(context))
  const trust = Effect.flatMap(Trust, (service) => service.consent(anchor)).pipe(Effect.provide(context))
  const port = Effect.map(load, ({ settings }) => settings.proxyPort)
  return { ...box, again, counts, load, loadAt, port, trust }
})

describe("a loaded configuration", () => {
  it.scoped("is the same value, without a look at the disk, for a second", () =>
    Effect.gen(function* () {
      const { counts, load, write } = yield* gateway
      yield* write("repo/claudex.toml", "proxy_port = 1")
      const first = yield* load
      const { looks } = counts
      assert.isAbove(looks, 0)
      yield* write("repo/claudex.toml", "proxy_port = 22")
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* load, first)
      assert.strictEqual(counts.looks, looks)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is looked at at once when it is asked for again, for all later loads too", () =>
    Effect.gen(function* () {
      const { again, load, port, write } = yield* gateway
      yield* write("repo/claudex.toml", "proxy_port = 1")
      assert.strictEqual(yield* port, 1)
      yield* write("repo/claudex.toml", "proxy_port = 22")
      const { settings } = yield* again
      assert.strictEqual(settings.proxyPort, 22)
      assert.strictEqual(yield* port, 22)
      yield* write("repo/claudex.toml", "proxy_port = true")
      assert.isTrue(Either.isLeft(yield* Effect.either(again)))
      assert.isTrue(Either.isLeft(yield* Effect.either(load)))
    }).pipe(Effect.provide(platform))
  )

  it.scoped("follows an edit, a new nearer file, and the end of a file", () =>
    Effect.gen(function* () {
      const { inside, port, write } = yield* gateway
      const fs = yield* FileSystem.FileSystem
      yield* write("claudex.toml", "proxy_port = 1")
      assert.strictEqual(yield* port, 1)
      yield* write("claudex.toml", "proxy_port = 22")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* port, 22)
      yield* write("repo/claudex.toml", "proxy_port = 333")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* port, 333)
      yield* fs.remove(inside("repo/claudex.toml"))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* port, 22)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is not read again when the files are as they were", () =>
    Effect.gen(function* () {
      const { counts, load, write } = yield* gateway
      // a file is only sure to be as it was when its last change is well in the past
      yield* TestClock.setTime(Date.now() + 3_600_000)
      yield* write("repo/claudex.toml", "proxy_port = 1")
      const first = yield* load
      const { looks, reads } = counts
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* load, first)
      assert.isAbove(counts.looks, looks)
      assert.strictEqual(counts.reads, reads)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("follows an edit that changes neither the size nor the time of the file", () =>
    Effect.gen(function* () {
      const { inside, port, write } = yield* gateway
      const fs = yield* FileSystem.FileSystem
      const now = Date.now()
      yield* TestClock.setTime(now)
      for (const expected of [1, 2, 3]) {
        yield* write("repo/claudex.toml", `proxy_port = ${expected}`)
        yield* fs.utimes(inside("repo/claudex.toml"), new Date(now - 500), new Date(now - 500))
        assert.strictEqual(yield* port, expected)
        yield* TestClock.adjust("1 second")
      }
    }).pipe(Effect.provide(platform))
  )

  it.scoped("follows a fault and its repair", () =>
    Effect.gen(function* () {
      const { load, port, write } = yield* gateway
      yield* write("repo/claudex.toml", "proxy_port = 1")
      assert.strictEqual(yield* port, 1)
      yield* write("repo/claudex.toml", "proxy_port = ")
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Effect.flip(load))._tag, "ConfigError")
      assert.strictEqual((yield* Effect.flip(load)).faults.length, 1)
      yield* write("repo/claudex.toml", "proxy_port = 4444")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* port, 4444)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("follows the user's consent to a project file", () =>
    Effect.gen(function* () {
      const { load, trust, write } = yield* gateway
      yield* write("repo/claudex.toml", 'claude_binary = "./claude"')
      yield* Effect.flip(load)
      yield* trust
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* load).settings.claudeBinary, "./claude")
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is read once for all who ask at the same time", () =>
    Effect.gen(function* () {
      const { counts, load, write } = yield* gateway
      yield* write("repo/claudex.toml", "proxy_port = 1")
      const all = yield* Effect.all(
        Array.from({ length: 20 }, () => load),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(new Set(all).size, 1)
      assert.strictEqual(counts.reads, 1)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is still loaded for the others when the one who asked first goes away", () =>
    Effect.gen(function* () {
      const { load, write } = yield* gateway
      yield* write("repo/claudex.toml", "proxy_port = 7")
      const [, second] = yield* Effect.all([Effect.race(load, Effect.void), load], { concurrency: "unbounded" })
      assert.strictEqual(second.settings.proxyPort, 7)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is kept apart for each working directory, and forgotten when there are many others", () =>
    Effect.gen(function* () {
      const { inside, loadAt, write } = yield* gateway
      yield* write("a/claudex.toml", "proxy_port = 1")
      yield* write("b/claudex.toml", "proxy_port = 2")
      const first = yield* loadAt(inside("a"))
      assert.strictEqual(first.settings.proxyPort, 1)
      assert.strictEqual((yield* loadAt(inside("b"))).settings.proxyPort, 2)
      assert.strictEqual(yield* loadAt(inside("a")), first)
      for (let other = 0; other < 64; other++) yield* loadAt(inside(`other${other}`))
      assert.notStrictEqual(yield* loadAt(inside("a")), first)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is looked at again when the clock was set back", () =>
    Effect.gen(function* () {
      const { port, write } = yield* gateway
      yield* TestClock.setTime(3_600_000)
      yield* write("repo/claudex.toml", "proxy_port = 1")
      assert.strictEqual(yield* port, 1)
      yield* write("repo/claudex.toml", "proxy_port = 22")
      yield* TestClock.setTime(0)
      assert.strictEqual(yield* port, 22)
    }).pipe(Effect.provide(platform))
  )
})
