/** The one way to a provider: a port that a program may replace or wrap. */

/** Sends a request and hands over the answer as it arrives. */
export { UpstreamHttp, type UpstreamRequest, type UpstreamResponse } from "../upstream/UpstreamHttp.ts"
/** A body that arrives, who takes its bytes, and one that is already here. */
export { bodyOf, type BodyReader, type UpstreamBody } from "../upstream/UpstreamHttp.ts"
/** Why no answer, or no whole answer, came. */
export { TransportError } from "../upstream/TransportError.ts"
export { fromHttpClient, layer } from "../upstream/httpClient.ts"
