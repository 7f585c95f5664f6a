/** What is measured, and against which budget. Each measure warms both sides up and then takes turns between them. */
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chat, claudeCode, small, word, words } from "./bodies.ts"
import { median, type Bench, type Job, type ProfileName, type Spoken, type Target } from "./harness.ts"

/** One line of the table. */
export interface Row {
  readonly label: string
  readonly claudex: string
  readonly baseline: string
  /** The number that the budget is about. */
  readonly value: number
  readonly shown: string
  readonly budget?: number
  readonly budgetText: string
}

export interface Pace {
  readonly quick: boolean
}

export interface Measure {
  readonly name: string
  readonly run: (bench: Bench, bin: string, pace: Pace) => Promise<Row>
}

type Work = Omit<Job, "url" | "headers" | "count"> & { readonly profile: ProfileName }

interface Sizes {
  /** Requests per round. */
  readonly count: number
  /** Things that are counted in one request. */
  readonly items: number
  /** Requests before the first round: until the compiler of the engine has settled. */
  readonly warmUp: number
}

/** Short streams until the compiler of the engine has settled: what opens and ends a stream runs too seldom else. */
const settle = async (bench: Bench, spoken: Spoken, count: number): Promise<void> => {
  for (const target of [bench.baseline, bench.claudex]) {
    const url = target.url(`${spoken}-burst-1`)
    await bench.run({ url, headers: bench.headers, body: small(true), count, concurrency: 8, answer: "events" })
  }
}

/** CPU of the gateway process per item. */
const cpu =
  (label: string, work: (bench: Bench) => Work, sizes: Sizes) =>
  async (bench: Bench, budget: number | undefined, rounds: number): Promise<Row> => {
    const { profile, ...rest } = work(bench)
    const spent = async (target: Target, count: number): Promise<number> => {
      const before = await target.sample()
      await bench.run({ ...rest, url: target.url(profile), headers: bench.headers, count })
      const after = await target.sample()
      return (after.cpuMicros - before.cpuMicros) / (count * sizes.items)
    }
    await spent(bench.baseline, sizes.warmUp)
    await spent(bench.claudex, sizes.warmUp)
    const ours: Array<number> = []
    const theirs: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      theirs.push(await spent(bench.baseline, sizes.count))
      ours.push(await spent(bench.claudex, sizes.count))
    }
    const value = median(ours) / median(theirs)
    return {
      label,
      claudex: `${median(ours).toFixed(1)} µs`,
      baseline: `${median(theirs).toFixed(1)} µs`,
      value,
      shown: `${value.toFixed(2)}×`,
      ...(budget === undefined ? {} : { budget }),
      budgetText: budget === undefined ? "-" : `≤ ${budget}×`
    }
  }

const requests: Measure = {
  name: "small",
  run: (bench, _bin, { quick }) => {
    const work = (): Work => ({
      profile: "chat-whole",
      body: small(false),
      concurrency: 8,
      answer: "message",
      expected: word(0)
    })
    return cpu("CPU per small whole request", work, {
      count: quick ? 300 : 800,
      items: 1,
      warmUp: quick ? 1_500 : 5_000
    })(bench, 2.5, quick ? 3 : 7)
  }
}

const bodies: Measure = {
  name: "body",
  run: (bench, _bin, { quick }) => {
    const body = claudeCode(bench.root)
    const work = (): Work => ({ profile: "chat-whole", body, concurrency: 4, answer: "message", expected: word(0) })
    const label = `CPU per ${Math.round(Buffer.byteLength(body) / 1000)} kB Claude Code body`
    return cpu(label, work, { count: quick ? 80 : 200, items: 1, warmUp: quick ? 500 : 2_000 })(bench, 2, quick ? 3 : 7)
  }
}

/** CPU per chunk of many streams at once, each chunk alone. */
const paced = (name: string, spoken: Spoken, label: string, budget: number): Measure => ({
  name,
  run: async (bench, _bin, { quick }) => {
    const items = quick ? 250 : 500
    const expected = words(items)
    const work = (): Work => ({
      profile: `${spoken}-paced-${items}`,
      body: small(true),
      concurrency: 20,
      answer: "events",
      expected
    })
    await settle(bench, spoken, quick ? 1_000 : 3_000)
    return cpu(`CPU per paced chunk${label} (20 streams, one per 4 ms)`, work, { count: 20, items, warmUp: 60 })(
      bench,
      budget,
      quick ? 3 : 9
    )
  }
})

const burst: Measure = {
  name: "burst",
  run: (bench, _bin, { quick }) => {
    const expected = words(1_000)
    const work = (): Work => ({
      profile: "chat-burst-1000",
      body: small(true),
      concurrency: 4,
      answer: "events",
      expected
    })
    return cpu("CPU per burst chunk", work, { count: quick ? 20 : 40, items: 1_000, warmUp: 40 })(
      bench,
      undefined,
      quick ? 3 : 5
    )
  }
}

const paths: Readonly<Record<Spoken, string>> = {
  chat: "chat/completions",
  responses: "responses",
  pass: "v1/messages"
}

