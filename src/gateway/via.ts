/**
 * Keeps a gateway from asking itself, which a `base_url` that leads back to it would have it do without end. Only what could
 * reach the gateway is marked: nothing is told to providers, and nobody else's requests cost anything.
 */
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import { type AccessRules, isOurs } from "./access.ts"
import type { Candidate, Unusable } from "./candidates.ts"

const viaHeader = "x-claudex-via"

/** Headers for what is asked at an address, with the mark of a gateway if it is one of its own. */
const marked = (
  headers: Readonly<Record<string, string>>,
  baseUrl: string,
  rules: AccessRules,
  via: string
): Readonly<Record<string, string>> =>
  URL.canParse(baseUrl) && isOurs(new URL(baseUrl).host, rules) ? { ...headers, [viaHeader]: via } : headers

/** The candidate as the gateway with this name asks it. */
export const markedCandidate = <C extends Candidate | Unusable>(candidate: C, rules: AccessRules, via: string): C => {
  if (candidate._tag === "unusable") return candidate
  const { endpoint, profile } = candidate
  return { ...candidate, endpoint: { ...endpoint, headers: marked(endpoint.headers, profile.baseUrl, rules, via) } }
}

/** Whether the gateway with this name asks itself. `path` is where it was asked. */
export const checkVia = (
  headers: Readonly<Record<string, string | undefined>>,
  via: string,
  path: string
): GatewayError | undefined =>
  headers[viaHeader] === via
    ? gatewayError(
        "invalid_request_error",
        `the base_url of a profile leads back to this claudex gateway, to ${path}: it has to be a provider's`,
        { shouldRetry: false }
      )
    : undefined
