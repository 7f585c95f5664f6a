import { Agent, createServer, request, type ServerResponse } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { eventually, makeUser, runs, type User } from "../support/claudex.ts"

/** A provider whose answers begin at once and end when the test says so. */
const makeProvider = async () => {
  const open: Array<ServerResponse> = []
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write('data: {"choices":[{"index":0,"delta":{"content":"one"}}]}\n\n')
    open.push(response)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close().closeAllConnections())
  const end = (response: ServerResponse | undefined) =>
    response?.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
  // cast: a listening TCP server has an address of this form
  return { open, end, port: (server.address() as AddressInfo).port }
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

/** A client that keeps its one connection, as Claude Code does. */
const makeClient = async (user: User) => {
  const state = await user.state()
  const token = (await user.read("home/.local/state/claudex/token")).trim()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return () =>
    new Promise<Answer>((done, fail) => {
      const asked = request({
        agent,
        host: "127.0.0.1",
        port: state?.port,
        method: "POST",
        path: "/proxy/slow/v1/messages",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }
      })
      asked.once("error", fail)
      asked.once("response", (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (piece: string) => (text += piece))
        response.once("error", fail)
        response.once("end", () =>
          done({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"], text })
        )
      })
      asked.end(
        JSON.stringify({ model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] })
      )
    })
}

const takesConnections = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy()
      done(true)
    })
    socket.once("error", () => done(false))
  })

const ways: Readonly<Record<string, (user: User, pid: number) => unknown>> = {
  "by SIGTERM": (_, pid) => process.kill(pid, "SIGTERM"),
  "by `proxy stop`": (user) => user.start(["proxy", "stop"])
}

describe("a gateway that is told to go", () => {
  for (const [way, tell] of Object.entries(ways)) {
    it(`${way} takes no new request, lets open answers end, and tells the rest that it goes`, async () => {
      const provider = await makeProvider()
      const user = await makeUser(`
        [[profiles]]
        name = "slow"
        provider_type = "OpenAICompatible"
        base_url = "http://127.0.0.1:${provider.port}/v1"
        default_model = "m"
        api_key = "k"
      `)
      expect((await user.run(["proxy", "start", "-d"])).code).toBe(0)
      const { pid, port } = (await user.state()) ?? { pid: 0, port: 0 }
      const [one, two] = [await makeClient(user), await makeClient(user)]
      const short = one()
      await eventually(() => (provider.open.length === 1 ? true : undefined))
      const long = two()
      await eventually(() => (provider.open.length === 2 ? true : undefined))

      await tell(user, pid)
      // nobody is sent there any more
      await eventually(async () => {
        const state = await user.state()
        return state === undefined || state.ended !== undefined ? true : undefined
      })
      // a connection without a request is closed at this moment
      await eventually(async () => ((await takesConnections(port)) ? undefined : true))
      provider.end(provider.open[0])
      const whole = await short
      expect(whole.status).toBe(200)
      expect(whole.text).toContain("event: message_stop")

      // on the connection that is still there
      const refused = await one()
      expect(refused).toMatchObject({ status: 529, retryAfter: "1" })
      expect(refused.text).toContain("claudex is shutting down")
      expect(provider.open).toHaveLength(2)

      // the other one is never ended by its provider
      const cut = await long
      expect(cut.status).toBe(200)
      expect(cut.text).not.toContain("message_stop")
      expect(cut.text.trimEnd().split("\n\n").at(-1)).toMatch(
        /^event: error\ndata: .*"overloaded_error".*claudex is shutting down/
      )
      await eventually(async () => ((await runs(pid)) ? undefined : true))
    })
  }
})
