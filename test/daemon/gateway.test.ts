import { execFileSync } from "node:child_process"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { readdir, readlink, stat } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { eventually, makeUser, runs, type State, type User } from "../support/claudex.ts"

/** Writes where it was led to, then waits until a file named `go-<first argument>` appears, and asks the gateway. */
const patient = `
const fs = require("node:fs")
const [name] = process.argv.slice(3)
const at = (file) => process.env.HOME + "/" + file
fs.writeFileSync(at("started-" + name), process.env.ANTHROPIC_BASE_URL)
const timer = setInterval(async () => {
  if (!fs.existsSync(at("go-" + name))) return
  clearInterval(timer)
  const headers = { authorization: "Bearer " + process.env.ANTHROPIC_AUTH_TOKEN }
  const answer = await fetch(process.env.ANTHROPIC_BASE_URL + "/v1/models", { headers })
  console.log(answer.status)
}, 20)
`

const quick = "#!/bin/sh\necho $ANTHROPIC_BASE_URL\n"

const running = async (user: User): Promise<State> => {
  const state = await user.state()
  if (state === undefined) throw new Error("no gateway is running")
  return state
}

const started = async (config = "") => {
  const user = await makeUser(config)
  await user.claude(quick)
  return user
}

/** A free port, which nobody else is likely to take in the next seconds. */
const freePort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      // cast: a listening TCP server has an address of this form
      const { port } = server.address() as AddressInfo
      server.close(() => done(port))
    })
  })

