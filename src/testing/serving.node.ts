/** What fake providers have in common: a server on a free port of 127.0.0.1 that reads requests and plays scripts. */
import type * as Http from "node:http"
import { Effect, type Scope } from "effect"
import type { Script } from "./upstreamScript.ts"

/** How an exchange ended: the script was played to its end, or the client went away before. */
export type Outcome = "answered" | "abandoned"

/** The whole body of a request; interrupts when the client goes away before. */
export const readBody = (request: Http.IncomingMessage): Effect.Effect<Buffer> =>
  Effect.async<Buffer>((resume) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.once("end", () => resume(Effect.succeed(Buffer.concat(chunks))))
    request.once("close", () => resume(Effect.interrupt)) // after "end" this is ignored
  })

/** Writes and waits until the bytes are handed over; false when the connection is gone. */
const writeBytes = (response: Http.ServerResponse, bytes: Uint8Array): Effect.Effect<boolean> =>
  Effect.async<boolean>((resume) => {
    response.write(bytes, (fault) => resume(Effect.succeed(fault === undefined || fault === null)))
  })

const endResponse = (response: Http.ServerResponse): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    response.end(() => resume(Effect.void))
  })

/** Plays the steps until the answer is complete, was cut on purpose, or nobody listens any more. */
const play = (response: Http.ServerResponse, script: Script): Effect.Effect<Outcome> =>
  Effect.gen(function* () {
    response.writeHead(script.status, { ...script.headers })
    if (script.lateHeaders !== true) response.flushHeaders()
    for (const step of script.steps) {
      switch (step.type) {
        case "write":
          if (!(yield* writeBytes(response, step.bytes))) return "abandoned"
          break
        case "wait":
          yield* step.until
          break
        case "pause":
          yield* Effect.sleep(step.duration)
          break
        case "end":
          yield* endResponse(response)
          return "answered"
        case "destroy":
          response.destroy()
          return "answered"
        case "abort":
          response.socket?.resetAndDestroy()
          return "answered"
        case "forever":
          while (yield* writeBytes(response, step.bytes)) yield* Effect.sleep(step.every)
          return "abandoned"
        case "stall":
          return yield* Effect.never
      }
    }
    yield* endResponse(response)
    return "answered"
  })

const closed = (response: Http.ServerResponse): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (response.closed) return resume(Effect.void)
    const listener = () => resume(Effect.void)
    response.once("close", listener)
    return Effect.sync(() => void response.off("close", listener))
  })

/** Plays the script; `abandoned` when the client went away before its end. */
export const perform = (response: Http.ServerResponse, script: Script): Effect.Effect<Outcome> =>
  Effect.race(
    play(response, script),
    // the connection also closes after a complete answer: only an unfinished one was abandoned
    Effect.as(
      Effect.filterOrElse(
        closed(response),
        () => !response.writableFinished,
        () => Effect.never
      ),
      "abandoned" as const
    )
  )

/** Listens on a free port, which it answers; closing the scope cuts every connection. */
export const listen = (server: Http.Server): Effect.Effect<number, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.once("error", (cause) => resume(Effect.die(cause)))
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(
          typeof address === "object" && address !== null
            ? Effect.succeed(address.port)
            : Effect.dieMessage("the upstream has no port")
        )
      })
    }),
    () =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
