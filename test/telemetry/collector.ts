/** A collector of telemetry on this machine: takes what OTLP clients send, or refuses it as told. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"

export interface Sent {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

/** The status of an answer; `undefined` leaves the request without any but what was written by hand. */
type Answer = (sent: Sent, response: ServerResponse) => number | undefined

/** Lives as long as the scope. */
export const makeCollector = (answer: Answer = () => 200) =>
  Effect.gen(function* () {
    const received: Array<Sent> = []
    let closed = 0
    const server = createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"))
        const sent = { path: request.url ?? "", headers: request.headers, body }
        received.push(sent)
        response.once("close", () => (closed += 1))
        const status = answer(sent, response)
        if (status !== undefined) response.writeHead(status, { "content-type": "application/json" }).end("{}")
      })
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () => Effect.sync(() => void server.close().closeAllConnections())
    )
    // cast: a listening TCP server has an address of this form
    const { port } = server.address() as AddressInfo
    return {
      url: `http://127.0.0.1:${port}`,
      received,
      /** How many answers are over, either way. */
      closed: () => closed,
      /** The bodies that came for one signal, as text. */
      textsOf: (signal: "traces" | "logs" | "metrics"): ReadonlyArray<string> =>
        received.filter(({ path }) => path.endsWith(`/v1/${signal}`)).map(({ body }) => JSON.stringify(body))
    }
  })