describe("the background gateway", () => {
  it("is started by the first run, once, and used by all later ones", async () => {
    const user = await started()
    const first = await user.run(["run", "demo", "-p", "hi"])
    const { instance, port } = await running(user)
    expect(first.stdout).toBe(`http://127.0.0.1:${port}/proxy/demo\n`)
    const second = await user.run(["run", "demo", "-p", "hi"])
    expect(second.stdout).toBe(first.stdout)
    expect((await running(user)).instance).toBe(instance)
  })

  it("is one, however many sessions start at the same time", async () => {
    const user = await started()
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => user.run(["run", "demo", "-p", "hi"])))
    expect(outcomes.map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 0))
    expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1)
    const log = await user.read("home/.local/state/claudex/gateway.log")
    expect(log.match(/The gateway listens/g)).toHaveLength(1)
    expect(await user.stateFiles()).toEqual(["gateway.json", "gateway.log", "token"])
  })

  it("outlives the session that started it, and serves the others on", async () => {
    const user = await makeUser()
    await user.claude(patient)
    const [one, two] = ["one", "two"].map((name) => user.start(["run", "demo", "-p", name]))
    await eventually(async () => ((await user.read("home/started-one")) === "" ? undefined : true))
    await eventually(async () => ((await user.read("home/started-two")) === "" ? undefined : true))
    await user.write("home/go-one", "")
    expect(await one?.ended).toMatchObject({ code: 0, stdout: "200\n" })
    await user.write("home/go-two", "")
    expect(await two?.ended).toMatchObject({ code: 0, stdout: "200\n" })
    expect(await runs((await running(user)).pid)).toBe(true)
  })

  it("has a session of its own without a terminal, stands in the home directory and keeps no file of its starter", async () => {
    const user = await started()
    await user.run(["run", "demo", "-p", "hi"])
    const { pid } = await running(user)
    const [sid, group, tty] = execFileSync("ps", ["-o", "sid=,pgid=,tty=", "-p", String(pid)], { encoding: "utf8" })
      .trim()
      .split(/\s+/)
    expect([sid, group]).toEqual([String(pid), String(pid)])
    expect(tty).toBe("?")
    expect(await readlink(`/proc/${pid}/cwd`)).toBe(user.home)
    const files = await Promise.all([0, 1, 2].map((fd) => readlink(`/proc/${pid}/fd/${fd}`)))
    const log = join(user.stateDir, "gateway.log")
    expect(files).toEqual(["/dev/null", log, log])
  })

  it("survives the signals that a closing terminal sends to its starter's group", async () => {
    const user = await makeUser()
    await user.claude(patient)
    const session = user.start(["run", "demo", "-p", "one"], { group: true })
    await eventually(async () => ((await user.read("home/started-one")) === "" ? undefined : true))
    const { pid } = await running(user)
    process.kill(-session.pid, "SIGHUP")
    await session.ended
    expect(await runs(pid)).toBe(true)
  })

  it("leaves only the token and the log when it is stopped, and a second stop finds nothing to do", async () => {
    const user = await started()
    await user.run(["run", "demo", "-p", "hi"])
    const { pid } = await running(user)
    const stopped = await user.run(["proxy", "stop"])
    expect(stopped).toEqual({
      code: 0,
      signal: null,
      stdout: `The gateway (process ${pid}) has stopped.\n`,
      stderr: ""
    })
    expect(await runs(pid)).toBe(false)
    expect(await user.stateFiles()).toEqual(["gateway.log", "token"])
    expect(await user.run(["proxy", "stop"])).toMatchObject({ code: 0, stdout: "The gateway does not run.\n" })
  })

  it("goes in order when it is sent SIGINT", async () => {
    const user = await started()
    await user.run(["proxy", "start", "-d"])
    const { pid } = await running(user)
    process.kill(pid, "SIGINT")
    await eventually(async () => ((await runs(pid)) ? undefined : true))
    expect(await user.stateFiles()).toEqual(["gateway.log", "token"])
  })

  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    it(`goes in order when it is sent ${signal}, says so, and is in nobody's way`, async () => {
      const user = await started()
      await user.run(["proxy", "start", "-d"])
      const before = await running(user)
      process.kill(before.pid, signal)
      await eventually(async () => ((await runs(before.pid)) ? undefined : true))
      expect(await running(user)).toEqual({ ...before, ended: signal })
      expect((await user.run(["proxy", "status"])).code).toBe(1)
      const doctor = await user.run(["doctor"])
      expect(doctor.stdout).toMatch(/ok +gateway +does not run/)
      expect((await user.run(["run", "demo", "-p", "hi"])).code).toBe(0)
      expect((await running(user)).port).toBe(before.port)
      const log = await user.read("home/.local/state/claudex/gateway.log")
      expect(log).toContain(`The gateway before this one (process ${before.pid}) ended because it was sent ${signal}`)
      expect((await user.run(["proxy", "stop"])).code).toBe(0)
      expect(await user.stateFiles()).toEqual(["gateway.log", "token"])
    })
  }

  it("is replaced at once when it was killed", async () => {
    const user = await started()
    await user.run(["run", "demo", "-p", "hi"])
    const before = await running(user)
    process.kill(before.pid, "SIGKILL")
    await eventually(async () => ((await runs(before.pid)) ? undefined : true))
    expect((await user.run(["proxy", "status"])).code).toBe(1)
    const again = await user.run(["run", "demo", "-p", "hi"])
    const after = await running(user)
    expect(again).toMatchObject({ code: 0, stdout: `http://127.0.0.1:${after.port}/proxy/demo\n` })
    expect(after.instance).not.toBe(before.instance)
  })

  it("that is suspended is not waited for, and is stopped in order", async () => {
    const user = await started()
    await user.run(["run", "demo", "-p", "hi"])
    const { pid } = await running(user)
    process.kill(pid, "SIGSTOP")
    for (const command of [
      ["run", "demo", "-p", "hi"],
      ["proxy", "status"],
      ["proxy", "start"]
    ]) {
      const outcome = await user.run(command)
      expect([outcome.code, outcome.stderr]).toEqual([
        1,
        `claudex: The gateway (process ${pid}) is suspended, as by Ctrl-Z in its terminal.\nNext: kill -CONT ${pid}\n`
      ])
    }
    expect(await user.run(["proxy", "stop"])).toMatchObject({ code: 0, stderr: "" })
    expect(await user.read("home/.local/state/claudex/gateway.log")).toContain("because=SIGTERM")
  })

  it("starts although a starter died and left its locks", async () => {
    const user = await started()
    const lock = JSON.stringify({ pid: 2 ** 30, start: "", id: "dead", since: Date.now() })
    await user.write("home/.local/state/claudex/gateway.lock", lock)
    await user.write("home/.local/state/claudex/gateway.start.lock", lock)
    expect((await user.run(["run", "demo", "-p", "hi"])).code).toBe(0)
    expect(await user.stateFiles()).toEqual(["gateway.json", "gateway.log", "token"])
  })

  it("keeps its files to the user", async () => {
    const user = await started()
    await user.run(["run", "demo", "-p", "hi"])
    for (const name of await readdir(user.stateDir)) {
      expect([name, (await stat(join(user.stateDir, name))).mode & 0o777]).toEqual([name, 0o600])
    }
    expect((await stat(user.stateDir)).mode & 0o777).toBe(0o700)
  })
})

