/** Requests that a client sends on one connection without waiting for answers. */
import * as Net from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { eventually, hello, start, streamed, token } from "./support.ts"

const requestOf = (port: number, body: object, close = false): string => {
  const text = JSON.stringify(body)
  const head = [
    "POST /proxy/p/v1/messages HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${token}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(text)}`,
    ...(close ? ["connection: close"] : [])
  ]
  return `${head.join("\r\n")}\r\n\r\n${text}`
}

/** What the client gets on its connection, and whether that was closed. */
const connect = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const socket = Net.connect(port, "127.0.0.1")
      const got = { socket, text: "", closed: false }
      socket.setEncoding("utf8").on("error", () => {})
      socket.on("data", (piece: string) => (got.text += piece)).on("close", () => (got.closed = true))
      return got
    }),
    ({ socket }) => Effect.sync(() => void socket.destroy())
  )

const stalled = UpstreamScript.stream([ChatScript.text("one"), UpstreamScript.stall])

describe("requests that are pipelined", () => {
  it.scoped("are answered in their order, streams and whole answers", () =>
    Effect.gen(function* () {
      const { lifecycle, port, upstream } = yield* start()
      const go = yield* Deferred.make<void>()
      yield* upstream.fallback((request) => {
        if (request.text.includes("second")) return ChatScript.answer(request, { text: "second-answer" })
        const isFirst = request.text.includes("first")
        return UpstreamScript.stream([
          ...(isFirst ? [UpstreamScript.wait(Deferred.await(go))] : []),
          ChatScript.text(isFirst ? "first-answer" : "third-answer"),
          ChatScript.finish("stop"),
          ChatScript.done
        ])
      })
      const asking = (content: string) => ({ messages: [{ role: "user", content }] })
      const got = yield* connect(port)
      got.socket.write(
        requestOf(port, streamed(asking("first"))) +
          requestOf(port, hello(asking("second"))) +
          requestOf(port, streamed(asking("third")), true)
      )
      for (const _ of [1, 2, 3]) yield* upstream.take
      expect(got.text).toBe("")
      yield* Deferred.succeed(go, undefined)
      yield* eventually(() => got.closed)
      const places = ["first", "second", "third"].map((which) => got.text.indexOf(`${which}-answer`))
      expect(places).not.toContain(-1)
      expect(places).toEqual(places.toSorted((one, other) => one - other))
      yield* eventually(() => lifecycle.inFlight() === 0)
    })
  )

  for (const [what, body] of [
    ["whole answers", hello()],
    ["streams", streamed()]
  ] as const) {
    it.scoped(`are over when a client that wants ${what} hangs up`, () =>
      Effect.gen(function* () {
        const { lifecycle, log, port, upstream } = yield* start()
        yield* upstream.enqueue(stalled, stalled, stalled)
        yield* upstream.fallback((request) => ChatScript.answer(request, { text: "well" }))
        const got = yield* connect(port)
        got.socket.write(requestOf(port, body).repeat(20))
        const asked = []
        for (let count = 0; count < 20; count++) asked.push(yield* upstream.take)
        // the last ones are answered, and wait for their turn
        for (const { outcome } of asked.slice(3)) expect(yield* outcome).toBe("answered")
        expect(lifecycle.inFlight()).toBe(20)
        yield* Effect.sync(() => void got.socket.destroy())
        for (const { outcome } of asked.slice(0, 3)) expect(yield* outcome).toBe("abandoned")
        yield* eventually(() => lifecycle.inFlight() === 0)
        yield* eventually(() => log.lines.filter((line) => line.includes("client gone")).length >= 3)
        expect(log.lines.filter((line) => line.startsWith("ERROR"))).toEqual([])
      })
    )
  }
})
