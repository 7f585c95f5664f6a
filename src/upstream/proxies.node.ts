/** The proxies that the environment names: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case. */
import * as Undici from "@effect/platform-node/Undici"
import { ProxyError } from "./TransportError.ts"

/** Milliseconds. */
interface Limits {
  readonly connect: number
}

/**
 * Connections to a proxy. undici takes one that closes while it is asked for a tunnel for a server that may be asked
 * again, and asks it thousands of times a second until nobody wants the answer any more (7.30.2); a failure of our own
 * ends that, and says who failed.
 */
const toProxy = (address: URL, options: object, limits: Limits): Undici.Dispatcher => {
  const pool = new Undici.Pool(address, { ...options, headersTimeout: limits.connect })
  const ask = pool.connect.bind(pool)
  const connect = (wanted: Undici.Dispatcher.ConnectOptions) =>
    new Promise<Undici.Dispatcher.ConnectData>((done, fail) => {
      ask(wanted, (cause, answer) => {
        if (cause !== null) return fail(new ProxyError(address.host, { cause }))
        if (answer.statusCode === 200) return done(answer)
        answer.socket.on("error", () => {}).destroy()
        fail(new ProxyError(address.host, { status: answer.statusCode }))
      })
    })
  return Object.assign(pool, { connect })
}

/** Sends each request by the proxy that the environment names for it. Throws when that is no address. */
export const byProxy = (options: Undici.Agent.Options, limits: Limits): Undici.Dispatcher =>
  new Undici.EnvHttpProxyAgent({
    ...options,
    proxyTls: { timeout: limits.connect },
    requestTls: { timeout: limits.connect },
    clientFactory: (address, own) => toProxy(address, own, limits)
  })
