/** Why no answer, or no whole answer, came from a provider. */
import { Data } from "effect"
import type { TransportFailure } from "../protocol/errors.ts"

type Kind = TransportFailure["kind"]

/** `detail` is a short cause for people, such as an error code; it never holds a secret, a header or a body. */
export class TransportError extends Data.TaggedError("TransportError")<{
  readonly kind: Kind
  /** Host and port, as in the configured URL. */
  readonly host: string
  readonly detail: string
}> {
  override get message(): string {
    return `${this.host}: ${this.detail}`
  }
}

const dns = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME"])
const connect = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "EADDRNOTAVAIL", "ENETDOWN"])
/** Of this process or this machine: too many files, too little room for one more socket. */
const exhausted = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
const connectTimeout = new Set(["UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"])
/** OpenSSL verification results and Node's own TLS errors. */
const tls =
  /^(ERR_TLS_|ERR_SSL_|CERT_|EPROTO$|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA$|INVALID_PURPOSE$|HOSTNAME_MISMATCH$|CRL_|ERROR_IN_)/

const textOf = (value: unknown, key: "code" | "message"): string | undefined => {
  if (typeof value !== "object" || value === null || !(key in value)) return undefined
  // `key in value` was just checked; the value read stays unknown
  const found = (value as { readonly [key: string]: unknown })[key]
  return typeof found === "string" && found !== "" ? found : undefined
}

/** The error that says most: inside an AggregateError (one per address tried) or a `cause`. */
const innermost = (cause: unknown, depth = 0): unknown => {
  if (depth > 4 || typeof cause !== "object" || cause === null) return cause
  if ("errors" in cause && Array.isArray(cause.errors) && cause.errors.length > 0) {
    return innermost(cause.errors[0], depth + 1)
  }
  if (textOf(cause, "code") === undefined && "cause" in cause && cause.cause !== undefined) {
    return innermost(cause.cause, depth + 1)
  }
  return cause
}

/** What came and was no HTTP counts as a connection that broke. */
const kindOf = (code: string): Kind => {
  if (exhausted.has(code)) return "exhausted"
  if (dns.has(code)) return "dns"
  if (connect.has(code)) return "connect"
  if (connectTimeout.has(code)) return "connect-timeout"
  return tls.test(code) ? "tls" : "reset"
}

const codeOf = (cause: unknown): string | undefined => textOf(innermost(cause), "code")
// "fetch failed", "terminated" and the like: clients of the platform that hide the cause
const hidden = "the connection failed"

/** What a proxy does instead, by undici's codes. */
const proxyFaults: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: "closes the connection",
  UND_ERR_HEADERS_TIMEOUT: "does not answer"
}

const proxyFault = (code: string | undefined): string =>
  code === undefined ? "fails" : (proxyFaults[code] ?? `fails (${code})`)

/** A proxy did not connect us to a provider. */
export class ProxyError extends Error {
  /** The proxy's, without name and password; the HTTP status of its answer, or why there was none. */
  constructor(host: string, { cause, status }: { readonly cause?: unknown; readonly status?: number }) {
    const fault = status === undefined ? proxyFault(codeOf(cause)) : `answers HTTP ${status}`
    super(`the proxy ${host} ${fault}`)
  }
}

/** Sorts what an HTTP client threw before the headers came. Only the error's code is kept: messages may quote headers. */
export const connectionError = (host: string, cause: unknown): TransportError => {
  if (cause instanceof ProxyError) return new TransportError({ kind: "connect", host, detail: cause.message })
  const code = codeOf(cause)
  return new TransportError({ kind: code === undefined ? "reset" : kindOf(code), host, detail: code ?? hidden })
}

/** What an HTTP client threw while the body arrived. */
export const bodyError = (host: string, cause: unknown): TransportError =>
  new TransportError({ kind: "ended-early", host, detail: codeOf(cause) ?? hidden })
