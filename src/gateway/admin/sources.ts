/** What the admin API reads and orders, as narrow as it needs it. */
import { Context, type Effect, type Stream } from "effect"
import type { Anchor, Config } from "../../config/Config.ts"
import type { ProfileHealth } from "../../domain/Health.ts"
import type { RequestRecord } from "../../domain/RequestRecord.ts"
import type { Breaker, Configuration } from "./schemas.ts"

export class AdminSources extends Context.Tag("claudex/gateway/AdminSources")<
  AdminSources,
  {
    readonly identity: { readonly instance: string; readonly version: string; readonly pid: number }
    /** Epoch milliseconds. */
    readonly started: number
    readonly inFlight: () => number
    readonly isDraining: () => boolean
    /** Until the result is called, `end` is called once when the gateway begins to go. */
    readonly whenGoing: (end: () => void) => () => void
    readonly config: typeof Config.Service
    /** Where the configuration is discovered for callers that do not say from where they come. */
    readonly anchor: Anchor
    /** The configuration of the gateway's own place, whenever it or its problem changed. */
    readonly configurations: Stream.Stream<Configuration>
    readonly journal: {
      /** The newest first. */
      readonly recent: (limit: number) => ReadonlyArray<RequestRecord>
      readonly changes: Stream.Stream<RequestRecord>
    }
    readonly breakers: {
      readonly states: Effect.Effect<ReadonlyArray<Breaker>>
      readonly changes: Stream.Stream<Breaker>
      /** Answers how many were not closed. */
      readonly reset: (profile: string, model?: string) => Effect.Effect<number>
    }
    readonly health: {
      readonly states: Effect.Effect<ReadonlyMap<string, ProfileHealth>>
      readonly changes: Stream.Stream<{ readonly profile: string; readonly health: ProfileHealth }>
    }
  }
>() {}
