/** Errors as the client sees them, and how upstream failures become them. The one module that others import. */
export {
  endedEarly,
  errorBody,
  errorHeaders,
  type ErrorType,
  type Fault,
  type GatewayError,
  gatewayError,
  statusOf
} from "./gatewayError.ts"
export { maskSecrets } from "./secrets.ts"
export { rateLimitHeaders } from "./rateLimit.ts"
export {
  type About,
  fromErrorObject,
  fromTransport,
  fromUpstream,
  isOutputBudgetTooSmall,
  type TransportFailure,
  type UpstreamFailure
} from "./upstreamError.ts"
