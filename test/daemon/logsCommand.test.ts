import { stat } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { eventually, makeUser, runs, type State, type User } from "../support/claudex.ts"

const logPath = "home/.local/state/claudex/gateway.log"
const configPath = "home/.config/claudex/config.toml"

const profile = (name: string) => `
  [[profiles]]
  name = "${name}"
  provider_type = "OpenAICompatible"
  base_url = "http://127.0.0.1:9/v1"
  default_model = "m"
  api_key = "k"
`

const inBackground = async (config: string, env: Readonly<Record<string, string>> = {}) => {
  const user = await makeUser(config)
  expect(await user.run(["proxy", "start", "-d"], { env })).toMatchObject({ code: 0 })
  return user
}

const running = async (user: User): Promise<State> => {
  const state = await user.state()
  if (state === undefined) throw new Error("no gateway is running")
  return state
}

/** Asks the gateway; answers the status. */
const ask = async (user: User, path: string) => {
  const { port } = await running(user)
  const token = (await user.read("home/.local/state/claudex/token")).trim()
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } })
  await answer.text()
  return answer.status
}

const inLog = (user: User, text: string) =>
  eventually(async () => ((await user.read(logPath)).includes(text) ? true : undefined))

describe("claudex logs", () => {
  it("says that there is no log, and where it would be", async () => {
    const user = await makeUser()
    const outcome = await user.run(["logs"])
    expect(outcome).toMatchObject({ code: 1, stdout: "" })
    expect(outcome.stderr).toContain(`There is no log yet: ${user.stateDir}/gateway.log`)
  })

  it("shows the last lines, of a level and of a profile, also when no gateway runs", async () => {
    const user = await inBackground(`log_level = "debug"\n${profile("one")}${profile("two")}`)
    for (const name of ["one", "two", "one"]) expect(await ask(user, `/proxy/${name}/v1/models`)).toBe(200)
    expect((await user.run(["proxy", "stop"])).code).toBe(0)
    const lines = async (...args: ReadonlyArray<string>) => {
      const outcome = await user.run(["logs", ...args])
      expect(outcome.code).toBe(0)
      return outcome.stdout.split("\n").filter((line) => line !== "")
    }
    const all = await lines()
    expect(all.join("\n")).toContain("The gateway listens")
    expect(await lines("-n", "2")).toEqual(all.slice(-2))
    const one = await lines("--profile", "one")
    expect(one).toHaveLength(2)
    expect(one.every((line) => line.includes("/proxy/one/v1/models"))).toBe(true)
    expect((await lines("-l", "info")).every((line) => line.includes("level=INFO"))).toBe(true)
    const none = await user.run(["logs", "-l", "error"])
    expect(none).toMatchObject({ code: 0, stdout: "" })
    expect((await user.run(["logs", "-l", "loud"])).code).toBe(2)
  })

  it("says that nothing is of a profile, and which one was probably meant", async () => {
    const user = await makeUser(profile("grok"))
    await user.write(logPath, "")
    const said = async (name: string) => {
      const { code, stderr, stdout } = await user.run(["logs", "-p", name])
      expect([code, stdout]).toEqual([0, ""])
      return stderr
    }
    const nothing = "claudex: Nothing in the log is of that kind and of the profile"
    expect(await said("grok")).toBe(`${nothing} "grok".\n`)
    expect(await said("grk")).toBe(`${nothing} "grk". Did you mean "grok"?\n`)
    await user.write(configPath, "[[profiles]")
    expect(await said("grk")).toBe(`${nothing} "grk".\n`)
  })

  it("waits for a log, and follows it across rotation and a restart until Ctrl-C", async () => {
    const user = await makeUser(`log_level = "debug"\n${profile("one")}\n[log]\nmax_mb = 0.02`)
    const follower = user.start(["logs", "-f"])
    let shown = ""
    follower.child.stdout?.on("data", (piece: string) => (shown += piece))
    expect((await user.run(["proxy", "start", "-d"])).code).toBe(0)
    for (let i = 0; i < 60; i++) await ask(user, `/proxy/one/v1/models?n=${i}`)
    expect((await user.run(["proxy", "stop"])).code).toBe(0)
    await eventually(() => (shown.includes("The gateway has stopped") ? true : undefined))
    expect((await user.stateFiles()).filter((name) => name.startsWith("gateway.log.")).length).toBeGreaterThan(0)
    expect(shown.match(/ GET \/proxy\/one/g)).toHaveLength(60)
    for (const name of await user.stateFiles()) {
      expect([name, (await stat(join(user.stateDir, name))).mode & 0o077]).toEqual([name, 0])
    }
    follower.child.kill("SIGINT")
    expect((await follower.ended).code).toBe(130)
  })

  it("shows what a crash left, also after a rotation", async () => {
    const crash = `process.on("SIGUSR2", () => setTimeout(() => { throw new Error("crashed on purpose") }))`
    const preload = `data:text/javascript,${encodeURIComponent(crash)}`
    const user = await inBackground(`log_level = "debug"\n${profile("one")}\n[log]\nmax_mb = 0.02`, {
      NODE_OPTIONS: `--import ${preload}`
    })
    const rotated = async () =>
      (await user.stateFiles()).some((name) => name.startsWith("gateway.log.")) ? true : undefined
    while ((await rotated()) === undefined) await ask(user, "/proxy/one/v1/models")
    const { pid } = await running(user)
    process.kill(pid, "SIGUSR2")
    await eventually(async () => ((await runs(pid)) ? undefined : true))
    expect(await user.read(logPath)).toContain("Error: crashed on purpose")
    expect((await user.run(["logs", "-l", "error"])).stdout).toContain("Error: crashed on purpose")
  })
})

describe("an edit of the configuration", () => {
  it("with faults leaves the gateway as it was and is told in the log and by status; a later one is in effect", async () => {
    const user = await inBackground(profile("one"))
    const { port } = await running(user)
    expect(await ask(user, "/proxy/one/v1/models")).toBe(200)
    await user.write(configPath, `proxy_port = ${port}\nlog_level = "loud"\n${profile("one")}`)
    await inLog(user, "config.toml:2: log_level")
    expect(await ask(user, "/proxy/one/v1/models")).toBe(200)
    expect((await user.run(["config", "validate"])).code).toBe(2)
    expect((await user.run(["run", "one"])).code).toBe(2)
    const status = await user.run(["proxy", "status"])
    expect(status.stdout + status.stderr).toContain("config.toml:2: log_level")
    expect((await user.read(logPath)).match(/The configuration has errors/g)).toHaveLength(1)

    await user.write(configPath, `proxy_port = ${port}\nlog_level = "debug"\n${profile("one")}${profile("two")}`)
    await inLog(user, "The configuration is in order again")
    expect(await ask(user, "/proxy/two/v1/models")).toBe(200)
    // the level of the log too: lines of requests for a list are for debugging
    await eventually(async () => {
      await ask(user, "/proxy/two/v1/models")
      return (await user.read(logPath)).includes("level=DEBUG") ? true : undefined
    })
  })
})
