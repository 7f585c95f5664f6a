import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted, TestClock } from "effect"
import { rm } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
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
    let left = 0
    const leave = Effect.sync(() => (left += 1) > 0)
    yield* Effect.provide(Effect.forkScoped(stayKnown(state, token, leave)), context)
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
    // its first look is over: nothing is written but at the next ones
    while (Option.isNone(yield* instance)) yield* look
    const write = (other: GatewayState) => Effect.provide(writeState(other), context)
    return { fs, look, instance, file, stateFile: join(stateDir, "gateway.json"), write, hasLeft: () => left > 0 }
  })

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      // cast: a listening TCP server has an address of this form
      const { port } = server.address() as AddressInfo
      server.close(() => done(port))
    })
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

  it.scoped("puts it back where the file says nothing, and the token alone", () =>
    Effect.gen(function* () {
      const { file, fs, instance, look, stateFile } = yield* watched()
      while (Option.isNone(yield* instance)) yield* look
      for (const damaged of ["", "{", "null", '{"pid":1}']) {
        yield* fs.writeFileString(stateFile, damaged)
        while (Option.isNone(yield* instance)) yield* look
        expect(yield* instance).toEqual(Option.some("one"))
      }
      yield* fs.remove(file)
      while (!(yield* fs.exists(file))) yield* look
      expect(yield* fs.readFileString(file)).toBe("canary-client-token\n")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("leaves alone what a gateway of a later version says in its own way", () =>
    Effect.gen(function* () {
      const { fs, look, stateFile, write } = yield* watched()
      yield* write(state)
      yield* fs.writeFileString(stateFile, '{"instance":"of-tomorrow"}')
      for (const _ of [1, 2, 3]) yield* look
      expect(yield* fs.readFileString(stateFile)).toBe('{"instance":"of-tomorrow"}')
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("ends when another one has its place, with a token that its clients do not have", () =>
    Effect.gen(function* () {
      const { hasLeft, look, write } = yield* watched()
      yield* write({ ...state, instance: "two" })
      for (const _ of [1, 2, 3]) yield* look
      expect(hasLeft()).toBe(false)
      yield* write({ ...state, instance: "two", token_fingerprint: "another" })
      while (!hasLeft()) yield* look
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("keeps no token that came from a variable", () =>
    Effect.gen(function* () {
      const { file, fs, instance, look } = yield* watched({ CLAUDEX_PROXY_TOKEN: "canary-client-token" })
      while (Option.isNone(yield* instance)) yield* look
      expect(yield* fs.exists(file)).toBe(false)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  for (const [what, command] of [
    ["a session", ["run", "demo", "-p", "hi"]],
    ["another start", ["proxy", "start", "-d"]],
    ["a stop", ["proxy", "stop"]],
    ["a question for the token", ["proxy", "token"]]
  ] as const) {
    it(`is found by ${what} that comes at once, and none is started beside it`, async () => {
      const user = await makeUser(`proxy_port = ${await freePort()}`)
      await user.claude("#!/bin/sh\necho $ANTHROPIC_BASE_URL\n")
      expect(await user.run(["proxy", "start", "-d"])).toMatchObject({ code: 0 })
      const before = await user.state()
      const kept = await user.read("home/.local/state/claudex/token")
      await rm(user.stateDir, { recursive: true })
      expect(await user.run(command)).toMatchObject({ code: 0, stderr: "" })
      expect(await user.read("home/.local/state/claudex/token")).toBe(kept)
      if (before === undefined) throw new Error("no gateway ran")
      const stopped = command[1] === "stop"
      expect(await user.state()).toEqual(stopped ? undefined : before)
      expect(await runs(before.pid)).toBe(!stopped)
    })
  }

  it("ends when nobody is answered, once another one has its place and its clients have another token", async () => {
    const user = await makeUser()
    await user.run(["proxy", "start", "-d"])
    const before = await user.state()
    if (before === undefined) throw new Error("no gateway ran")
    await rm(user.stateDir, { recursive: true })
    // where it listens is written nowhere
    expect(await user.run(["proxy", "start", "-d"])).toMatchObject({ code: 0, stderr: "" })
    const after = await user.state()
    expect(after?.instance).not.toBe(before.instance)
    await eventually(async () => ((await runs(before.pid)) ? undefined : true))
    expect(await user.state()).toEqual(after)
  })

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
