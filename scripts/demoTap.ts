/**
 * Stands between a client and the gateway, hands everything on unchanged and tells what passes: the demo's window on the
 * Anthropic side.
 */
import * as Http from "node:http"
import { Effect, type Scope } from "effect"
import { parseJson } from "../src/protocol/json.ts"
import { sseParser } from "../src/protocol/sse.ts"

export interface TapObserver {
  /** The body of a `POST …/messages`. */
  readonly request: (body: unknown) => void
  /** One event of a streamed answer. */
  readonly event: (event: unknown) => void
  /** The answer is over; `status` as the gateway sent it. */
  readonly end: (status: number) => void
}

const isMessages = (request: Http.IncomingMessage): boolean =>
  request.method === "POST" && /\/messages(?:\?|$)/.test(request.url ?? "")

const forward = (
  target: URL,
  observer: TapObserver,
  request: Http.IncomingMessage,
  body: Buffer,
  response: Http.ServerResponse
): void => {
  const watched = isMessages(request)
  if (watched) observer.request(parseJson(body.toString("utf8")))
  const onward = Http.request(
    new URL(request.url ?? "/", target),
    { method: request.method ?? "GET", headers: { ...request.headers, host: target.host }, agent: false },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      const parser = sseParser(
        (_, data) => observer.event(parseJson(data)),
        () => {}
      )
      const decoder = new TextDecoder()
      answer.on("data", (bytes: Buffer) => {
        response.write(bytes)
        if (watched) parser.push(decoder.decode(bytes, { stream: true }))
      })
      answer.on("end", () => {
        if (watched) observer.end(answer.statusCode ?? 502)
        response.end()
      })
      answer.on("error", () => response.destroy())
    }
  )
  onward.on("error", () => response.destroy())
  response.on("close", () => onward.destroy())
  onward.end(body)
}

/** Starts the tap in front of the gateway at `target`; its own URL, without a trailing slash. */
export const openTap = (target: string, observer: TapObserver): Effect.Effect<string, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<Http.Server>((resume) => {
        const server = Http.createServer((request, response) => {
          const chunks: Array<Buffer> = []
          request.on("data", (chunk: Buffer) => chunks.push(chunk))
          request.on("end", () => forward(new URL(target), observer, request, Buffer.concat(chunks), response))
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    ),
    (server) => {
      const address = server.address()
      return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
    }
  )
