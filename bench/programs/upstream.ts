/**
 * The provider on 127.0.0.1. It speaks the protocol that the end of the path names, and answers by what stands before it,
 * which is the base URL of a profile: /whole, /burst/{chunks}, /paced/{chunks}.
 */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { speech, type Speech } from "../speech.ts"

const burst = (response: ServerResponse, { chunk, head, tail }: Speech, count: number): void => {
  response.write(head)
  for (let index = 0; index < count; index++) response.write(chunk(index))
  response.end(tail(count))
}

/** One chunk every 4 ms, each its own packet; catches up when a timer came late, so that the rate is kept. */
const paced = (response: ServerResponse, { chunk, head, tail }: Speech, count: number): void => {
  const started = performance.now()
  let sent = 0
  response.write(head)
  const timer = setInterval(() => {
    const due = Math.min(count, Math.floor((performance.now() - started) / 4))
    while (sent < due) response.write(chunk(sent++))
    if (sent < count) return
    clearInterval(timer)
    response.end(tail(count))
  }, 4)
  response.once("close", () => clearInterval(timer))
}

const server = createServer((request, response) => {
  const url = request.url ?? ""
  const [, kind, count] = url.split("/")
  const said = url.endsWith("/responses") ? speech.responses : url.endsWith("/v1/messages") ? speech.pass : speech.chat
  request.resume()
  request.once("end", () => {
    if (kind === "whole") return void response.writeHead(200, { "content-type": "application/json" }).end(said.whole)
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" })
    if (kind === "burst") burst(response, said, Number(count))
    else paced(response, said, Number(count))
  })
})
// longer than any pause of the bench: a connection that is closed while it is used again is not what is measured
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () => {
  // a listening TCP server has an address of this kind
  process.send?.((server.address() as AddressInfo).port)
})
process.once("disconnect", () => process.exit())