const firstByte = (name: string, spoken: Spoken, label: string): Measure => ({
  name,
  run: async (bench, _bin, { quick }) => {
    const one = async (url: string, body: string): Promise<number> => {
      const job: Job = { url, headers: bench.headers, body, count: 1, concurrency: 1, answer: "any", pauseMs: 2 }
      return (await bench.run(job))[0] ?? Number.NaN
    }
    await settle(bench, spoken, quick ? 1_000 : 3_000)
    const direct: Array<number> = []
    const ours: Array<number> = []
    const theirs: Array<number> = []
    const warmUp = 50
    for (let round = 0; round < warmUp + (quick ? 100 : 300); round++) {
      // a short stream: the connection is idle again before the next one starts
      const straight = await one(`${bench.upstream}/burst/1/${paths[spoken]}`, chat)
      const hand = await one(bench.baseline.url(`${spoken}-burst-1`), small(true))
      const own = await one(bench.claudex.url(`${spoken}-burst-1`), small(true))
      if (round < warmUp) continue
      direct.push(straight)
      theirs.push(hand)
      ours.push(own)
    }
    const value = median(ours) - median(direct)
    return {
      label: `Added time to first byte${label}, p50 (provider ${median(direct).toFixed(2)} ms)`,
      claudex: `+${value.toFixed(2)} ms`,
      baseline: `+${(median(theirs) - median(direct)).toFixed(2)} ms`,
      value,
      shown: `+${value.toFixed(2)} ms`,
      budget: 1.5,
      budgetText: "≤ 1.5 ms"
    }
  }
})

const wall = (args: ReadonlyArray<string>, home: string): Promise<number> =>
  new Promise((done, fail) => {
    const started = performance.now()
    const options = { cwd: home, env: { HOME: home, PATH: process.env.PATH } }
    execFile(process.execPath, args, options, (error) =>
      error === null ? done(performance.now() - started) : fail(error)
    )
  })

/** Someone with two profiles. */
const settings = ["one", "two"]
  .map((name) => `[[profiles]]\nname = "${name}"\nbase_url = "http://127.0.0.1:9"\ndefault_model = "m"\n`)
  .join("\n")

const startOf = (name: string, line: ReadonlyArray<string>, budget: number): Measure => ({
  name,
  run: async (_bench, bin, { quick }) => {
    const home = await mkdtemp(join(tmpdir(), "claudex-bench-"))
    await mkdir(join(home, ".config/claudex"), { recursive: true })
    await writeFile(join(home, ".config/claudex/config.toml"), settings)
    const ours: Array<number> = []
    const empty: Array<number> = []
    for (let round = 0; round < (quick ? 9 : 31); round++) {
      empty.push(await wall(["-e", "0"], home))
      ours.push(await wall([bin, ...line], home))
    }
    await rm(home, { recursive: true, force: true })
    const value = median(ours) / median(empty)
    return {
      label: `Start: claudex ${line.join(" ")} against node -e 0`,
      claudex: `${median(ours).toFixed(0)} ms`,
      baseline: `${median(empty).toFixed(0)} ms`,
      value,
      shown: `${value.toFixed(2)}×`,
      budget,
      budgetText: `≤ ${budget}×`
    }
  }
})

const start = startOf("start", ["--version"], 2.5)

/**
 * What every command costs that reads the configuration: the runtime, the parser of words, the schema. With all of it
 * compiled beforehand, Effect and its FileSystem alone take twice as long as nothing to read a file; with Schema, and what
 * it makes of a configuration, it is 3.5 times.
 */
const listing = startOf("start-list", ["profile", "list"], 6)

/** As `ps` and `top` count them. */
const megabytes = (bytes: number): number => bytes / 2 ** 20

/** Runs first: a gateway that has served one request of each kind and rests. */
const idle: Measure = {
  name: "rss",
  run: async (bench) => {
    const resident = async (target: Target): Promise<number> => {
      const job = { headers: bench.headers, count: 1, concurrency: 1 }
      await bench.run({ ...job, url: target.url("chat-whole"), body: small(false), answer: "message" })
      await bench.run({ ...job, url: target.url("chat-burst-1"), body: small(true), answer: "events" })
      return megabytes((await target.sample()).rssBytes)
    }
    const theirs = await resident(bench.baseline)
    const value = await resident(bench.claudex)
    return {
      label: "Idle memory (RSS)",
      claudex: `${value.toFixed(0)} MB`,
      baseline: `${theirs.toFixed(0)} MB`,
      value,
      shown: `${(value / theirs).toFixed(2)}×`,
      budget: 80,
      budgetText: "≤ 80 MB"
    }
  }
}

/** Runs last: its peak stays with the process. */
const large: Measure = {
  name: "large",
  run: async (bench) => {
    const size = 32_000_000
    const text = "a line of a file that somebody pasted\n".repeat(Math.floor(size / 39))
    const body = JSON.stringify({ model: "bench-model", max_tokens: 100, messages: [{ role: "user", content: text }] })
    const extra = async (target: Target): Promise<number> => {
      const before = await target.sample()
      const job = { headers: bench.headers, body, count: 1, concurrency: 1 }
      await bench.run({ ...job, url: target.url("chat-whole"), answer: "message", expected: word(0) })
      return ((await target.sample()).peakRssBytes - before.rssBytes) / Buffer.byteLength(body)
    }
    const theirs = await extra(bench.baseline)
    const value = await extra(bench.claudex)
    return {
      label: `Extra memory for a ${Math.round(Buffer.byteLength(body) / 1e6)} MB body, in times its size`,
      claudex: `${value.toFixed(1)}×`,
      baseline: `${theirs.toFixed(1)}×`,
      value,
      shown: `${value.toFixed(1)}×`,
      budget: 6,
      budgetText: "≤ 6×"
    }
  }
}

export const measures: ReadonlyArray<Measure> = [
  idle,
  requests,
  bodies,
  paced("paced", "chat", "", 1.8),
  paced("paced-responses", "responses", " of Responses", 1.8),
  paced("paced-pass", "pass", " passed through", 1.3),
  burst,
  firstByte("ttfb", "chat", ""),
  firstByte("ttfb-responses", "responses", " of Responses"),
  firstByte("ttfb-pass", "pass", " passed through"),
  start,
  listing,
  large
]