describe("a port that another program holds", () => {
  const squatter = async (body: string) => {
    const seen: Array<string> = []
    const server = createServer((request, response) => {
      seen.push(JSON.stringify([request.method, request.url, request.headers]))
      response.setHeader("content-type", "application/json")
      response.end(body)
    })
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
    onTestFinished(() => void server.close().closeAllConnections())
    // cast: a listening TCP server has an address of this form
    return { seen, port: (server.address() as AddressInfo).port }
  }
  const lie = JSON.stringify({ service: "claudex", instance: "i", version: "0.3.0", pid: 1, uptime_seconds: 1 })

  it("makes the background gateway take another one; that program gets neither token nor conversation", async () => {
    const { port, seen } = await squatter(lie)
    const user = await started(`proxy_port = ${port}`)
    const outcome = await user.run(["run", "demo", "-p", "hi"])
    const state = await running(user)
    expect(state.port).not.toBe(port)
    expect(outcome.stdout).toBe(`http://127.0.0.1:${state.port}/proxy/demo\n`)
    // who is there is asked, by whoever would else start a gateway
    expect(seen.filter((asked) => !asked.startsWith('["GET","/health",'))).toEqual([])
    expect(seen.join()).not.toMatch(/authorization|x-api-key/i)
  })

  it("is an error in the foreground and for a port asked for by number, which is what the user wanted to know", async () => {
    const { port } = await squatter("{}")
    const user = await started(`proxy_port = ${port}`)
    const foreground = await user.run(["proxy", "start"])
    expect(foreground).toMatchObject({ code: 1, stdout: "" })
    expect(foreground.stderr).toBe(
      `claudex: Port ${port} on 127.0.0.1 is used by another program.\nNext: claudex proxy start --port 0\n`
    )
    const background = await user.run(["proxy", "start", "-d", "-p", String(port)])
    expect(background.code).toBe(1)
    expect(background.stderr).toContain(`Port ${port} on 127.0.0.1 is used by another program.`)
    expect(await user.stateFiles()).toEqual(["gateway.log", "token"])
  })

  it("that the gateway had before it was killed is not trusted with the token", async () => {
    const user = await started()
    await user.run(["run", "demo", "-p", "hi"])
    const before = await running(user)
    process.kill(before.pid, "SIGKILL")
    await eventually(async () => ((await runs(before.pid)) ? undefined : true))
    // it answers with the very identity of the gateway that was there
    const { port, seen } = await squatter(JSON.stringify({ ...JSON.parse(lie), instance: before.instance }))
    await user.write("home/.local/state/claudex/gateway.json", JSON.stringify({ ...before, port }))
    expect((await user.run(["run", "demo", "-p", "hi"])).code).toBe(0)
    expect((await running(user)).port).not.toBe(port)
    expect(seen).toEqual([])
  })
})

