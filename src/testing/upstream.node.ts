/**
 * A real HTTP server on 127.0.0.1 that answers by script and remembers what it was asked: the provider's side of a
 * test, over real sockets.
 *
 * Invariants: every request gets the oldest queued script, else the `fallback`, else a 500 that says so; a request is
 * recorded before its answer begins; closing the scope cuts every open connection and frees the port.
 */
import * as Http from "node:http"
import { Context, Deferred, Effect, FiberSet, Layer, Queue, Ref, type Scope } from "effect"
import { listen, type Outcome, perform, readBody } from "./serving.node.ts"
import { respond, type Script } from "./upstreamScript.ts"

export type { Outcome }

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

const noScript: Fallback = (request) =>
  respond(500, { error: { message: `no script for request ${request.index}: ${request.method} ${request.url}` } })

const headersOf = (request: Http.IncomingMessage): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? "")
    ])
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
      const ended = yield* perform(response, script)
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
