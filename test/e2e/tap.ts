/**
 * Stands between Claude Code and the gateway, hands everything on unchanged and keeps it byte for byte: what the client
 * really sent, and what it really got. The first segment of a path is the gateway's port.
 */
import * as Http from "node:http"
import { Effect, Ref, type Scope } from "effect"

type Headers = Http.IncomingHttpHeaders

export interface TappedRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: Headers
  readonly bytes: Buffer
}

export interface Tapped extends TappedRequest {
  readonly answer: {
    readonly status: number
    readonly headers: Headers
    readonly bytes: Buffer
    /** False when the connection broke before the body's end. */
    readonly complete: boolean
  }
}

const relay = (
  port: number,
  { bytes, headers, method, url }: TappedRequest,
  response: Http.ServerResponse,
  done: (answer: Tapped["answer"]) => void
): void => {
  const target = { host: "127.0.0.1", port, method, path: url, agent: false }
  const onward = Http.request({ ...target, headers: { ...headers, host: `127.0.0.1:${port}` } }, (answer) => {
    const pieces: Array<Buffer> = []
    const { statusCode: status = 502 } = answer
    response.writeHead(status, answer.rawHeaders)
    answer.on("error", () => {})
    answer.on("data", (piece: Buffer) => {
      pieces.push(piece)
      response.write(piece)
    })
    answer.once("close", () => {
      const { complete } = answer
      done({ status, headers: answer.headers, bytes: Buffer.concat(pieces), complete })
      if (complete) response.end()
      else response.destroy()
    })
  })
  onward.once("error", () => response.destroy())
  onward.end(bytes)
}

export interface Tap {
  readonly port: number
  /** Every exchange that is over, in order. */
  readonly exchanges: Effect.Effect<ReadonlyArray<Tapped>>
}

/** For the scope. */
export const openTap: Effect.Effect<Tap, never, Scope.Scope> = Effect.gen(function* () {
  const seen = yield* Ref.make<ReadonlyArray<Tapped>>([])
  const server = Http.createServer((request, response) => {
    const pieces: Array<Buffer> = []
    request.on("data", (piece: Buffer) => pieces.push(piece))
    request.once("end", () => {
      const [, port = "", ...rest] = (request.url ?? "").split("/")
      const { headers, method = "" } = request
      const asked = { method, url: `/${rest.join("/")}`, headers, bytes: Buffer.concat(pieces) }
      relay(Number(port), asked, response, (answer) =>
        Effect.runSync(Ref.update(seen, (all) => [...all, { ...asked, answer }]))
      )
    })
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  const address = server.address()
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    exchanges: Ref.get(seen)
  }
})
