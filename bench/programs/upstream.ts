/**
 * The provider: speaks Chat Completions on 127.0.0.1. What it answers is chosen by the first path segment, which stands in
 * for the base URL of a profile: /whole, /burst/{chunks}, /paced/{chunks}.
 */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { word } from "../bodies.ts"

const envelope = (choices: ReadonlyArray<unknown>, rest: object = {}): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    object: "chat.completion.chunk",
    created: 1_741_569_952,
    model: "bench-model-2026-01-01",
    service_tier: "default",
    system_fingerprint: "fp_44added55e",
    choices,
    ...rest
  })}\n\n`

const delta = (value: object, finish: string | null = null): string =>
  envelope([{ index: 0, delta: value, logprobs: null, finish_reason: finish }])

const usage = { prompt_tokens: 20, completion_tokens: 100, total_tokens: 120 }
const head = delta({ role: "assistant", content: "", refusal: null })
const tail = `${delta({}, "stop")}${envelope([], { usage })}data: [DONE]\n\n`
const chunks = Array.from({ length: 1_000 }, (_, index) => delta({ content: word(index) }))
const chunk = (index: number): string => chunks[index % chunks.length] ?? ""

const whole = JSON.stringify({
  id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
  object: "chat.completion",
  created: 1_741_569_952,
  model: "bench-model-2026-01-01",
  choices: [{ index: 0, message: { role: "assistant", content: word(0), refusal: null }, finish_reason: "stop" }],
  usage
})

const burst = (response: ServerResponse, count: number): void => {
  response.write(head)
  for (let index = 0; index < count; index++) response.write(chunk(index))
  response.end(tail)
}

/** One chunk every 4 ms, each its own packet; catches up when a timer came late, so that the rate is kept. */
const paced = (response: ServerResponse, count: number): void => {
  const started = performance.now()
  let sent = 0
  response.write(head)
  const timer = setInterval(() => {
    const due = Math.min(count, Math.floor((performance.now() - started) / 4))
    while (sent < due) response.write(chunk(sent++))
    if (sent < count) return
    clearInterval(timer)
    response.end(tail)
  }, 4)
  response.once("close", () => clearInterval(timer))
}

const server = createServer((request, response) => {
  const [, kind, count] = (request.url ?? "").split("/")
  request.resume()
  request.once("end", () => {
    if (kind === "whole") return void response.writeHead(200, { "content-type": "application/json" }).end(whole)
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" })
    if (kind === "burst") burst(response, Number(count))
    else paced(response, Number(count))
  })
})
// longer than any pause of the bench: a connection that is closed while it is used again is not what is measured
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () => {
  // a listening TCP server has an address of this kind
  process.send?.((server.address() as AddressInfo).port)
})
process.once("disconnect", () => process.exit())
