/**
 * A gateway in a process of its own, providers that fail in every way, and many clients at once, some of which go away. Says
 * what was wrong afterwards: an answer that no client could read, something that was not let go of, a request without its
 * record, a breaker that stands where it should not.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import * as Http from "node:http"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { gatewayWord } from "../../src/daemon/gatewayWord.ts"
import type { GatewayOrder } from "../../src/daemon/spawnGateway.ts"
import { drawFault, type FaultName, faultNames } from "../../src/testing/faults.ts"
import { type FaultyUpstream, makeFaultyUpstream } from "../../src/testing/faultyUpstream.node.ts"
import { isJsonObject } from "../../src/testing/json.ts"
import { type Heard, judge, parsed } from "./judge.ts"
import { asked, config, protocols } from "./profiles.ts"

/** What a process holds. */
export interface Sample {
  /** Bytes, as the system counts them. */
  readonly rss: number
  /** Bytes of objects and buffers that are in use. */
  readonly heap: number
  readonly handles: Readonly<Record<string, number>>
  /** Fibers that nobody waits for. */
  readonly fibers: number
  /** Open file descriptors, sockets too; undefined where the system does not tell. */
  readonly files: number | undefined
}

export interface ChaosOptions {
  readonly bin: string
  /** The bundled probe. */
  readonly probe: string
  readonly clients: number
  readonly seed: number
  /** Requests of one round before the load: a gateway that has just begun holds less than it will. */
  readonly warmUp: number
  /** How many rounds there may be; they end when memory grows no more. */
  readonly rounds: number
  /** Whether another request may begin, given how many have and for how long it goes on (milliseconds). */
  readonly goesOn: (requests: number, elapsed: number) => boolean
}

export interface ChaosReport {
  readonly requests: number
  readonly outcomes: Readonly<Record<string, number>>
  /** How often each fault was played. */
  readonly faults: Readonly<Record<string, number>>
  readonly before: Sample
  readonly after: Sample
  readonly violations: ReadonlyArray<string>
}

/** How long a client waits for an answer that does not end. Milliseconds. */
const patience = 5_000

const token = "chaos-token-of-32-characters-0000"

/** mulberry32: the same numbers from the same seed. */
const random = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296
  }
}

