/** Starts the programs, gives them work, reads what they used. Everything that is measured runs in its own process. */
import { spawn, type ChildProcess } from "node:child_process"
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { gatewayWord } from "../src/daemon/gatewayWord.ts"
import type { GatewayOrder } from "../src/daemon/spawnGateway.ts"

/** What a process has used since it began. */
export interface Sample {
  readonly cpuMicros: number
  readonly rssBytes: number
  readonly peakRssBytes: number
}

/** A piece of work for the client: `count` requests, at most `concurrency` at once. */
export interface Job {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  readonly count: number
  readonly concurrency: number
  /** What kind of answer it must be: an Anthropic message, Anthropic events, or anything. */
  readonly answer: "message" | "events" | "any"
  /** The text that the first answer must hold. */
  readonly expected?: string
  /** Rest after each request. */
  readonly pauseMs?: number
}

export type JobResult =
  | { readonly ok: true; readonly elapsedMs: number; readonly firstByteMs: ReadonlyArray<number> }
  | { readonly ok: false; readonly message: string }

/** A gateway under test. */
export interface Target {
  readonly name: string
  readonly url: (profile: ProfileName) => string
  readonly sample: () => Promise<Sample>
}

export interface Bench {
  readonly root: string
  readonly claudex: Target
  readonly baseline: Target
  readonly upstream: string
  readonly headers: { readonly [name: string]: string }
  readonly run: (job: Job) => Promise<ReadonlyArray<number>>
}

/** How a profile's provider is spoken to. */
const types = { chat: "OpenAICompatible", responses: "OpenAIResponses", pass: "DirectAnthropic" }
export type Spoken = keyof typeof types

const answers = ["whole", "burst-1", "burst-1000", "paced-250", "paced-500"] as const

/** A profile for each protocol and each way to answer. */
export type ProfileName = `${Spoken}-${(typeof answers)[number]}`

const token = "bench-token-of-32-characters-0000"

const message = <A>(child: ChildProcess, name: string): Promise<A> =>
  new Promise((done, fail) => {
    const ended = (): void => fail(new Error(`${name} ended`))
    child.once("exit", ended)
    child.once("message", (value) => {
      child.off("exit", ended)
      // each program sends one kind of message, declared where it is read
      done(value as A)
    })
  })

const ask = <A>(child: ChildProcess, name: string, question: object | string): Promise<A> => {
  const answer = message<A>(child, name)
  child.send(question)
  return answer
}

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => done(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const config = (upstream: string): string =>
  Object.entries(types)
    .flatMap(([spoken, type]) =>
      answers.map((answer) =>
        [
          "[[profiles]]",
          `name = "${spoken}-${answer}"`,
          `provider_type = "${type}"`,
          `base_url = "${upstream}/${answer.replaceAll("-", "/")}"`,
          `api_key = "key"`,
          `default_model = "bench-model"`
        ].join("\n")
      )
    )
    .join("\n\n")

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/health`).then(
    (response) => response.ok,
    () => false
  )

const until = async (condition: () => Promise<boolean>, fail: () => Error): Promise<void> => {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) return
    await new Promise((next) => void setTimeout(next, 50))
  }
  throw fail()
}

/** Starts everything, hands it to `use`, and ends everything. `programs` holds the bundled bench programs. */
export const withBench = async <A>(
  root: string,
  programs: string,
  bin: string,
  use: (bench: Bench) => Promise<A>
): Promise<A> => {
  const home = mkdtempSync(join(tmpdir(), "claudex-bench-"))
  const children: Array<ChildProcess> = []
  const probe = `--import=${pathToFileURL(join(programs, "probe.js")).href}`
  const start = (file: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): ChildProcess => {
    const log = openSync(join(home, "log"), "a")
    const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", log, log, "ipc"], env, cwd: home })
    children.push(child)
    return child
  }
  const target = (name: string, child: ChildProcess, base: string): Target => ({
    name,
    url: (profile) => `${base}/proxy/${profile}/v1/messages`,
    sample: () => ask<Sample>(child, name, "sample")
  })
  try {
    const plain = { PATH: process.env.PATH ?? "" }
    const upstreamPort = await message<number>(start(join(programs, "upstream.js"), [], plain), "the upstream")
    const upstream = `http://127.0.0.1:${upstreamPort}`
    const load = start(join(programs, "load.js"), [], plain)
    await message(load, "the client")

    const handMade = start(join(programs, "baseline.js"), [], {
      ...plain,
      NODE_OPTIONS: probe,
      BASELINE_UPSTREAM: upstream,
      BASELINE_TOKEN: token
    })
    const baselinePort = await message<number>(handMade, "the baseline")

    writeFileSync(join(home, "claudex.toml"), `${config(upstream)}\n`, { mode: 0o600 })
    const port = await freePort()
    // the background gateway, started the way `claudex run` starts it
    const order: GatewayOrder = {
      host: "127.0.0.1",
      port,
      any_port: false,
      allow_remote: false,
      log_level: "info",
      config: join(home, "claudex.toml")
    }
    const gateway = start(bin, [gatewayWord, JSON.stringify(order)], {
      ...plain,
      HOME: home,
      CLAUDEX_PROXY_TOKEN: token,
      NODE_OPTIONS: probe
    })
    const url = `http://127.0.0.1:${port}`
    await until(
      () => (gateway.exitCode === null ? isUp(url) : Promise.resolve(true)),
      () => new Error("the gateway does not answer")
    )
    if (gateway.exitCode !== null) throw new Error(`the gateway ended:\n${readFileSync(join(home, "log"), "utf8")}`)

    return await use({
      root,
      upstream,
      headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": token },
      claudex: target("claudex", gateway, url),
      baseline: target("baseline", handMade, `http://127.0.0.1:${baselinePort}`),
      run: async (job) => {
        const result = await ask<JobResult>(load, "the client", job)
        if (!result.ok) throw new Error(`${result.message}\n${readFileSync(join(home, "log"), "utf8").slice(-1_000)}`)
        return result.firstByteMs
      }
    })
  } finally {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = new Promise((done) => child.once("exit", done))
      child.kill("SIGKILL")
      await gone
    }
    rmSync(home, { recursive: true, force: true })
  }
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
