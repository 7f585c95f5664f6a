/**
 * Who may talk to the gateway (design decision 7). Pure.
 *
 * A web page the user visits can make the browser send requests to this machine, under its own name (Origin) or, after
 * its DNS name was pointed here, under ours (Host). Neither may get through, token or not.
 */
import { gatewayError, type GatewayError } from "../protocol/errors.ts"

type Headers = Readonly<Record<string, string | undefined>>

export interface AccessRules {
  readonly token: string
  /** The port the gateway listens on; undefined when it listens on none (a Unix socket). */
  readonly port: number | undefined
  readonly host: string
  readonly allowRemote: boolean
}

const ipv4 = /^\d{1,3}(\.\d{1,3}){3}$/

/** `host:port`, `[v6]:port`, each without the port too. */
const splitHost = (header: string): { readonly name: string; readonly port: number | undefined } | undefined => {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(header)
  if (match?.[1] === undefined) return undefined
  return {
    name: bare(match[1]),
    port: match[2] === undefined ? undefined : Number(match[2])
  }
}

/** Whether a host (a name or an address, IPv6 with or without brackets) is certainly this machine and no other. */
export const isLoopback = (host: string): boolean => isLoopbackName(bare(host))

const bare = (host: string): string => host.toLowerCase().replace(/^\[|\]$/g, "")

const isLoopbackName = (name: string): boolean =>
  name === "localhost" || name === "::1" || (ipv4.test(name) && name.startsWith("127."))

/**
 * Whether a Host header names this gateway. No rebound DNS name is an address, so every address is fine where other machines may come; and a port forwarded
 * from there need not be ours.
 */
export const isOurs = (header: string, rules: AccessRules): boolean => {
  const host = splitHost(header)
  if (host === undefined) return false
  const configured = bare(rules.host)
  if (rules.allowRemote) return host.name === configured || isLoopbackName(host.name) || /^[\d.]+$|:/.test(host.name)
  return (
    (host.name === configured || isLoopbackName(host.name)) &&
    (rules.port === undefined || (host.port ?? 80) === rules.port)
  )
}

/** Compares every character whatever the first ones say; only the length can be learned from the time it takes. */
const equalSecrets = (left: string, right: string): boolean => {
  let difference = left.length ^ right.length
  for (let i = 0; i < left.length; i++) difference |= left.charCodeAt(i) ^ right.charCodeAt(i % (right.length || 1))
  return difference === 0
}

/** Whoever asks: the request must be meant for this gateway and must not come from a web page. */
export const checkOrigin = (headers: Headers, rules: AccessRules): GatewayError | undefined => {
  if (headers["origin"] !== undefined) {
    return gatewayError(
      "permission_error",
      "claudex does not serve web pages: a request with an Origin header is refused",
      {
        shouldRetry: false
      }
    )
  }
  return isOurs(headers["host"] ?? "", rules)
    ? undefined
    : gatewayError("permission_error", "the Host header does not name this claudex gateway", { shouldRetry: false })
}

/** The client must show the token, either way its API knows. */
export const checkToken = (headers: Headers, rules: AccessRules): GatewayError | undefined => {
  const bearer = /^bearer\s+(.*)$/i.exec(headers["authorization"] ?? "")?.[1]?.trim()
  // Both are always compared, so that the time does not tell which one was shown.
  const byBearer = equalSecrets(rules.token, bearer ?? "")
  const byKey = equalSecrets(rules.token, headers["x-api-key"] ?? "")
  if (rules.token !== "" && (byBearer || byKey)) return undefined
  const shown = bearer !== undefined || headers["x-api-key"] !== undefined
  return gatewayError(
    "authentication_error",
    `claudex: ${shown ? "the client token is not the one of this gateway" : "a client token is required"}; \`claudex proxy token\` prints it`,
    { shouldRetry: false }
  )
}
