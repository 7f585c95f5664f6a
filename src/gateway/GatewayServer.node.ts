/** The gateway on a Node HTTP server, with an orderly end. */
import * as Http from "node:http"
import type { Socket } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { HttpServer, HttpServerError } from "@effect/platform"
import { Context, Effect, Layer } from "effect"
import type { Config } from "../config/Config.ts"
import { CircuitBreaker } from "../resilience/CircuitBreaker.ts"
import { HealthBoard } from "../resilience/HealthBoard.ts"
import { Limiter } from "../resilience/Limiter.ts"
import * as Network from "../upstream/undici.node.ts"
import { isLoopback } from "./access.ts"
import * as Gateway from "./Gateway.ts"
import { GatewaySettings } from "./GatewaySettings.ts"
import type { Journal } from "./Journal.ts"
import type { LentEnvironment } from "./LentEnvironment.ts"
import { Lifecycle } from "./Lifecycle.ts"
import * as NodeWire from "./Wire.node.ts"

/** Longer than clients keep idle connections themselves, so that they never meet one we are closing. */
const keepAliveTimeout = 120_000

/**
 * A response whose turn on its connection has not come has no socket, and Node never tells it that the connection is gone:
 * what waits for its end would wait for ever.
 */
const closeQueued = (server: Http.Server): Http.Server => {
  const queues = new WeakMap<Socket, Set<Http.ServerResponse>>()
  const queueOf = (socket: Socket) => {
    const queue = queues.get(socket) ?? new Set<Http.ServerResponse>()
    if (queues.has(socket)) return queue
    queues.set(socket, queue)
    socket.once("close", () => {
      for (const response of queue) if (response.socket === null) response.destroy().emit("close")
    })
    return queue
  }
  return server.on("request", ({ socket }, response) => {
    if (response.socket !== null) return
    const queue = queueOf(socket).add(response)
    response.once("close", () => queue.delete(response))
  })
}

class NodeServer extends Context.Tag("claudex/gateway/NodeServer")<NodeServer, Http.Server>() {
  static readonly layer = Layer.sync(NodeServer, () => closeQueued(Http.createServer({ keepAliveTimeout })))
}

/**
 * Runs before the server and its routes are released, while requests are still answered: no new connections, no new
 * work, time for the answers under way, an honest error for what is left, and then every socket goes.
 */
const Drain = Layer.scopedDiscard(
  Effect.gen(function* () {
    const server = yield* NodeServer
    const lifecycle = yield* Lifecycle
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        server.close()
        yield* lifecycle.drain(Gateway.grace)
        server.closeAllConnections()
      })
    )
  })
)

const listening = (port: number) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const server = yield* NodeServer
      const { allowRemote, host } = yield* GatewaySettings
      if (!allowRemote && !isLoopback(host)) {
        const cause = new Error(`listening on ${host}, where other machines can come, needs allow_remote`)
        return Layer.fail(new HttpServerError.ServeError({ cause }))
      }
      return Layer.scoped(
        HttpServer.HttpServer,
        NodeHttpServer.make(() => server, { host, port })
      )
    })
  )

/**
 * Listens on the settings' host and the given port (0 for any free one) until the scope closes, which takes as long as
 * the answers under way need, 11 seconds at most. The provided `HttpServer` knows the address.
 */
export const layer = (
  port: number
): Layer.Layer<
  HttpServer.HttpServer | CircuitBreaker | Limiter | HealthBoard,
  HttpServerError.ServeError,
  GatewaySettings | Config | LentEnvironment | Lifecycle | Journal
> =>
  Drain.pipe(
    Layer.provideMerge(Gateway.undrained),
    Layer.provideMerge(Layer.mergeAll(listening(port), CircuitBreaker.layer, Limiter.layer, HealthBoard.layer)),
    Layer.provide([NodeServer.layer, NodeWire.layer, Network.layer])
  )
