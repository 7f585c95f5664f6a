import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted, TestClock } from "effect"
import { rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Environment } from "../../src/config/Environment.ts"
import { Paths } from "../../src/config/Paths.ts"
import { type GatewayState, readState, writeState } from "../../src/daemon/State.ts"
import { stayKnown } from "../../src/daemon/stayKnown.ts"
import { eventually, makeUser, runs } from "../support/claudex.ts"

const state: GatewayState = {
  instance: "one",
  pid: 4_000_000,
  process_start: "",
  host: "127.0.0.1",
  port: 9,
  version: "0.3.0",
  token_fingerprint: "",
  started: ""
}
const token = Redacted.make("canary-client-token")

/** A gateway's place, and time that passes until it has looked again. */
const watched = (environment: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const home = yield* fs.makeTempDirectoryScoped()
    const places = Paths.layer.pipe(Layer.provideMerge(Environment.layerOf({ ...environment, HOME: home })))
    const context = yield* Layer.build(Layer.merge(places, NodeContext.layer))
    const { stateDir } = yield* Effect.provide(Paths, context)
    yield* Effect.provide(Effect.forkScoped(stayKnown(state, token)), context)
    const file = join(stateDir, "token")
    const instance = Effect.map(
      Effect.provide(readState, context),
      Option.map((found) => found.instance)
    )
    const look = Effect.gen(function* () {
      yield* TestClock.adjust("2 seconds")
      // the looks are real: as many turns as they may take
      for (let turn = 0; turn < 200; turn++) yield* Effect.promise(() => new Promise((done) => setImmediate(done)))
    })
    return { fs, look, instance, file, write: (other: GatewayState) => Effect.provide(writeState(other), context) }
  })

describe("a gateway whose state is cleared away", () => {
  it.scoped("puts it back, with the token of its clients, however often", () =>
    Effect.gen(function* () {
      const { file, fs, instance, look } = yield* watched()
      for (const _ of [1, 2]) {
        while (Option.isNone(yield* instance)) yield* look
        expect(yield* instance).toEqual(Option.some("one"))
        expect(yield* fs.readFileString(file)).toBe("canary-client-token\n")
        expect(((yield* fs.stat(file)).mode & 0o777).toString(8)).toBe("600")
        yield* fs.remove(dirname(file), { recursive: true })
      }
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("leaves another gateway's state, and another token", () =>
    Effect.gen(function* () {
      const { file, fs, instance, look, write } = yield* watched()
      yield* write({ ...state, instance: "two" })
      for (const _ of [1, 2, 3]) yield* look
      expect(yield* instance).toEqual(Option.some("two"))
      yield* fs.remove(dirname(file), { recursive: true })
      yield* fs.makeDirectory(dirname(file), { recursive: true })
      yield* fs.writeFileString(file, "the-token-of-another\n")
      for (const _ of [1, 2, 3]) yield* look
      expect(yield* instance).toEqual(Option.none())
      expect(yield* fs.readFileString(file)).toBe("the-token-of-another\n")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("keeps no token that came from a variable", () =>
    Effect.gen(function* () {
      const { file, fs, instance, look } = yield* watched({ CLAUDEX_PROXY_TOKEN: "canary-client-token" })
      while (Option.isNone(yield* instance)) yield* look
      expect(yield* fs.exists(file)).toBe(false)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it("is found, used and stopped as before", async () => {
    const user = await makeUser()
    expect(await user.run(["proxy", "start", "-d", "-p", "0"])).toMatchObject({ code: 0 })
    const before = await user.state()
    await rm(user.stateDir, { recursive: true })
    const after = await eventually(() => user.state())
    expect(after).toEqual(before)
    expect(await user.run(["proxy", "status"])).toMatchObject({ code: 0, stderr: "" })
    expect((await user.run(["proxy", "stop"])).stdout).toContain(`process ${after.pid}`)
    expect(await runs(after.pid)).toBe(false)
  })
})
