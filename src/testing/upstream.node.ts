/**
 * A real HTTP server on 127.0.0.1 that answers by script and remembers what it was asked: the provider's side of a
 * test, over real sockets.
 *
 * Invariants: every request gets the oldest queued script, else the `fallback`, else a 500 that says so; a request is
 * recorded before its answer begins; closing the scope cuts every open connection and frees the port.
 */
import * as Http from "node:http"
import { Context, Deferred, Effect, FiberSet, Layer, Queue, Ref, type Scope } from "effect"
import { respond, type Script } from "./upstreamScript.ts"

/** How an exchange ended: the script was played to its end, or the client went away before. */
export type Outcome = "answered" | "abandoned"

/** One request as it arrived. */
export interface RecordedRequest {
  /** Position in the order of arrival, from 0. */
  readonly index: number
  readonly method: string
  /** Path and query. */
  readonly url: string
  /** Names in lower case; repeated headers joined as Node joins them. */
  readonly headers: { readonly [name: string]: string }
  readonly bytes: Uint8Array
  /** The body as text (UTF-8). */
  readonly text: string
  /** The body parsed as JSON; undefined when it is empty or no JSON. */
  readonly body: unknown
  /**
   * Waits until the exchange is over: `answered` (the script was played to its end, including an end by `destroy`) or
   * `abandoned` (the client closed the connection before).
   */
  readonly outcome: Effect.Effect<Outcome>
}

/** Chooses the answer to a request for which no script is queued. */
export type Fallback = (request: RecordedRequest) => Script

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // not JSON is a fact worth recording, not a fault of this server
  }
}

const readBody = (request: Http.IncomingMessage): Effect.Effect<Buffer> =>
  Effect.async<Buffer>((resume) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.once("end", () => resume(Effect.succeed(Buffer.concat(chunks))))
    request.once("close", () => resume(Effect.interrupt)) // after "end" this is ignored
  })

const noScript: Fallback = (request) =>
  respond(500, { error: { message: `no script for request ${request.index}: ${request.method} ${request.url}` } })

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

const headersOf = (request: Http.IncomingMessage): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? "")
    ])
  )

const listen = (server: Http.Server): Effect.Effect<number, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.once("error", (cause) => resume(Effect.die(cause)))
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(
          typeof address === "object" && address !== null
            ? Effect.succeed(address.port)
            : Effect.dieMessage("the scripted upstream has no port")
        )
      })
    }),
    () =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )

const make = Effect.gen(function* () {
  const queue = yield* Ref.make<ReadonlyArray<Script>>([])
  const fallback = yield* Ref.make<Fallback>(noScript)
  const recorded = yield* Ref.make<ReadonlyArray<RecordedRequest>>([])
  const arrivals = yield* Queue.unbounded<RecordedRequest>()
  const run = yield* FiberSet.makeRuntime<never>()

  const record = (request: Http.IncomingMessage, bytes: Buffer, outcome: RecordedRequest["outcome"]) =>
    Effect.gen(function* () {
      const text = bytes.toString("utf8")
      const entry = yield* Ref.modify(recorded, (all): [RecordedRequest, ReadonlyArray<RecordedRequest>] => {
        const next: RecordedRequest = {
          index: all.length,
          method: request.method ?? "",
          url: request.url ?? "",
          headers: headersOf(request),
          bytes,
          text,
          body: parseJson(text),
          outcome
        }
        return [next, [...all, next]]
      })
      yield* Queue.offer(arrivals, entry)
      return entry
    })

  const handle = (request: Http.IncomingMessage, response: Http.ServerResponse) =>
    Effect.gen(function* () {
      const bytes = yield* readBody(request)
      const outcome = yield* Deferred.make<Outcome>()
      const entry = yield* record(request, bytes, Deferred.await(outcome))
      const queued = yield* Ref.modify(queue, (scripts): [Script | undefined, ReadonlyArray<Script>] => [
        scripts[0],
        scripts.slice(1)
      ])
      const script = queued ?? (yield* Ref.get(fallback))(entry)
      const ended = yield* Effect.race(
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
      yield* Deferred.succeed(outcome, ended)
    })

  const server = Http.createServer((request, response) => {
    response.on("error", () => {}) // a client that goes away is an outcome, not a crash
    run(handle(request, response))
  })
  const port = yield* listen(server)

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    enqueue: (...scripts: ReadonlyArray<Script>) => Ref.update(queue, (waiting) => [...waiting, ...scripts]),
    fallback: (choose: Fallback) => Ref.set(fallback, choose),
    requests: Ref.get(recorded),
    take: Queue.take(arrivals)
  }
})

/** A scripted provider: see the file's comment for its rules, `UpstreamScript` and `ChatScript` for what it plays. */
export class ScriptedUpstream extends Context.Tag("claudex/testing/ScriptedUpstream")<
  ScriptedUpstream,
  {
    /** `http://127.0.0.1:<port>`, without a trailing slash. */
    readonly url: string
    readonly port: number
    /** Queues answers; each serves one request, in order of arrival. */
    readonly enqueue: (...scripts: ReadonlyArray<Script>) => Effect.Effect<void>
    /** What answers requests when the queue is empty; replaces the former choice. By default a 500 that says so. */
    readonly fallback: (choose: Fallback) => Effect.Effect<void>
    /** Every request so far, in order of arrival. */
    readonly requests: Effect.Effect<ReadonlyArray<RecordedRequest>>
    /** The next request that was not yet taken; waits for it. Independent of `requests`. */
    readonly take: Effect.Effect<RecordedRequest>
  }
>() {
  /** Starts the server in the scope; every use is a server of its own. */
  static readonly make: Effect.Effect<typeof ScriptedUpstream.Service, never, Scope.Scope> = make

  /** The server as a layer, for tests that share one. */
  static readonly layer: Layer.Layer<ScriptedUpstream> = Layer.scoped(ScriptedUpstream, make)
}
