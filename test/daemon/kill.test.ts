import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Either, Schema } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { GatewayState } from "../../src/daemon/State.ts"
import { RequestRecord } from "../../src/domain/RequestRecord.ts"
import { eventually, makeUser, runs, type Started, type User } from "../support/claudex.ts"

const folder = "home/.local/state/claudex"
const configPath = "home/.config/claudex/config.toml"
const quick = "#!/bin/sh\necho $ANTHROPIC_BASE_URL\n"

const readRecord = Schema.decodeUnknownEither(Schema.parseJson(RequestRecord))

/** The same numbers in every run: a failing round can be repeated. 0 up to 1. */
const randomFrom = (seed: number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A moment at random: what is tested is that none is special. */
const moment = (longest: number) => new Promise<void>((done) => setTimeout(done, longest))

/** A provider that begins an answer and never ends it. */
const endlessProvider = async (): Promise<number> => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write('data: {"choices":[{"index":0,"delta":{"content":"one"}}]}\n\n')
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close().closeAllConnections())
  // cast: a listening TCP server has an address of this form
  return (server.address() as AddressInfo).port
}

const configOf = (provider: number, retries: number) => `
proxy_port = 0
log_level = "debug"
[resilience]
retries = ${retries}
[log]
max_mb = 0.05
[[profiles]]
name = "slow"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:${provider}/v1"
default_model = "m"
api_key = "k"
`

const order = JSON.stringify({
  host: "127.0.0.1",
  port: 0,
  any_port: true,
  allow_remote: false,
  log_level: "debug"
})

/** The gateway's program itself, without whoever starts it usually: 50 rounds are many. */
const startGateway = (user: User): Started => user.start(["gateway-process", order])

/** Answers its port when it is up. */
const isUp = (user: User, gateway: Started) =>
  eventually(async () => {
    if (gateway.child.exitCode !== null) throw new Error(`the gateway ended: ${(await gateway.ended).stderr}`)
    const state = await user.state()
    return state?.pid === gateway.pid ? state.port : undefined
  })

const ask = async (user: User, port: number, profile: string) => {
  const token = (await user.read(`${folder}/token`)).trim()
  const answer = await fetch(`http://127.0.0.1:${port}/proxy/${profile}/v1/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] })
  })
  return answer.text()
}

/** Requests whose gateway is about to die: that they fail is no fault. */
const disturb = (user: User, port: number, profile: string, count: number) =>
  Promise.allSettled(Array.from({ length: count }, () => ask(user, port, profile)))

interface Round {
  readonly user: User
  readonly provider: number
  readonly random: () => number
}

const journalOf = async (user: User): Promise<ReadonlyArray<string>> =>
  (await user.read(`${folder}/requests.jsonl`)).split("\n").filter((line) => line !== "")

/** What the gateway is doing when it is killed; each answers when the moment is near. */
const phases: Readonly<Record<string, (round: Round, gateway: Started) => Promise<unknown>>> = {
  start: ({ random }) => moment(random() * 500),
  idle: async ({ user }, gateway) => isUp(user, gateway),
  requests: async ({ random, user }, gateway) => {
    const port = await isUp(user, gateway)
    // some are over and written down by then, some are not
    const before = await journalOf(user)
    await disturb(user, port, "demo", 4)
    await eventually(async () => ((await journalOf(user)).length >= before.length + 4 ? true : undefined))
    void disturb(user, port, "demo", 8)
    await moment(random() * 300)
  },
  drain: async ({ random, user }, gateway) => {
    const port = await isUp(user, gateway)
    void disturb(user, port, "slow", 2)
    await moment(random() * 50)
    gateway.child.kill("SIGTERM")
    await moment(random() * 100)
  },
  reload: async ({ provider, random, user }, gateway) => {
    const port = await isUp(user, gateway)
    for (let i = 0; i < 3; i++) {
      await user.write(configPath, configOf(provider, i))
      void disturb(user, port, "demo", 1)
      await moment(random() * 50)
    }
  }
}

/** Everything on disk reads back: what one file lacks may only be the end of a line that was being written. */
const checkFiles = async (user: User) => {
  const state = await user.read(`${folder}/gateway.json`)
  if (state !== "") Schema.decodeUnknownSync(Schema.parseJson(GatewayState))(state)
  expect((await user.read(`${folder}/token`)).trim()).toMatch(/^([\w-]{43})?$/)
  const journal = await journalOf(user)
  const broken = journal.filter((line) => Either.isLeft(readRecord(line)))
  return { records: journal.length - broken.length, broken: broken.length }
}

/** Answers how many records of requests outlived all of it. */
const rounds = async (seed: number, count: number): Promise<number> => {
  const provider = await endlessProvider()
  const user = await makeUser(configOf(provider, 1))
  await user.claude(quick)
  const random = randomFrom(seed)
  const names = Object.keys(phases)
  let records = 0
  for (let i = 0; i < count; i++) {
    const name = names[i % names.length] ?? ""
    const gateway = startGateway(user)
    await phases[name]?.({ user, provider, random }, gateway)
    gateway.child.kill("SIGKILL")
    const ended = await gateway.ended
    // it may have come to its end before, but never with a failure
    expect([name, i, ended.code ?? ended.signal, ended.code === 1 ? ended.stderr : ""]).toEqual([
      name,
      i,
      ended.code === 0 ? 0 : "SIGKILL",
      ""
    ])
    const found = await checkFiles(user)
    expect(found.records).toBeGreaterThanOrEqual(records)
    // at most one torn line for every death
    expect(found.broken).toBeLessThanOrEqual(i + 1)
    records = found.records
    if (i % 8 === 7) {
      expect(await user.run(["config", "validate"])).toMatchObject({ code: 0, stderr: "" })
      const session = await user.run(["run", "demo", "-p", "hi"])
      expect([session.code, session.stderr]).toEqual([0, ""])
      expect(await user.run(["proxy", "stop"])).toMatchObject({ code: 0, stderr: "" })
    }
  }
  const session = await user.run(["run", "demo", "-p", "hi"])
  expect([session.code, session.stderr]).toEqual([0, ""])
  expect((await user.run(["explain", "last"])).code).toBe(0)
  // nothing of the dead is in the way, and only the drafts of files that were being written are left
  const left = (await user.stateFiles()).filter((file) => !/^\..*\.tmp$|^gateway\.log/.test(file))
  expect(left).toEqual(["gateway.json", "requests.jsonl", "token"])
  return records
}

describe("a gateway that is killed at any moment", { timeout: 300_000 }, () => {
  for (const seed of [1, 2]) {
    it(`leaves nothing that keeps the next one from starting, or that cannot be read (seed ${seed})`, async () => {
      // four in each round that waited for them
      expect(await rounds(seed, 25)).toBeGreaterThanOrEqual(20)
    })
  }
})

describe("a hundred sessions that start at the same time", { timeout: 300_000 }, () => {
  it("start exactly one gateway, and none of them fails", async () => {
    const user = await makeUser()
    await user.claude(quick)
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => user.run(["run", "demo", "--version"])))
    expect(outcomes.filter(({ code, stderr }) => code !== 0 || stderr !== "")).toEqual([])
    expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1)
    expect((await user.read(`${folder}/gateway.log`)).match(/The gateway listens/g)).toHaveLength(1)
    const state = await user.state()
    expect(state !== undefined && (await runs(state.pid))).toBe(true)
    expect(await user.stateFiles()).toEqual(["gateway.json", "gateway.log", "token"])
  })
})
