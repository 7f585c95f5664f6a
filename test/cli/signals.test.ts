import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { eventually, makeUser, type Started } from "../support/claudex.ts"
import { makeMoments } from "../support/moments.ts"
import { key, openTerminal } from "../support/terminal.ts"

const file = "home/.config/claudex/config.toml"

/** A provider that takes connections, tells of each, and never answers. */
const silentProvider = async () => {
  let asked = 0
  const server = createServer((socket) => {
    asked += 1
    socket.on("error", () => {})
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close())
  // cast: a listening TCP server has an address of this form
  const { port } = server.address() as AddressInfo
  return { port, isAsked: () => eventually(() => (asked > 0 ? true : undefined)) }
}

const configOf = (port: number) => `
proxy_port = 0
[[profiles]]
name = "slow"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:${port}/v1"
default_model = "m"
`

const waiting = [["profile", "test", "slow"], ["profile", "test", "slow", "--json"], ["doctor"]] as const

describe("a command that is interrupted while it waits", () => {
  for (const words of waiting) {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      it(`ends with 130, without a word of a fault or half an answer: ${words.join(" ")}, ${signal}`, async () => {
        const { isAsked, port } = await silentProvider()
        const user = await makeUser(configOf(port))
        const { child, ended } = user.start(words)
        await isAsked()
        child.kill(signal)
        const { code, stderr, stdout } = await ended
        expect([code, stdout]).toEqual([130, ""])
        // what is told while one waits
        expect(stderr.replace(/^claudex: .*take a moment\n/, "")).toBe("")
      })
    }
  }

  it("leaves the terminal as it was, at Ctrl-C", async () => {
    const { isAsked, port } = await silentProvider()
    const terminal = openTerminal(await makeUser(configOf(port)), ["profile", "test", "slow"])
    await isAsked()
    terminal.type(key.ctrlC)
    expect(await terminal.ended()).toEqual({ code: 130, asBefore: true, cursorShown: true })
  })
})

describe("a change that is interrupted at any moment", { timeout: 240_000 }, () => {
  it("is made or not, and leaves neither half a file nor a lock", async () => {
    const user = await makeUser(configOf(9))
    const before = await user.read(file)
    // how long one takes here
    const begun = performance.now()
    await user.run(["config", "set", "proxy_port", "1000"])
    const moments = makeMoments(5, performance.now() - begun)
    const versions = [before.replace("proxy_port = 0", "proxy_port = 1000")]
    for (let round = 0; round < 30; round += 1) {
      const signal = round % 2 === 0 ? "SIGINT" : "SIGTERM"
      const { child, ended }: Started = user.start(["config", "set", "proxy_port", String(2000 + round)])
      const timer = setTimeout(() => child.kill(signal), moments.next())
      const outcome = await ended
      clearTimeout(timer)
      const fresh = before.replace("proxy_port = 0", `proxy_port = ${2000 + round}`)
      const now = await user.read(file)
      expect(outcome.code === 0 ? [fresh] : [versions.at(-1), fresh]).toContain(now)
      // before the program is there to say otherwise, a signal ends it as it ends any
      expect([0, 130, null]).toContain(outcome.code)
      expect(outcome.stderr).toBe("")
      versions.push(now)
      moments.learn(now !== fresh)
      expect([await user.stateFiles(), await user.oldDrafts()]).toEqual([[], []])
    }
  })
})

describe("a reader that has seen enough", () => {
  const lines: ReadonlyArray<ReadonlyArray<string>> = [
    ["--help"],
    ["config", "show"],
    ["config", "show", "--json"],
    ["config", "schema"],
    ["profile", "list"],
    ["profile", "show", "slow", "--json"],
    ["env", "slow", "--explain"],
    ["completions", "zsh"],
    ["logs"],
    ["logs", "-f"],
    ["offers", "profile"]
  ]
  for (const line of lines) {
    it(`is no fault: claudex ${line.join(" ")} | head -1`, async () => {
      const user = await makeUser(configOf(9))
      await user.write("home/.local/state/claudex/gateway.log", "level=INFO message=one\n".repeat(20_000))
      const { child, ended } = user.start(line)
      child.stdout?.destroy()
      const { code, signal, stderr } = await ended
      expect([code, signal, stderr]).toEqual([0, null, ""])
    })
  }
})
