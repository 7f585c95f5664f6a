import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { version } from "../../src/domain/version.ts"
import { builtAs } from "../support/build.ts"
import { eventually, makeUser, runs, type User } from "../support/claudex.ts"

/** Asks until it gets an answer, and again whenever the test says so, by a file; ends when the file says so. */
const persistent = `
import { appendFileSync, readFileSync, writeFileSync } from "node:fs"
// a session that goes on although it is told to end, and asks nothing
const deaf = process.argv.includes("deaf")
if (deaf) process.on("SIGTERM", (signal) => appendFileSync("deaf", signal))
if (deaf) writeFileSync("deaf", "up ")
const said = () => { try { return readFileSync("said", "utf8") } catch { return "" } }
const pause = () => new Promise((done) => setTimeout(done, 50))
const custom = process.env.ANTHROPIC_CUSTOM_HEADERS.split("\\n").map((line) => line.split(": "))
const ask = () => fetch(process.env.ANTHROPIC_BASE_URL + "/v1/messages", {
  method: "POST",
  headers: { authorization: "Bearer " + process.env.ANTHROPIC_AUTH_TOKEN, ...Object.fromEntries(custom) },
  body: JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] })
}).then(async (answer) => ({ status: answer.status, text: await answer.text() }), () => undefined)
for (let done = ""; done !== "end"; ) {
  const now = said()
  if (now === done) { await pause(); continue }
  done = now
  if (now === "end") break
  if (deaf) continue
  let answer = await ask()
  while (answer === undefined || answer.status !== 200) { await pause(); answer = await ask() }
  writeFileSync("answered", now)
}
`

const listen = async (answer: RequestListener): Promise<number> => {
  const server = createServer(answer)
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close())
  // cast: a listening TCP server has an address of this form
  return (server.address() as AddressInfo).port
}

const env = { LENT_KEY: "key-of-this-session" }

const answer = JSON.stringify({ choices: [{ index: 0, message: { content: "hello" }, finish_reason: "stop" }] })

/** A provider that knows one key, and a user who has it in one session only: of this version, or another. */
const withSession = async (another?: string) => {
  const provider = await listen((request, response) => {
    response.statusCode = request.headers.authorization === "Bearer key-of-this-session" ? 200 : 401
    response.setHeader("content-type", "application/json").end(response.statusCode === 200 ? answer : "{}")
  })
  const user = await makeUser(`
    log_level = "debug"
    [[profiles]]
    name = "lent"
    provider_type = "OpenAICompatible"
    base_url = "http://127.0.0.1:${provider}/v1"
    default_model = "m"
    api_key_env = "LENT_KEY"
  `)
  await user.claude('#!/bin/sh\n[ "$2" = hi ] || exec node "$0.mjs" "$@"\n')
  await user.write("bin/claude.mjs", persistent)
  await user.write("work/said", "one")
  const other = another === undefined ? {} : { program: await builtAs(another, join(user.root, "other")) }
  const session = user.start(["run", "lent", "-p", "long"], { env, ...other })
  const answered = (word: string) =>
    eventually(async () => ((await user.read("work/answered")) === word ? true : undefined))
  const ask = async (word: string) => {
    await user.write("work/said", word)
    await answered(word)
  }
  await answered("one")
  const lent = async () => {
    const log = await user.read("home/.local/state/claudex/gateway.log")
    return [...log.matchAll(/PUT \/claudex\/environment 200/g)].length
  }
  return { user, session, ask, lent }
}

const running = async (user: User) => {
  const state = await user.state()
  if (state === undefined) throw new Error("no gateway runs")
  return state
}

/** It answers a moment before it says where. */
const replaced = (user: User, former: string) =>
  eventually(async () => {
    const state = await user.state()
    return state === undefined || state.instance === former ? undefined : state
  })

const gone = (pid: number) => eventually(async () => ((await runs(pid)) ? undefined : true))

