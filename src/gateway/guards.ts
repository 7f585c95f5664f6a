/** What stands before a candidate: its circuit breaker, its limits; and who hears how it went. */
import type { ConfigFile } from "../config/ConfigFile.ts"
import type { Exchange } from "./Exchange.ts"
import type { Guards } from "./failover.ts"
import type { Inbound } from "./inbound.ts"
import type { Tools } from "./pipeline.ts"

const nothing = () => {}

export const guardsFor = (_tools: Tools, _exchange: Exchange, _asked: Inbound, _settings: ConfigFile): Guards => ({
  admit: () => ({ began: nothing, ended: nothing }),
  enter: () => undefined
})
