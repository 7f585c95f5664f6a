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
import { streamViolations, prefixViolations } from "../../src/testing/anthropicGrammar.ts"
import { drawFault, faultNames, type FaultyWire } from "../../src/testing/faults.ts"
import { type FaultyUpstream, makeFaultyUpstream } from "../../src/testing/faultyUpstream.node.ts"
import { isJsonObject } from "../../src/testing/json.ts"

export interface Sample {
  readonly rss: number
  readonly heap: number
  readonly handles: Readonly<Record<string, number>>
}

export interface ChaosOptions {
  readonly bin: string
  /** The bundled probe. */
  readonly probe: string
  readonly clients: number
  readonly seed: number
  /** Requests before the level is taken that the end is compared with: a gateway that has just begun holds less. */
  readonly warmUp: number
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

const types: { readonly [protocol in FaultyWire]: string } = {
  chat: "OpenAICompatible",
  responses: "OpenAIResponses",
  anthropic: "DirectAnthropic"
}
const protocols: ReadonlyArray<FaultyWire> = ["chat", "responses", "anthropic"]

const profile = (name: string, protocol: FaultyWire, address: string, more = "") => `
[[profiles]]
name = "${name}"
provider_type = "${types[protocol]}"
base_url = "${address}/${name}"
api_key = "key"
default_model = "m"
${more}`

/** A busy machine is no fault of a provider that never fails. */
const patient = "timeouts = { first_byte_seconds = 60, idle_seconds = 60 }"

/** Each protocol alone, and with backups; one that nobody listens for, one that always fails, one that never does. */
const config = (upstream: string, nowhere: string) => `
proxy_port = 0
[timeouts]
connect_seconds = 2
first_byte_seconds = 2
idle_seconds = 1
[resilience]
open_seconds = 0.2
max_open_seconds = 0.5
[journal]
max_mb = 4096
[health]
# its looks would be counted among what is left behind
enabled = false
${protocols.map((one) => profile(`alone-${one}`, one, upstream)).join("")}
${protocols.map((one) => profile(`backed-${one}`, one, upstream, `backup_providers = ["alone-chat", "steady-${one}"]`)).join("")}
${protocols.map((one) => profile(`steady-${one}`, one, upstream, patient)).join("")}
${profile("dead", "chat", upstream, "resilience = { open_seconds = 600, max_open_seconds = 600 }")}
${profile("refusing", "responses", nowhere, 'backup_providers = ["steady-chat"]')}
`

const asked = [...protocols.flatMap((one) => [`alone-${one}`, `backed-${one}`, `steady-${one}`]), "dead", "refusing"]

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => done(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

interface Heard {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly text: string
  readonly complete: boolean
}

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

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What kind of answer it is, and what is wrong with it. */
const judge = ({ complete, headers, status, text }: Heard, stream: boolean, passed: boolean) => {
  const isStream = (headers["content-type"] ?? "").startsWith("text/event-stream")
  // a provider of the client's own protocol may stream whatever was asked: that is handed on
  if (isStream && !stream && !passed) return { kind: "?", wrong: ["a stream for a client that wants a whole answer"] }
  if (isStream) {
    // handed on as it came: what the provider wrote is the provider's; it must not look finished when it is not
    if (passed) return { kind: complete ? "handed on" : "cut", wrong: [] }
    const wrong = complete ? streamViolations(text) : prefixViolations(text)
    const failed = text.includes("event: error\n")
    return {
      kind: failed ? "error event" : "message",
      wrong: complete ? wrong : ["a translated stream was cut", ...wrong]
    }
  }
  const body = parsed(text)
  if (status >= 400) {
    const error = isJsonObject(body) ? body["error"] : undefined
    const fine = isJsonObject(error) && typeof error["type"] === "string" && typeof error["message"] === "string"
    return {
      kind: String(status),
      wrong: fine || passed ? [] : [`${status} without an error in Anthropic's shape: ${text.slice(0, 200)}`]
    }
  }
  const fine = isJsonObject(body) && body["type"] === "message"
  return { kind: "whole message", wrong: fine || passed ? [] : [`a success that is no message: ${text.slice(0, 200)}`] }
}

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
      const { kind, wrong } = judge(heard, stream, by.endsWith("anthropic"))
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
    // each of them before the level is taken: what the largest answer took from the system is not given back at once
    const rota = [...faultNames, ...faultNames]
    upstream.choose(({ name }) => {
      if (name.startsWith("steady")) return "fine"
      return name === "dead" ? "500" : (rota.pop() ?? drawFault(chance()))
    })
    await load((count) => count < options.warmUp)
    const before = await settle()
    await load(options.goesOn)
    const after = await settle()
    const faults = Object.fromEntries(upstream.counts())

    const profiles = await admin("profiles")
    const breakers = new Map<string, unknown>()
    for (const one of isJsonObject(profiles) && Array.isArray(profiles["profiles"]) ? profiles["profiles"] : [])
      if (isJsonObject(one) && Array.isArray(one["breakers"]))
        for (const breaker of one["breakers"])
          if (isJsonObject(breaker)) breakers.set(String(one["name"]), breaker["state"])
    if (breakers.get("dead") !== "open")
      violations.push(`the breaker of "dead" is ${String(breakers.get("dead"))}, not open`)
    for (const one of protocols) {
      const state = breakers.get(`steady-${one}`)
      if (state !== "closed" && state !== undefined)
        violations.push(`the breaker of "steady-${one}" is ${String(state)}, not closed`)
    }
    // keep-alive connections to the provider may stay; they are bounded by what was under way at once
    if (connections(after) > connections(before) + options.clients)
      violations.push(`${connections(after)} connections are open, ${connections(before)} were before`)
    for (const [handle, count] of Object.entries(after.handles))
      if (!handle.startsWith("TCP") && count > (before.handles[handle] ?? 0) + 2)
        violations.push(`${count} of ${handle}, ${before.handles[handle] ?? 0} before`)
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
