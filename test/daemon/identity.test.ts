import { type ChildProcess, spawn } from "node:child_process"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { FetchHttpClient, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted, Schema } from "effect"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import { Environment } from "../../src/config/Environment.ts"
import { Paths } from "../../src/config/Paths.ts"
import { ClientToken } from "../../src/credentials/ClientToken.ts"
import { urlOf } from "../../src/daemon/address.ts"
import { isCompatible } from "../../src/daemon/ensureGateway.ts"
import { gatewayOrder } from "../../src/daemon/order.ts"
import { presence } from "../../src/daemon/presence.ts"
import { nameOf, self, standing } from "../../src/machine/processes.node.ts"
import { gatewayFiles, type GatewayState, readState, removeState, writeState } from "../../src/daemon/State.ts"
import { stopGateway } from "../../src/daemon/stopGateway.ts"
import { runs as isRunning } from "../support/claudex.ts"

const token = "canary-client-token"
const secret = Layer.succeed(ClientToken, Redacted.make(token))

/** A home directory of its own for the scope. */
const places = Layer.unwrapScoped(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const home = yield* fs.makeTempDirectoryScoped()
    return Paths.layer.pipe(Layer.provideMerge(Environment.layerOf({ HOME: home })))
  })
)
const world = Layer.mergeAll(places, secret, FetchHttpClient.layer).pipe(Layer.provideMerge(NodeContext.layer))

/** A program that happens to listen on a port; answers where, and what was sent to it. */
const stranger = (answer: RequestListener) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<{ readonly port: number; readonly seen: Array<string>; readonly close: () => void }>((resume) => {
        const seen: Array<string> = []
        const server = createServer((request, response) => {
          seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`)
          answer(request, response)
        })
        server.listen(0, "127.0.0.1", () => {
          // cast: a listening TCP server has an address of this form
          const { port } = server.address() as AddressInfo
          resume(Effect.succeed({ port, seen, close: () => void server.close().closeAllConnections() }))
        })
      }),
      ({ close }) => Effect.sync(close)
    ),
    ({ port, seen }) => ({ port, seen })
  )

const health = (instance: string, pid: number) =>
  stranger((_, response) => {
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify({ service: "claudex", instance, version: "0.3.0", pid, uptime_seconds: 1 }))
  })

/** A process that lives until it is ended; deaf to SIGTERM if asked. */
const sleeper = (deaf = false) =>
  Effect.acquireRelease(
    Effect.async<ChildProcess & { readonly pid: number }>((resume) => {
      const script = `${deaf ? 'process.on("SIGTERM", () => {});' : ""} setInterval(() => {}, 1000); console.log("up")`
      const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] })
      child.stdout.once("data", () => resume(Effect.succeed(Object.assign(child, { pid: child.pid ?? 0 }))))
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const startOf = (pid: number): Effect.Effect<string> => Effect.map(nameOf(pid), ({ start }) => start)

const stateOf = (fields: Partial<GatewayState>): GatewayState => ({
  instance: "the-gateway",
  pid: process.pid,
  process_start: "another time",
  host: "127.0.0.1",
  port: 1,
  version: "0.3.0",
  token_fingerprint: "",
  started: "2026-01-01T00:00:00.000Z",
  ...fields
})

const tagOf = Effect.map(presence, (now) => now._tag)
const impatient = { asked: "300 millis", terminated: "300 millis", killed: "10 seconds" } as const

describe("the presence of the gateway", () => {
  it.live("needs a state file that can be read as one", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      expect(yield* tagOf).toBe("Absent")
      const { state } = yield* gatewayFiles
      yield* writeState(stateOf({}))
      for (const content of [
        "",
        "{",
        "{}",
        JSON.stringify(stateOf({ pid: 0 })),
        JSON.stringify(stateOf({ pid: -1 }))
      ]) {
        yield* fs.writeFileString(state, content)
        expect(yield* readState).toEqual(Option.none())
        expect(yield* tagOf).toBe("Absent")
      }
    }).pipe(Effect.scoped, Effect.provide(world))
  )

  it.live("is believed when process, port and identity agree", () =>
    Effect.gen(function* () {
      const { pid, start } = yield* self
      const { port } = yield* health("the-gateway", pid)
      yield* writeState(stateOf({ pid, process_start: start, port }))
      expect(yield* presence).toMatchObject({ _tag: "Running", url: `http://127.0.0.1:${port}` })
    }).pipe(Effect.scoped, Effect.provide(world))
  )

  it.live("is not believed when the process is gone, though the port answers with the right identity", () =>
    Effect.gen(function* () {
      const { port, seen } = yield* health("the-gateway", 2 ** 22)
      yield* writeState(stateOf({ pid: 2 ** 30, port }))
      expect(yield* tagOf).toBe("Absent")
      expect(seen).toEqual([])
    }).pipe(Effect.scoped, Effect.provide(world))
  )

  it.live("is not believed when another process has the id now, whoever answers", () =>
    Effect.gen(function* () {
      const { port, seen } = yield* health("the-gateway", process.pid)
      yield* writeState(stateOf({ port }))
      expect(yield* tagOf).toBe("Absent")
      expect(seen).toEqual([])
    }).pipe(Effect.scoped, Effect.provide(world))
  )

  it.live("is in doubt when the process lives but another program answers; that one never hears the token", () =>
    Effect.gen(function* () {
      const { pid, start } = yield* self
      const { port, seen } = yield* health("somebody-else", pid)
      yield* writeState(stateOf({ pid, process_start: start, port }))
      expect(yield* tagOf).toBe("Silent")
      expect(seen).toHaveLength(1)
      expect(seen[0]).toMatch(/^GET \/health /)
      expect(seen.join()).not.toContain(token)
    }).pipe(Effect.scoped, Effect.provide(world))
  )

  it.live("is in doubt when what answers is no gateway at all", () =>
    Effect.gen(function* () {
      const { pid, start } = yield* self
      const { port } = yield* stranger((_, response) => response.end("<html>hello</html>"))
      yield* writeState(stateOf({ pid, process_start: start, port }))
      expect(yield* tagOf).toBe("Silent")
    }).pipe(Effect.scoped, Effect.provide(world))
  )
})

