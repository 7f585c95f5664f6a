import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { Schema } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { builtAs } from "../support/build.ts"
import { eventually, makeUser, runs, type State, type User } from "../support/claudex.ts"
import { version } from "../../src/domain/version.ts"
import { Health } from "../../src/gateway/contract.ts"

const quick = "#!/bin/sh\necho $ANTHROPIC_BASE_URL\n"

/** One that shares the contract with this version, and one that does not. */
const compatible = version.replace(/\d+$/, "99")
const incompatible = "99.0.0"

/** A user with a gateway of the given version. */
const withGateway = async (other: string, config = "", env: Readonly<Record<string, string>> = {}) => {
  const user = await makeUser(config)
  await user.claude(quick)
  const program = await builtAs(other, join(user.root, "other"))
  expect(await user.run(["run", "demo", "-p", "hi"], { program, env })).toMatchObject({ code: 0 })
  const before = await stateOf(user)
  expect(before.version).toBe(other)
  return { user, program, before }
}

const stateOf = async (user: User): Promise<State> => {
  const state = await user.state()
  if (state === undefined) throw new Error("no gateway is running")
  return state
}

/** A provider that begins an answer and ends it when told. */
const slowProvider = async () => {
  let end = () => {}
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write('data: {"choices":[{"index":0,"delta":{"content":"one"}}]}\n\n')
    end = () => response.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close().closeAllConnections())
  // cast: a listening TCP server has an address of this form
  const { port } = server.address() as AddressInfo
  const config = `
    [[profiles]]
    name = "slow"
    provider_type = "OpenAICompatible"
    base_url = "http://127.0.0.1:${port}/v1"
    default_model = "m"
    api_key = "k"
  `
  return { config, end: () => end() }
}

const begin = async (user: User) => {
  const { port } = await stateOf(user)
  const token = (await user.read("home/.local/state/claudex/token")).trim()
  const answer = await fetch(`http://127.0.0.1:${port}/proxy/slow/v1/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] })
  })
  return answer.text()
}

const inFlight = async (user: User): Promise<number> => {
  const { port } = await stateOf(user)
  const answer = await fetch(`http://127.0.0.1:${port}/health`)
  return Schema.decodeUnknownSync(Health)(await answer.json()).in_flight ?? 0
}

describe("a gateway of another version", () => {
  for (const other of [compatible, incompatible]) {
    it(`makes way when nobody uses it, and ours answers at its address (${other})`, async () => {
      const { before, user } = await withGateway(other)
      const outcome = await user.run(["run", "demo", "-p", "hi"])
      const after = await stateOf(user)
      expect(outcome).toMatchObject({ code: 0, stdout: `http://127.0.0.1:${before.port}/proxy/demo\n` })
      expect([after.version, after.port]).toEqual([version, before.port])
      expect(await runs(before.pid)).toBe(false)
      const log = await user.read("home/.local/state/claudex/gateway.log")
      expect(log).toContain("A gateway of another version takes over")
      expect(log.match(/The gateway listens/g)).toHaveLength(2)
    })
  }

  it("makes way once, however many sessions start at the same time", async () => {
    const { before, user } = await withGateway(incompatible)
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => user.run(["run", "demo", "-p", "hi"])))
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(outcomes.map(() => [0, ""]))
    expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1)
    expect(await runs(before.pid)).toBe(false)
    const log = await user.read("home/.local/state/claudex/gateway.log")
    expect(log.match(/The gateway listens/g)).toHaveLength(2)
  })

  it("is used as it is while it answers somebody, if we share its contract", async () => {
    const provider = await slowProvider()
    const { before, user } = await withGateway(compatible, provider.config)
    const answer = begin(user)
    await eventually(async () => ((await inFlight(user)) === 1 ? true : undefined))
    expect((await user.run(["run", "demo", "-p", "hi"])).code).toBe(0)
    expect((await stateOf(user)).instance).toBe(before.instance)
    provider.end()
    expect(await answer).toContain("message_stop")
  })

  it("is an error while it answers somebody, if we do not", async () => {
    const provider = await slowProvider()
    const { before, user } = await withGateway(incompatible, provider.config)
    const answer = begin(user)
    await eventually(async () => ((await inFlight(user)) === 1 ? true : undefined))
    const outcome = await user.run(["run", "demo", "-p", "hi"])
    expect(outcome).toMatchObject({ code: 1, stdout: "" })
    expect(outcome.stderr).toContain(`is of claudex ${incompatible}, this is ${version}`)
    expect(outcome.stderr).toContain("Next: claudex proxy stop")
    expect((await stateOf(user)).instance).toBe(before.instance)
    provider.end()
    expect(await answer).toContain("message_stop")
    await eventually(async () => ((await inFlight(user)) === 0 ? true : undefined))
    expect((await user.run(["run", "demo", "-p", "hi"])).code).toBe(0)
    expect((await stateOf(user)).version).toBe(version)
  })

  it("stays when sessions rely on a variable that the one in its place would not have", async () => {
    const { config } = await slowProvider()
    const lent = config.replace('api_key = "k"', 'api_key_env = "LENT_KEY"')
    const { before, user } = await withGateway(compatible, lent, { LENT_KEY: "one" })
    expect((await user.run(["run", "demo", "-p", "hi"])).code).toBe(0)
    expect((await user.run(["run", "demo", "-p", "hi"], { env: { LENT_KEY: "two" } })).code).toBe(0)
    expect((await stateOf(user)).instance).toBe(before.instance)
    expect((await user.run(["run", "demo", "-p", "hi"], { env: { LENT_KEY: "two" } })).code).toBe(0)
    expect((await stateOf(user)).version).toBe(version)
  })

  it("makes way for one in the foreground too", async () => {
    const { before, user } = await withGateway(compatible)
    const gateway = user.start(["proxy", "start"])
    await eventually(async () => ((await user.state())?.pid === gateway.pid ? true : undefined))
    expect(await runs(before.pid)).toBe(false)
    expect((await user.run(["proxy", "stop"])).code).toBe(0)
    expect((await gateway.ended).code).toBe(0)
  })
})
