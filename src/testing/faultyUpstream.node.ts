/**
 * A provider that fails in every way (faults.ts) over real sockets: speaks Chat Completions, Responses and Anthropic
 * Messages on one port of 127.0.0.1. The first part of the path names who is asked, so that one server is many providers:
 * `/NAME/v1/chat/completions`.
 *
 * Invariants: each request's fault is decided by `choose` alone; a request is counted before its answer begins and open
 * until its script was played or the client went away.
 */
import * as Http from "node:http"
import type * as Net from "node:net"
import { Effect, FiberSet, type Scope } from "effect"
import { type FaultName, faults, type FaultyAsk, type FaultyWire } from "./faults.ts"
import { listen, perform, readBody } from "./serving.node.ts"
import { respond } from "./upstreamScript.ts"

/** One request: who is asked, in which protocol, and for a stream or a whole answer. */
export interface FaultyRequest extends FaultyAsk {
  readonly name: string
  /** The body, by which a test may know whose request it is. */
  readonly body: string
}

/** The server, and what tests ask and tell it. */
export interface FaultyUpstream {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string
  /** The base URL of one of its providers. */
  readonly baseUrl: (name: string) => string
  /** A base URL at which nobody listens: connections are refused. */
  readonly refusing: string
  /** Replaces what decides the faults; at first every answer is fine. */
  readonly choose: (draw: (request: FaultyRequest) => FaultName) => void
  /** How often each fault was played so far. */
  readonly counts: () => ReadonlyMap<FaultName, number>
  /** Requests whose answer is under way. */
  readonly open: () => number
  /** Cuts every connection, also those that are only kept. */
  readonly hangUp: () => void
}

const wires: { readonly [ending: string]: FaultyWire } = {
  "/chat/completions": "chat",
  "/responses": "responses",
  "/messages": "anthropic"
}

const streamed = /"stream":\s*true/

const requestOf = (url: string, body: Buffer): FaultyRequest | undefined => {
  const [path = ""] = url.split("?", 1)
  const ending = Object.keys(wires).find((one) => path.endsWith(one))
  const wire = ending === undefined ? undefined : wires[ending]
  if (wire === undefined) return undefined
  const text = body.toString("utf8")
  return { name: path.split("/")[1] ?? "", wire, stream: streamed.test(text), body: text }
}

const lost = respond(404, { error: { message: "nothing is here" } })

/** A port that was free a moment ago, and that nobody else is given soon. */
const freePort = Effect.scoped(listen(Http.createServer()))

/** Starts the server in the scope. */
export const makeFaultyUpstream: Effect.Effect<FaultyUpstream, never, Scope.Scope> = Effect.gen(function* () {
  const run = yield* FiberSet.makeRuntime<never>()
  const counts = new Map<FaultName, number>()
  const sockets = new Set<Net.Socket>()
  let draw: (request: FaultyRequest) => FaultName = () => "fine"
  let open = 0

  const handle = (request: Http.IncomingMessage, response: Http.ServerResponse) =>
    Effect.gen(function* () {
      const asked = requestOf(request.url ?? "", yield* readBody(request))
      if (asked === undefined) return yield* perform(response, lost)
      const name = draw(asked)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      return yield* perform(response, faults[name](asked))
    })

  const server = Http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    response.on("error", () => {}) // a client that goes away is an outcome, not a crash
    open += 1
    run(
      Effect.ensuring(
        handle(request, response),
        Effect.sync(() => (open -= 1))
      )
    )
  })
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  const refused = yield* freePort
  const port = yield* listen(server)
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    baseUrl: (name) => `${url}/${name}/v1`,
    refusing: `http://127.0.0.1:${refused}/v1`,
    choose: (next) => {
      draw = next
    },
    counts: () => counts,
    open: () => open,
    hangUp: () => {
      for (const socket of sockets) socket.destroy()
    }
  }
})
