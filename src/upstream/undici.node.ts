/**
 * The upstream client for Node: undici with connections kept for a minute, HTTP(S)_PROXY and NO_PROXY honoured (never
 * for this machine), no timeouts of its own besides the connect limit.
 */
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib"
import { isIP } from "node:net"
import type { Readable } from "node:stream"
import * as Undici from "@effect/platform-node/Undici"
import { Effect, Layer, Scope } from "effect"
import { bodyError, connectionError, TransportError } from "./TransportError.ts"
import { UpstreamHttp, type UpstreamBody, type UpstreamRequest, type UpstreamResponse } from "./UpstreamHttp.ts"

const keepAlive = 60_000
/** How long, and for how many bytes, a complete answer may take to end its connection's body. */
const farewell = { milliseconds: 500, bytes: 64 * 1024 }

/** How it shows that the server had closed a kept connection before our request reached it. */
const closedMeanwhile = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"])

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

interface Agents {
  /** Fails when a proxy variable is no URL. */
  readonly for: (url: URL, connectTimeout: number) => Effect.Effect<Undici.Dispatcher, TransportError>
  readonly destroy: Effect.Effect<void>
}

/** One dispatcher per kind of route and connect limit: undici knows that limit per dispatcher only. */
const makeAgents = Effect.sync((): Agents => {
  const made = new Map<string, Undici.Dispatcher>()
  const make = (direct: boolean, connectTimeout: number): Undici.Dispatcher => {
    const options = {
      keepAliveTimeout: keepAlive,
      keepAliveMaxTimeout: keepAlive,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: connectTimeout }
    }
    return direct ? new Undici.Agent(options) : new Undici.EnvHttpProxyAgent(options)
  }
  return {
    for: (url, connectTimeout) => {
      const direct = isLoopback(url.hostname)
      const key = `${direct} ${connectTimeout}`
      const known = made.get(key)
      if (known !== undefined) return Effect.succeed(known)
      return Effect.try({
        try: () => make(direct, connectTimeout),
        catch: () =>
          new TransportError({
            kind: "connect",
            host: url.host,
            detail: "HTTP_PROXY or HTTPS_PROXY is not a valid proxy URL"
          })
      }).pipe(Effect.tap((dispatcher) => Effect.sync(() => made.set(key, dispatcher))))
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

/** We ask for no compression; a server that compresses all the same is understood. */
const decoded = (body: Readable, encoding: string | undefined): Readable => {
  const decoder =
    encoding === "gzip" || encoding === "x-gzip"
      ? createGunzip()
      : encoding === "deflate"
        ? createInflate()
        : encoding === "br"
          ? createBrotliDecompress()
          : undefined
  if (decoder === undefined) return body
  body.on("error", (cause) => decoder.destroy(cause))
  decoder.on("close", () => {
    if (!body.readableEnded) body.destroy()
  })
  return body.pipe(decoder)
}

const upstreamBody = (raw: Readable, encoding: string | undefined, host: string, ended: () => void): UpstreamBody => {
  const body = decoded(raw, encoding)
  let released = false
  const unread = () => {} // an error after release has no reader, and must not crash the process
  raw.on("error", unread)
  body.on("error", unread)
  raw.once("end", ended)
  return {
    read: (reader) => {
      body.on("data", (chunk: Uint8Array) => {
        if (!released) reader.bytes(chunk)
      })
      body.once("end", () => {
        if (!released) reader.end()
      })
      body.once("error", (cause) => {
        if (!released) reader.fail(bodyError(host, cause))
      })
    },
    pause: () => void body.pause(),
    resume: () => void body.resume(),
    release: (how) => {
      if (released) return
      released = true
      if (raw.readableEnded || raw.destroyed) return
      if (how === "now") return void raw.destroy()
      let left = farewell.bytes
      const timer = setTimeout(() => raw.destroy(), farewell.milliseconds)
      timer.unref()
      raw.once("close", () => clearTimeout(timer))
      body.on("data", (chunk: Uint8Array) => {
        left -= chunk.length
        if (left < 0) raw.destroy()
      })
      body.resume()
    }
  }
}

/** Answers the request's headers, or fails; interrupting it closes the connection. */
const exchange = (
  dispatcher: Undici.Dispatcher,
  url: URL,
  request: UpstreamRequest
): Effect.Effect<Undici.Dispatcher.ResponseData, TransportError> =>
  Effect.async((resume) => {
    const controller = new AbortController()
    dispatcher
      .request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: "POST",
        headers: request.headers,
        body: request.body,
        signal: controller.signal
      })
      .then(
        (response) => resume(Effect.succeed(response)),
        (cause: unknown) => resume(Effect.fail(connectionError(url.host, cause)))
      )
    return Effect.sync(() => controller.abort())
  })

const make = Effect.gen(function* () {
  const agents = yield* Effect.acquireRelease(makeAgents, (made) => made.destroy)
  /** When a connection to an origin last became free: what a request may have been sent on. */
  const freed = new Map<string, number>()

  const answer = (request: UpstreamRequest) =>
    Effect.gen(function* () {
      const url = yield* Effect.try({
        try: () => new URL(request.url),
        catch: () => new TransportError({ kind: "connect", host: "?", detail: "the URL is not valid" })
      })
      const dispatcher = yield* agents.for(url, request.connectTimeout)
      const once = exchange(dispatcher, url, request)
      // A kept connection that the server closes at the very moment of use: the request was never looked at.
      const response = yield* Effect.catchIf(
        once,
        (error) => closedMeanwhile.has(error.detail) && Date.now() - (freed.get(url.origin) ?? 0) < keepAlive,
        () => {
          freed.delete(url.origin)
          return once
        }
      )
      const headers = plainHeaders(response.headers)
      const body = upstreamBody(response.body, headers["content-encoding"]?.toLowerCase(), url.host, () =>
        freed.set(url.origin, Date.now())
      )
      return { status: response.statusCode, headers, body } satisfies UpstreamResponse
    })

  // Between the headers and the finalizer nothing may interrupt: the body would be left without an owner.
  const send = (request: UpstreamRequest) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.tap(restore(answer(request)), (response) =>
        // not Effect.addFinalizer: it compares the fiber's state twice, at a price that shows
        Effect.scopeWith((scope) =>
          Scope.addFinalizer(
            scope,
            Effect.sync(() => response.body.release("now"))
          )
        )
      )
    )
  return UpstreamHttp.of({ send })
})

/** The network. Proxies are read from the environment of this process. */
export const layer: Layer.Layer<UpstreamHttp> = Layer.scoped(UpstreamHttp, make)
