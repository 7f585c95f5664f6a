/**
 * The upstream client for Node: undici with connections kept for a minute, HTTP(S)_PROXY and NO_PROXY honoured (never
 * for this machine), no timeouts of its own besides the connect limit.
 */
import { isIP } from "node:net"
import * as Undici from "@effect/platform-node/Undici"
import { Effect, Layer, Scope } from "effect"
import { isObject } from "../protocol/json.ts"
import { decoded, isDecoded } from "./decoded.node.ts"
import { Incoming } from "./Incoming.node.ts"
import { byProxy } from "./proxies.node.ts"
import { connectionError, TransportError } from "./TransportError.ts"
import { UpstreamHttp, type UpstreamRequest, type UpstreamResponse } from "./UpstreamHttp.ts"

const keepAlive = 60_000

/** How it shows that the server had closed a kept connection before our request reached it. */
const closedMeanwhile = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"])

/** It shows within a round trip, in milliseconds. Later the provider may have been at work: to ask again is to pay twice. */
const roundTrip = 2_000

/**
 * The connection that closed had never served an answer, so it was no kept one. Only undici's own error for a connection
 * that was ended properly says which connection it was.
 */
const isFresh = (cause: unknown): boolean => {
  const socket = isObject(cause) ? cause["socket"] : undefined
  return isObject(socket) && socket["bytesRead"] === 0
}

/** localhost, 127/8 and ::1, in any notation a URL keeps. */
const isLoopback = (hostname: string): boolean => {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase()
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "::1" ||
    (isIP(host) === 4 && host.startsWith("127.")) ||
    host.startsWith("::ffff:7f")
  )
}

/** Where a request goes, and by which dispatcher. */
interface Route {
  readonly host: string
  readonly origin: string
  readonly path: string
  readonly dispatcher: Undici.Dispatcher
}

interface Agents {
  /** Why not, where there is no way. */
  readonly route: (url: string, connectTimeout: number) => Route | TransportError
  readonly destroy: Effect.Effect<void>
}

/** Each request to one endpoint takes the same route, and URLs take long to read. */
const mostRoutes = 256

const dispatcherOf = (direct: boolean, connectTimeout: number): Undici.Dispatcher => {
  const options = {
    keepAliveTimeout: keepAlive,
    keepAliveMaxTimeout: keepAlive,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectTimeout }
  }
  return direct ? new Undici.Agent(options) : byProxy(options, { connect: connectTimeout })
}

/** One dispatcher per kind of route and connect limit: undici knows that limit per dispatcher only. */
const makeAgents = Effect.sync((): Agents => {
  const made = new Map<string, Undici.Dispatcher>()
  const routes = new Map<string, Route>()

  const find = (url: string, connectTimeout: number): Route | TransportError => {
    if (!URL.canParse(url)) return notValid
    const { host, hostname, origin, pathname, search } = new URL(url)
    const direct = isLoopback(hostname)
    const key = `${direct} ${connectTimeout}`
    try {
      const dispatcher = made.get(key) ?? dispatcherOf(direct, connectTimeout)
      made.set(key, dispatcher)
      return { host, origin, path: pathname + search, dispatcher }
    } catch {
      // undici does not take the proxy's URL
      const detail = "HTTP_PROXY or HTTPS_PROXY is not a valid proxy URL"
      return new TransportError({ kind: "connect", host, detail })
    }
  }

  return {
    route: (url, connectTimeout) => {
      const key = `${connectTimeout} ${url}`
      const known = routes.get(key)
      if (known !== undefined) return known
      const found = find(url, connectTimeout)
      if (found instanceof TransportError) return found
      if (routes.size >= mostRoutes) routes.clear()
      routes.set(key, found)
      return found
    },
    destroy: Effect.promise(() => Promise.allSettled([...made.values()].map((dispatcher) => dispatcher.destroy())))
  }
})

const plainHeaders = (
  headers: Readonly<Record<string, string | Array<string> | undefined>>
): Readonly<Record<string, string>> => {
  const plain: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) plain[name] = typeof value === "string" ? value : value.join(", ")
  }
  return plain
}

/** The headers of a body that is handed over without its compression. */
const ofDecoded = ({
  "content-encoding": _encoding,
  "content-length": _length,
  ...others
}: Readonly<Record<string, string>>): Readonly<Record<string, string>> => others

const notValid = new TransportError({ kind: "connect", host: "?", detail: "the URL is not valid" })

const make = Effect.gen(function* () {
  const agents = yield* Effect.acquireRelease(makeAgents, (made) => made.destroy)
  /** When a connection to an origin last became free: what a request may have been sent on. */
  const freed = new Map<string, number>()

  /** For a request that is sent now: whether a failure means a kept connection that closed at the very moment of use. */
  const staleness = (origin: string) => {
    const sent = Date.now()
    const mayBeKept = sent - (freed.get(origin) ?? 0) < keepAlive
    return (error: TransportError, cause: unknown): boolean =>
      mayBeKept && closedMeanwhile.has(error.detail) && !isFresh(cause) && Date.now() - sent < roundTrip
  }

  // One callback instead of a chain of effects: this runs for every request, and the chain cost more than undici.
  const send = (request: UpstreamRequest) =>
    Effect.flatMap(Effect.scope, (scope) => {
      let incoming: Incoming | undefined
      const answer = Effect.async<UpstreamResponse, TransportError>((resume) => {
        const route = agents.route(request.url, request.connectTimeout)
        if (route instanceof TransportError) return resume(Effect.fail(route))
        const { dispatcher, host, origin, path } = route
        const options = {
          origin,
          path,
          method: request.method ?? "POST",
          headers: request.headers,
          body: request.body ?? null
        } as const
        const dispatch = (failed: (cause: unknown) => void) => {
          const current = new Incoming(host, {
            headers: (status, raw) => {
              const headers = plainHeaders(raw)
              const encoding = headers["content-encoding"]
              const body = decoded(current, encoding, host)
              resume(Effect.succeed({ status, headers: isDecoded(encoding) ? ofDecoded(headers) : headers, body }))
            },
            failed,
            ended: () => freed.set(origin, Date.now())
          })
          incoming = current
          dispatcher.dispatch(options, current)
        }
        const fail = (cause: unknown) => resume(Effect.fail(connectionError(host, cause)))
        const isStale = staleness(origin)
        dispatch((cause) => {
          if (!isStale(connectionError(host, cause), cause)) return fail(cause)
          freed.delete(origin)
          dispatch(fail)
        })
      })
      // Before anything is sent, so that there is no moment without an owner.
      const release = Effect.sync(() => incoming?.release("now"))
      return Effect.zipRight(Scope.addFinalizer(scope, release), answer)
    })
  return UpstreamHttp.of({ send })
})

/** The network. Proxies are read from the environment of this process. */
export const layer: Layer.Layer<UpstreamHttp> = Layer.scoped(UpstreamHttp, make)
