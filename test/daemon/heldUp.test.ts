import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, it, onTestFinished } from "vitest"
import { eventually, makeUser } from "../support/claudex.ts"

const text = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
const end = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`

/** A provider that begins an answer and goes on when it is told to. */
const startProvider = async () => {
  let begun: ServerResponse | undefined
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(text("one"))
    begun = response
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close().closeAllConnections())
  // cast: a listening TCP server has an address of this form
  return { port: (server.address() as AddressInfo).port, goOn: () => void begun?.end(text("two") + end) }
}

const idle = 2_000

it(
  "an answer goes on when the gateway was stopped for longer than a provider may be silent",
  { timeout: 60_000 },
  async () => {
    const { goOn, port } = await startProvider()
    const user = await makeUser(`
    [[profiles]]
    name = "p"
    provider_type = "OpenAICompatible"
    base_url = "http://127.0.0.1:${port}/v1"
    default_model = "m"
    api_key = "k"
    [profiles.timeouts]
    idle_seconds = ${idle / 1000}
  `)
    await user.run(["proxy", "start", "-d"])
    const gateway = await eventually(user.state)
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/proxy/p/v1/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${(await user.read("home/.local/state/claudex/token")).trim()}` },
      body: JSON.stringify({ model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] })
    })
    process.kill(gateway.pid, "SIGSTOP")
    const stopped = Date.now()
    goOn()
    await eventually(() => (Date.now() - stopped > 2 * idle ? true : undefined))
    process.kill(gateway.pid, "SIGCONT")
    const heard = await answer.text()
    expect(heard).not.toContain("event: error")
    expect(heard).toContain("two")
    expect(heard).toContain("message_stop")
  }
)