const pick = <A>(list: ReadonlyArray<A>, chance: number, fallback: A): A =>
  list[Math.floor(chance * list.length)] ?? fallback

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => done(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

/** Undefined when the client went away itself; a string when there was no answer at all. */
const ask = (port: number, name: string, stream: boolean, leaveAfter: number): Promise<Heard | string | undefined> =>
  new Promise((done) => {
    const body = JSON.stringify({ model: "m", max_tokens: 100, stream, messages: [{ role: "user", content: "hello" }] })
    const request = Http.request({
      host: "127.0.0.1",
      port,
      agent: false,
      method: "POST",
      path: `/proxy/${name}/v1/messages?beta=true`,
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` }
    })
    let left = false
    const leave = () => {
      left = true
      request.destroy()
      done(undefined)
    }
    const timer = setTimeout(leave, leaveAfter)
    request.once("error", (error) => {
      clearTimeout(timer)
      if (!left) done(`no answer: ${error.message}`)
    })
    request.once("response", (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece))
      response.on("error", () => {})
      response.once("close", () => {
        clearTimeout(timer)
        const { complete, headers, statusCode: status = 0 } = response
        if (!left) done({ status, headers, text, complete })
      })
    })
    request.end(body)
  })

const until = async (condition: () => Promise<boolean>, what: string): Promise<ReadonlyArray<string>> => {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return []
    await new Promise((next) => void setTimeout(next, 50))
  }
  return [what]
}

const question = <A>(child: ChildProcess, word: string): Promise<A> =>
  new Promise((done, fail) => {
    child.once("exit", () => fail(new Error("the gateway ended")))
    // the probe sends one kind of message
    child.once("message", (value) => done(value as A))
    child.send(word)
  })

/** Handles that are neither the listening socket nor the process's own. */
const connections = ({ handles }: Sample): number => (handles["TCPSocketWrap"] ?? 0) + (handles["TCPConnectWrap"] ?? 0)

export const chaos = (options: ChaosOptions): Effect.Effect<ChaosReport> =>
  Effect.scoped(
    Effect.flatMap(makeFaultyUpstream, (upstream) =>
      Effect.promise(() => drive(options, upstream, random(options.seed)))
    )
  )

const drive = async (options: ChaosOptions, upstream: FaultyUpstream, chance: () => number): Promise<ChaosReport> => {
  const home = await mkdtemp(join(tmpdir(), "claudex-chaos-"))
  const port = await freePort()
  const file = join(home, "claudex.toml")
  await writeFile(file, config(upstream.url, upstream.refusing), { mode: 0o600 })
  const order: GatewayOrder = {
    host: "127.0.0.1",
    port,
    any_port: false,
    allow_remote: false,
    log_level: "error",
    config: file
  }
  const child = spawn(
    process.execPath,
    ["--expose-gc", "--import", `file://${options.probe}`, options.bin, gatewayWord, JSON.stringify(order)],
    {
      cwd: home,
      env: { PATH: process.env["PATH"] ?? "", HOME: home, CLAUDEX_PROXY_TOKEN: token },
      stdio: ["ignore", "ignore", "ignore", "ipc"]
    }
  )
  const headers = { authorization: `Bearer ${token}` }
  const admin = async (path: string): Promise<unknown> =>
    (
      await fetch(`http://127.0.0.1:${port}/claudex/admin/${path}`, { headers: { ...headers, connection: "close" } })
    ).json()
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: "close" } }).then(
      (answer) => answer.ok,
      () => false
    )
  const isIdle = async () => {
    const status = await admin("status")
    return isJsonObject(status) && status["in_flight"] === 0
  }

  const breakerStates = async (): Promise<ReadonlyMap<string, unknown>> => {
    const profiles = await admin("profiles")
    const states = new Map<string, unknown>()
    for (const one of isJsonObject(profiles) && Array.isArray(profiles["profiles"]) ? profiles["profiles"] : [])
      if (isJsonObject(one) && Array.isArray(one["breakers"]))
        for (const breaker of one["breakers"])
          if (isJsonObject(breaker)) states.set(String(one["name"]), breaker["state"])
    return states
  }

  const outcomes: Record<string, number> = {}
  const violations: Array<string> = []
  const ids: Array<string> = []
  let requests = 0

  const client = async (goesOn: () => boolean): Promise<void> => {
    while (goesOn()) {
      requests += 1
      const name = pick(asked, chance(), "steady-chat")
      const stream = chance() < 0.7
      // what never ends is left in the end, as every client does
      const leaveAfter = chance() < 0.15 ? chance() * 300 : patience
      const heard = await ask(port, name, stream, leaveAfter)
      if (heard === undefined || typeof heard === "string") {
        const what = heard ?? "client gone"
        outcomes[what] = (outcomes[what] ?? 0) + 1
        if (heard !== undefined) violations.push(`${name}: ${heard}`)
        continue
      }
      const id = heard.headers["request-id"]
      if (typeof id === "string") ids.push(id)
      const by = String(heard.headers["x-claudex-profile"] ?? name)
      const { kind, wrong } = await judge(heard, stream, by.endsWith("anthropic"))
      outcomes[kind] = (outcomes[kind] ?? 0) + 1
      violations.push(...wrong.map((text) => `${name} (${by}): ${text}`))
      if (name.startsWith("steady") && !["message", "whole message", "handed on"].includes(kind))
        violations.push(`${name} answered ${kind}: ${heard.text.slice(0, 200)}`)
    }
  }
  const load = (goesOn: (count: number, elapsed: number) => boolean) => {
    const started = Date.now()
    const first = requests
    return Promise.all(
      Array.from({ length: options.clients }, () => client(() => goesOn(requests - first, Date.now() - started)))
    )
  }
  const settle = async () => {
    violations.push(...(await until(isIdle, "requests are still under way after all clients are gone")))
    return question<Sample>(child, "sample")
  }

  try {
    violations.push(...(await until(isUp, "the gateway does not answer")))
    let rota: Array<FaultName> = []
    upstream.choose(({ name }) => {
      if (name.startsWith("steady")) return "fine"
      return name === "dead" ? "500" : (rota.pop() ?? drawFault(chance()))
    })
    // what the largest answers took from the system is not given back at once: the level is known when it rises no more
    let before: Sample | undefined
    for (let round = 0; round < options.rounds; round++) {
      rota = [...faultNames, ...faultNames]
      await load((count) => count < options.warmUp)
      const now = await settle()
      const level = before?.rss ?? 0
      if (now.rss > level) before = now
      if (round >= 3 && now.rss <= level * 1.03) break
    }
    if (before === undefined) throw new Error("at least one round is needed")
    await load(options.goesOn)
    let after = await settle()
    const faults = Object.fromEntries(upstream.counts())

    const breakers = await breakerStates()
    if (breakers.get("dead") !== "open")
      violations.push(`the breaker of "dead" is ${String(breakers.get("dead"))}, not open`)
    for (const one of protocols) {
      const state = breakers.get(`steady-${one}`)
      if (state !== "closed" && state !== undefined)
        violations.push(`the breaker of "steady-${one}" is ${String(state)}, not closed`)
    }
    // providers that are well again are believed to be
    upstream.choose(({ name }) => (name === "dead" ? "500" : "fine"))
    const isHealed = async () => {
      for (const name of asked) await ask(port, name, true, patience)
      return [...(await breakerStates())].every(
        ([name, state]) => name === "dead" || name === "refusing" || state === "closed"
      )
    }
    violations.push(...(await until(isHealed, "breakers do not close over providers that are well again")))
    // the allocator gives back what the storm took when it is asked for something again
    for (let round = 0; round < 5 && after.rss > before.rss * 1.1; round++) {
      await load((count) => count < options.warmUp)
      after = await settle()
    }

    // keep-alive connections to the provider may stay; they are bounded by what was under way at once
    if (connections(after) > connections(before) + options.clients)
      violations.push(`${connections(after)} connections are open, ${connections(before)} were before`)
    for (const [handle, count] of Object.entries(after.handles))
      if (!handle.startsWith("TCP") && count > (before.handles[handle] ?? 0) + 2)
        violations.push(`${count} of ${handle}, ${before.handles[handle] ?? 0} before`)
    if (after.fibers > before.fibers) violations.push(`${after.fibers} fibers run, ${before.fibers} did before`)
    if ((after.files ?? 0) > (before.files ?? 0) + options.clients)
      violations.push(`${after.files} files are open, ${before.files} were before`)
    if (after.heap > before.heap * 1.2)
      violations.push(
        `${(after.heap / 1e6).toFixed(0)} MB of objects, ${(before.heap / 1e6).toFixed(0)} MB were before`
      )
    if (after.rss > before.rss * 1.2)
      violations.push(`${(after.rss / 1e6).toFixed(0)} MB are in use, ${(before.rss / 1e6).toFixed(0)} MB were before`)

    const ended = new Promise((done) => child.once("exit", done))
    child.kill("SIGTERM")
    await ended
    const state = join(home, ".local", "state", "claudex")
    const files = (await readdir(state)).filter((name) => /^requests.*\.jsonl$/.test(name))
    const journal = (await Promise.all(files.map((name) => readFile(join(state, name), "utf8")))).join("")
    const kept = journal.split("\n").flatMap((line) => {
      const record = line === "" ? undefined : parsed(line)
      return isJsonObject(record) ? [String(record["id"])] : []
    })
    const known = new Set(kept)
    if (known.size !== kept.length) violations.push("a request has two records")
    const missing = ids.filter((id) => !known.has(id))
    if (missing.length > 0) violations.push(`${missing.length} requests have no record, such as ${missing[0]}`)
    return { requests, outcomes, faults, before, after, violations }
  } finally {
    child.kill("SIGKILL")
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
