/** What a gateway is told when it starts; fixed for its life. Everything else comes from the configuration. */
import { Context, type Redacted } from "effect"
import type { Anchor } from "../config/Config.ts"
import type { KeySource } from "./KeptKeys.ts"

/** What a gateway is told when it starts: who may ask it, at which address, and where its configuration is. */
export class GatewaySettings extends Context.Tag("claudex/GatewaySettings")<
  GatewaySettings,
  {
    /** What every client has to show. */
    readonly token: Redacted.Redacted<string>
    /** Answered by `/health`. */
    readonly identity: { readonly instance: string; readonly version: string; readonly pid: number }
    /** Where the configuration is discovered for clients that do not say from where they come. */
    readonly anchor: Anchor
    /** The host the gateway was told to listen on: a name by which it may be addressed, besides the loopback ones. */
    readonly host: string
    /** Clients of other machines may come. */
    readonly allowRemote: boolean
    /** Largest request body in bytes, as sent and as inflated; 64 MB unless given. */
    readonly maxBody?: number
    /** Where keys are that profiles name by `api_key_keyring`; there are none unless given. */
    readonly keys?: KeySource
  }
>() {}

/** Twice what the real API takes. */
export const defaultMaxBody = 64 * 1024 * 1024