describe("stopping the gateway", () => {
  it.live("never signals a process that took over the id, and removes what the gateway left", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const other = yield* sleeper()
      yield* writeState(stateOf({ pid: other.pid }))
      expect(yield* stopGateway(impatient)).toEqual({ _tag: "NotRunning" })
      expect(yield* Effect.promise(() => isRunning(other.pid))).toBe(true)
      expect(yield* fs.exists((yield* gatewayFiles).state)).toBe(false)
    }).pipe(Effect.scoped, Effect.provide(world))
  )

  it.live("ends a gateway that does not answer any more", () =>
    Effect.gen(function* () {
      const hung = yield* sleeper()
      yield* writeState(stateOf({ pid: hung.pid, process_start: yield* startOf(hung.pid) }))
      expect(yield* stopGateway({ ...impatient, terminated: "10 seconds" })).toMatchObject({ how: "terminated" })
      expect(yield* Effect.promise(() => isRunning(hung.pid))).toBe(false)
      expect(yield* readState).toEqual(Option.none())
    }).pipe(Effect.scoped, Effect.provide(world))
  )

  it.live("kills one that does not even react to that", () =>
    Effect.gen(function* () {
      const deaf = yield* sleeper(true)
      yield* writeState(stateOf({ pid: deaf.pid, process_start: yield* startOf(deaf.pid) }))
      expect(yield* stopGateway(impatient)).toMatchObject({ how: "killed" })
      expect(yield* Effect.promise(() => isRunning(deaf.pid))).toBe(false)
    }).pipe(Effect.scoped, Effect.provide(world))
  )

  it.live("tells nobody the token who does not prove to be the gateway", () =>
    Effect.gen(function* () {
      const hung = yield* sleeper()
      const { port, seen } = yield* health("somebody-else", hung.pid)
      yield* writeState(stateOf({ pid: hung.pid, process_start: yield* startOf(hung.pid), port }))
      yield* stopGateway({ ...impatient, terminated: "10 seconds" })
      expect(seen.join()).not.toContain(token)
      expect(seen.every((request) => request.startsWith("GET /health"))).toBe(true)
    }).pipe(Effect.scoped, Effect.provide(world))
  )
})

describe("the state file", () => {
  it.live("is private, and removed only by its own instance", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { state } = yield* gatewayFiles
      yield* writeState(stateOf({ instance: "mine" }))
      expect((yield* fs.stat(state)).mode & 0o777).toBe(0o600)
      yield* removeState("another")
      expect(yield* fs.exists(state)).toBe(true)
      yield* removeState("mine")
      expect(yield* fs.exists(state)).toBe(false)
    }).pipe(Effect.scoped, Effect.provide(world))
  )
})

describe("what is known of a process", () => {
  it.live("is that it is the same only with the right start time, and nothing for ids that mean many", () =>
    Effect.gen(function* () {
      const me = yield* self
      expect(yield* standing(me)).toBe("same")
      expect(yield* standing({ ...me, start: "earlier" })).toBe("gone")
      expect(yield* standing({ ...me, start: "" })).toBe("unclear")
      for (const pid of [0, -1, 1, 2 ** 30, Number.MAX_SAFE_INTEGER, Number.NaN, 1.5]) {
        expect(yield* standing({ pid, start: "" })).toBe("gone")
      }
    })
  )
})

describe("addresses in a URL", () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ["127.0.0.1", "http://127.0.0.1:80"],
    ["localhost", "http://localhost:80"],
    ["0.0.0.0", "http://127.0.0.1:80"],
    ["::", "http://[::1]:80"],
    ["::1", "http://[::1]:80"],
    ["[::1]", "http://[::1]:80"],
    ["fe80::2", "http://[fe80::2]:80"],
    ["192.168.1.4", "http://192.168.1.4:80"]
  ]
  for (const [host, url] of cases) {
    it(`reach a server on ${host} at ${url}`, () => expect(urlOf(host, 80)).toBe(url))
  }
})

describe("the address to listen on", () => {
  it.effect("is an IPv6 address without the brackets that it has in URLs", () =>
    Effect.gen(function* () {
      for (const proxy_host of ["::1", "[::1]"]) {
        const settings = Schema.decodeUnknownSync(ConfigFile)({ proxy_host })
        expect((yield* gatewayOrder(settings, {})).host).toBe("::1")
      }
    })
  )
})

describe("versions", () => {
  const cases: ReadonlyArray<readonly [string, string, boolean]> = [
    ["0.3.0", "0.3.9", true],
    ["0.3.0", "0.4.0", false],
    ["1.2.0", "1.9.3", true],
    ["1.2.0", "2.0.0", false],
    ["0.3.0", "1.3.0", false],
    ["0.3.0", "0.3.0-beta.1", true]
  ]
  for (const [one, other, expected] of cases) {
    it(`${one} and ${other} ${expected ? "share" : "do not share"} a contract`, () => {
      expect(isCompatible(one, other)).toBe(expected)
      expect(isCompatible(other, one)).toBe(expected)
    })
  }
})