describe("a session whose gateway", { timeout: 120_000 }, () => {
  it("was killed goes on by itself, with its own key, at the same address", async () => {
    const { ask, session, user } = await withSession()
    const before = await running(user)
    process.kill(before.pid, "SIGKILL")
    await gone(before.pid)
    await ask("two")
    const after = await replaced(user, before.instance)
    expect(after.port).toBe(before.port)
    const log = await user.read("home/.local/state/claudex/gateway.log")
    expect(log).toContain(`The gateway before this one (process ${before.pid}) ended without being told to`)
    await user.write("work/said", "end")
    expect(await session.ended).toEqual({ code: 0, signal: null, stdout: "", stderr: "" })
  })

  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    it(`was ended by ${signal} goes on by itself, at the same address`, async () => {
      const { ask, session, user } = await withSession()
      const before = await running(user)
      process.kill(before.pid, signal)
      await gone(before.pid)
      await ask("two")
      expect((await replaced(user, before.instance)).port).toBe(before.port)
      await user.write("work/said", "end")
      expect(await session.ended).toEqual({ code: 0, signal: null, stdout: "", stderr: "" })
    })
  }

  it("was ended, as the session was told to, leaves it to others to start one", async () => {
    const { ask, lent, session, user } = await withSession()
    const told = user.start(["run", "lent", "-p", "deaf"], { env })
    await eventually(async () => ((await user.read("work/deaf")) === "" ? undefined : true))
    expect(await lent()).toBe(2)
    told.child.kill("SIGTERM")
    await eventually(async () => ((await user.read("work/deaf")).includes("SIGTERM") ? true : undefined))
    for (const word of ["two", "three"]) {
      const before = await running(user)
      process.kill(before.pid, "SIGTERM")
      await gone(before.pid)
      await replaced(user, before.instance)
      await ask(word)
    }
    expect(await lent()).toBe(4)
    await user.write("work/said", "end")
    expect((await session.ended).code).toBe(0)
    expect((await told.ended).code).toBe(0)
  })

  it("was stopped waits for the next one, which another session starts, and lends it its key", async () => {
    const { ask, session, user } = await withSession()
    const { port } = await running(user)
    await user.run(["proxy", "stop"])
    await user.write(
      "home/.config/claudex/config.toml",
      (await user.read("home/.config/claudex/config.toml")).replace("proxy_port = 0", `proxy_port = ${port}`)
    )
    expect((await user.run(["run", "demo", "-p", "hi"])).code).toBe(0)
    await ask("two")
    const log = await user.read("home/.local/state/claudex/gateway.log")
    expect(log.match(/The gateway listens/g)).toHaveLength(2)
    expect(log).not.toContain("ended without being told to")
    await user.write("work/said", "end")
    expect(await session.ended).toMatchObject({ code: 0, stdout: "", stderr: "" })
  })

  it("is shared with one that has another key goes on with its own", async () => {
    const { ask, session, user } = await withSession()
    const other = { LENT_KEY: "key-of-another-session" }
    expect((await user.run(["run", "lent", "-p", "hi"], { env: other })).code).toBe(0)
    await ask("two")
    const before = await running(user)
    process.kill(before.pid, "SIGKILL")
    await gone(before.pid)
    expect((await user.run(["run", "lent", "-p", "hi"], { env: other })).code).toBe(0)
    await ask("three")
    await user.write("work/said", "end")
    expect(await session.ended).toMatchObject({ code: 0, stderr: "" })
  })

  it("was killed, and that is looked after by many, goes on with one", async () => {
    const { ask, session, user } = await withSession()
    const others = Array.from({ length: 4 }, () => user.start(["run", "lent", "-p", "long"], { env }))
    await ask("two")
    const before = await running(user)
    process.kill(before.pid, "SIGKILL")
    await gone(before.pid)
    await ask("three")
    await user.write("work/said", "end")
    const outcomes = await Promise.all([session, ...others].map(({ ended }) => ended))
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(outcomes.map(() => [0, ""]))
    const after = await replaced(user, before.instance)
    expect([after.port, await runs(after.pid)]).toEqual([before.port, true])
    const log = await user.read("home/.local/state/claudex/gateway.log")
    expect(log.match(/The gateway listens/g)).toHaveLength(2)
  })

  it("made way for one of another version lends that its key, and does not replace it in its turn", async () => {
    const { ask, lent, session, user } = await withSession(version.replace(/\d+$/, "99"))
    const log = () => user.read("home/.local/state/claudex/gateway.log")
    await eventually(async () => ((await lent()) === 1 ? true : undefined))
    expect((await user.run(["run", "demo", "-p", "hi"], { env })).code).toBe(0)
    const gateway = await running(user)
    expect(gateway.version).toBe(version)
    // by the new session, and then by the one that was there before
    await eventually(async () => ((await lent()) >= 3 ? true : undefined))
    await ask("two")
    expect(await running(user)).toEqual(gateway)
    expect((await log()).match(/The gateway listens/g)).toHaveLength(2)
    await user.write("work/said", "end")
    expect(await session.ended).toMatchObject({ code: 0, stderr: "" })
  })
})
