/**
 * The yardstick: what a good engineer writes by hand with node:http alone to put Claude Code in front of a provider. It
 * translates both protocols of OpenAI for real, whole and streamed, with tools, and pipes Anthropic's; and it does nothing
 * else: no configuration, no deadlines, no journal, no lenient reading, no error mapping beyond the status.
 */
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Body, Dialect } from "../baseline/anthropic.ts"
import { chat } from "../baseline/chat.ts"
import { responses } from "../baseline/responses.ts"

const upstream = new URL(process.env.BASELINE_UPSTREAM ?? "")
const token = process.env.BASELINE_TOKEN ?? ""
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

const streamed = (dialect: Dialect, model: string, answer: IncomingMessage, response: ServerResponse): void => {
  const translate = dialect.translator(model)
  const decoder = new TextDecoder()
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  let head = translate.start()
  answer.on("data", (bytes: Buffer) => {
    const out = head + translate.push(decoder.decode(bytes, { stream: true }))
    head = ""
    if (out !== "") response.write(out)
  })
  answer.once("end", () => response.end(translate.end()))
}

const collect = (source: IncomingMessage, use: (text: string) => void): void => {
  const parts: Array<Buffer> = []
  source.on("data", (bytes: Buffer) => parts.push(bytes))
  source.once("end", () => use(Buffer.concat(parts).toString("utf8")))
}

const translated = (dialect: Dialect, base: string, incoming: IncomingMessage, response: ServerResponse): void =>
  collect(incoming, (text) => {
    // the yardstick trusts its client
    const body = JSON.parse(text) as Body
    const sent = dialect.request(body)
    const headers = {
      "content-type": "application/json",
      authorization: "Bearer key",
      "content-length": Buffer.byteLength(sent)
    }
    const target = new URL(`${base}${dialect.path}`, upstream)
    const outgoing = httpRequest(target, { method: "POST", agent, headers }, (answer) => {
      if (answer.statusCode !== 200) return void response.writeHead(answer.statusCode ?? 502).end()
      if (body.stream === true) return streamed(dialect, body.model, answer, response)
      collect(answer, (json) => {
        response.writeHead(200, { "content-type": "application/json" }).end(dialect.whole(body.model, json))
      })
    })
    outgoing.once("error", () => response.destroy())
    response.once("close", () => outgoing.destroy())
    outgoing.end(sent)
  })

const piped = (base: string, incoming: IncomingMessage, response: ServerResponse): void => {
  const { "x-api-key": _ours, host: _host, ...headers } = incoming.headers
  const target = new URL(`${base}/v1/messages`, upstream)
  const options = { method: "POST", agent, headers: { ...headers, "x-api-key": "key" } }
  const outgoing = httpRequest(target, options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  outgoing.once("error", () => response.destroy())
  response.once("close", () => outgoing.destroy())
  incoming.pipe(outgoing)
}

/** `/proxy/{profile}/v1/messages`: the profile names the protocol and the provider's path, with "-" for "/". */
const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
  if (incoming.headers["x-api-key"] !== token) return void response.writeHead(401).end()
  const [protocol, ...path] = ((incoming.url ?? "").split("/")[2] ?? "").split("-")
  const base = `/${path.join("/")}`
  if (protocol === "pass") return piped(base, incoming, response)
  translated(protocol === "responses" ? responses : chat, base, incoming, response)
}

const server = createServer(serve)
// longer than any pause of the bench: a connection that is closed while it is used again is not what is measured
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () => {
  // a listening TCP server has an address of this kind
  process.send?.((server.address() as AddressInfo).port)
})
process.once("disconnect", () => process.exit())