describe("claudex proxy", () => {
  it("start -d listens where -p says, and returns when it answers", async () => {
    const user = await started()
    const port = await freePort()
    const outcome = await user.run(["proxy", "start", "-d", "-p", String(port)])
    const { pid } = await running(user)
    expect(outcome).toEqual({
      code: 0,
      signal: null,
      stdout: `The gateway runs on http://127.0.0.1:${port} (process ${pid}).\n`,
      stderr: ""
    })
    const again = await user.run(["proxy", "start", "-d"])
    expect(again).toMatchObject({ code: 0, stdout: outcome.stdout })
    const elsewhere = await user.run(["proxy", "start", "-d", "-p", "1"])
    expect(elsewhere.code).toBe(1)
    expect(elsewhere.stderr).toContain("runs already")
  })

  it("status tells where it runs, and by its exit code whether", async () => {
    const user = await started()
    expect((await user.run(["proxy", "status"])).code).toBe(1)
    await user.run(["proxy", "start", "-d"])
    const { pid, port } = await running(user)
    const status = await user.run(["proxy", "status"])
    expect(status.code).toBe(0)
    expect(status.stdout).toContain(`http://127.0.0.1:${port}\n`)
    expect(status.stdout).toContain(`process ${pid}`)
  })

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 0]
  ] as const) {
    it(`start serves in the foreground, logs to stderr and ends with ${code} on ${signal}`, async () => {
      const user = await started()
      const gateway = user.start(["proxy", "start"])
      const state = await eventually(() => user.state())
      expect(state.pid).toBe(gateway.pid)
      expect((await user.run(["run", "demo", "-p", "hi"])).stdout).toBe(`http://127.0.0.1:${state.port}/proxy/demo\n`)
      const second = await user.run(["proxy", "start"])
      expect(second).toMatchObject({ code: 1, stdout: "" })
      expect(second.stderr).toContain(`runs already: http://127.0.0.1:${state.port}`)
      gateway.child.kill(signal)
      const outcome = await gateway.ended
      expect(outcome).toMatchObject({ code, signal: null, stdout: "" })
      expect(outcome.stderr).toContain(`The gateway listens on http://127.0.0.1:${state.port}`)
      expect(await user.stateFiles()).toEqual(["token"])
    })
  }

  it("stop ends a gateway in the foreground too", async () => {
    const user = await started()
    const gateway = user.start(["proxy", "start"])
    await eventually(() => user.state())
    expect((await user.run(["proxy", "stop"])).code).toBe(0)
    expect((await gateway.ended).code).toBe(0)
    expect(await user.stateFiles()).toEqual(["token"])
  })

  it("token prints what other clients have to show, and only that opens the gateway", async () => {
    const user = await started()
    await user.run(["proxy", "start", "-d"])
    const { port } = await running(user)
    const { stdout } = await user.run(["proxy", "token"])
    expect(stdout).toBe(await user.read("home/.local/state/claudex/token"))
    const ask = async (token: string) =>
      (await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).status
    expect(await ask(stdout.trim())).toBe(200)
    expect(await ask("another")).toBe(401)
  })

  it("takes CLAUDEX_PROXY_TOKEN for the token, and tells a client that has another one", async () => {
    const user = await started()
    const env = { CLAUDEX_PROXY_TOKEN: "fixed-by-the-user" }
    expect(await user.run(["proxy", "token"], { env })).toMatchObject({ code: 0, stdout: "fixed-by-the-user\n" })
    expect((await user.run(["run", "demo", "-p", "hi"], { env })).code).toBe(0)
    const other = await user.run(["run", "demo", "-p", "hi"])
    expect(other).toMatchObject({ code: 1, stdout: "" })
    expect(other.stderr).toContain("CLAUDEX_PROXY_TOKEN")
    expect((await user.run(["proxy", "stop"], { env })).code).toBe(0)
  })

  it("stop ends its own gateway even when that was started with another token", async () => {
    const user = await started()
    await user.run(["proxy", "start", "-d"], { env: { CLAUDEX_PROXY_TOKEN: "fixed-by-the-user" } })
    const { pid } = await running(user)
    expect((await user.run(["proxy", "stop"])).code).toBe(0)
    expect(await runs(pid)).toBe(false)
  })

  it("says why a gateway did not start, with the end of its log", async () => {
    const user = await started('proxy_host = "192.0.2.1"\nallow_remote = true')
    const outcome = await user.run(["run", "demo", "-p", "hi"])
    expect(outcome).toMatchObject({ code: 1, stdout: "" })
    expect(outcome.stderr).toContain("claudex: The gateway did not start: its process ended with code 1.")
    expect(outcome.stderr).toContain("gateway.log:")
    expect(outcome.stderr).toContain("this machine has no such address")
    expect(outcome.stderr).not.toMatch(/\n\s+at /)
  })

  it("opens itself to other machines only where the configuration says so", async () => {
    const user = await started('proxy_host = "0.0.0.0"')
    for (const args of [
      ["proxy", "start"],
      ["proxy", "start", "-d"],
      ["run", "demo", "-p", "hi"]
    ]) {
      const refused = await user.run(args)
      expect(refused).toMatchObject({ code: 2, stdout: "" })
      expect(refused.stderr).toContain("allow_remote")
    }
    const open = await started('proxy_host = "0.0.0.0"\nallow_remote = true')
    const outcome = await open.run(["run", "demo", "-p", "hi"])
    expect(outcome.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/proxy\/demo\n$/)
  })
})
