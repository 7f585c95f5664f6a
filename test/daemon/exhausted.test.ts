import { spawn } from "node:child_process"
import { createServer } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { bin } from "../support/build.ts"
import { eventually, makeUser, type User } from "../support/claudex.ts"

const answer = JSON.stringify({ choices: [{ index: 0, message: { content: "hello" }, finish_reason: "stop" }] })

const startProvider = async (): Promise<number> => {
  const server = createServer(
    (_, response) =>
      void response.writeHead(200, { "content-type": "application/json", connection: "close" }).end(answer)
  )
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close().closeAllConnections())
  // cast: a listening TCP server has an address of this form
  return (server.address() as AddressInfo).port
}

const descriptors = 64

/** Starts the background gateway with so few of them. */
const startGateway = (user: User): Promise<number | null> =>
  new Promise((done) => {
    const words = ["-c", `ulimit -n ${descriptors} && exec "$0" "$@"`, process.execPath, bin, "proxy", "start", "-d"]
    spawn("/bin/sh", words, { cwd: user.work, env: user.env, stdio: "ignore" }).once("exit", done)
  })

const connected = (port: number): Promise<Socket> =>
  new Promise((done, fail) => {
    const socket = connect(port, "127.0.0.1", () => done(socket)).once("error", fail)
    onTestFinished(() => void socket.destroy())
  })

const ask = async (user: User, port: number) => {
  const response = await fetch(`http://127.0.0.1:${port}/proxy/p/v1/messages`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${(await user.read("home/.local/state/claudex/token")).trim()}`,
      connection: "close"
    },
    body: JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] })
  })
  return { status: response.status, text: await response.text() }
}

/** The first answer that is no success, while more and more connections that say nothing are there. */
const firstRefusal = (user: User, port: number, crowd: Array<Socket>) =>
  eventually(async () => {
    crowd.push(await connected(port))
    const heard = await ask(user, port).catch(() => undefined)
    // not even we were let in
    if (heard === undefined) for (const socket of crowd.splice(-2)) socket.destroy()
    return heard?.status === 200 ? undefined : heard
  })

describe("a gateway without a file descriptor left", { timeout: 60_000 }, () => {
  it("says that this is no fault of the provider's, and asks it as soon as there is one again", async () => {
    const user = await makeUser(`
      [resilience]
      failures = 1
      [[profiles]]
      name = "p"
      provider_type = "OpenAICompatible"
      base_url = "http://127.0.0.1:${await startProvider()}/v1"
      default_model = "m"
      api_key = "k"
    `)
    expect(await startGateway(user)).toBe(0)
    const { port } = await eventually(user.state)
    const crowd: Array<Socket> = []
    const refused = await firstRefusal(user, port, crowd)
    expect([refused.status, refused.text]).toEqual([529, expect.stringContaining("no further connection")])
    for (const socket of crowd) socket.destroy()
    await eventually(async () => ((await ask(user, port)).status === 200 ? true : undefined))
    expect((await user.run(["proxy", "status"])).stdout).not.toMatch(/ open | down /)
  })
})
