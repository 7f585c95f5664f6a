/** The gateway as a layer, and the services it stands on. `claudex/node` has it with a Node server and client. */

export { layer, layerHttpRouter } from "../gateway/Gateway.ts"
/** What a gateway is told when it starts. */
export { GatewaySettings, defaultMaxBody } from "../gateway/GatewaySettings.ts"
/** Where it gets the keys that profiles name by `api_key_keyring`. */
export type { KeySource } from "../gateway/KeptKeys.ts"
export type { KeyLookup } from "../credentials/ApiKey.ts"
/** The bytes between it and its clients; the layers of `claudex/node` bring their own. */
export type { Wire } from "../gateway/Wire.ts"
/** How it is asked to go, and lets answers under way finish. */
export { Lifecycle } from "../gateway/Lifecycle.ts"
/** Variables that profiles refer to, kept in memory. */
export { LentEnvironment } from "../gateway/LentEnvironment.ts"
/** What `GET /health` answers. */
export { Health } from "../gateway/contract.ts"
/** With these headers a client says from where its configuration is to be discovered. */
export { configHeader, workspaceHeader } from "../gateway/contract.ts"
/** The path under which a profile is served. */
export { profilePath } from "../gateway/contract.ts"
/** Which models are left alone for a while, and until when. */
export {
  CircuitBreaker,
  type BreakerKey,
  type BreakerView,
  type Permit,
  type Refusal
} from "../resilience/CircuitBreaker.ts"
/** How one breaker stands, and by which numbers it moves. */
export type {
  Bucket as BreakerBucket,
  Closed as BreakerClosed,
  HalfOpen as BreakerHalfOpen,
  Open as BreakerOpen,
  Outcome as BreakerOutcome,
  State as BreakerState,
  Thresholds
} from "../resilience/breaker.ts"
/** One record of each request: the last ones, and each as it comes. `Journal.layerMemory` keeps them in memory. */
export { Journal, type JournalShape } from "../gateway/Journal.ts"
export type { AttemptRecord, RequestRecord } from "../domain/RequestRecord.ts"
/** How much of a profile is used at a time: who has to wait, and in which order they go. */
export { Limiter, type Entrance, type LimiterView } from "../resilience/Limiter.ts"
/** How each profile's provider is, as requests and the health checker tell. */
export { HealthBoard, type Sight } from "../resilience/HealthBoard.ts"
export type { ProfileHealth } from "../domain/Health.ts"
