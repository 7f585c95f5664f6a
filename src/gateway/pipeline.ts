/**
 * One request, end to end: the picture of the design as a screen of code. Every step is a file of its own; read this one
 * first.
 */
import type { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, type Scope } from "effect"
import type { Config } from "../config/Config.ts"
import { decodeRequest } from "../protocol/anthropic/request.ts"
import { answer } from "./answer.ts"
import { readJson } from "./body.ts"
import type { AnswerTools } from "./carry.ts"
import type { makeCandidates } from "./candidates.ts"
import type { Exchange } from "./Exchange.ts"
import type { GatewaySettings } from "./GatewaySettings.ts"
import type { LentEnvironment } from "./LentEnvironment.ts"
import { shuttingDown } from "./Lifecycle.ts"
import { orRefuse, Refused } from "./Refused.ts"
import { anchorOf, settingsAt } from "./world.ts"

/** What the gateway stands on; looked up once, when it starts. */
export interface Tools extends AnswerTools {
  readonly settings: typeof GatewaySettings.Service
  readonly config: typeof Config.Service
  readonly lent: typeof LentEnvironment.Service
  readonly candidatesFor: ReturnType<typeof makeCandidates>
  /** Bytes. */
  readonly maxBody: number
  /** When the gateway started, epoch milliseconds. */
  readonly started: number
}

/**
 * `POST …/v1/messages` for a profile. Who may ask was checked before (access.ts); errors become responses after
 * (Gateway.ts).
 *
 * Not written as a generator, and neither are the steps: V8 carries what generators hold over into the old generation,
 * which doubled the price of a small request and multiplied the memory in use.
 */
export const messages = (
  tools: Tools,
  exchange: Exchange,
  request: HttpServerRequest.HttpServerRequest,
  profile: string
): Effect.Effect<HttpServerResponse.HttpServerResponse, Refused, Scope.Scope> => {
  exchange.profile = profile
  if (tools.lifecycle.isDraining()) return Effect.fail(new Refused({ error: shuttingDown }))

  // limits: the body's size, its encoding, its syntax
  return readJson(tools.wire, request, tools.maxBody).pipe(
    // protocol: the client's wire → one neutral request, read leniently
    Effect.flatMap(({ size, value }) => {
      exchange.size = size
      return orRefuse(decodeRequest(value))
    }),

    Effect.flatMap((conversation) => {
      exchange.asked = conversation.model
      return anchorOf(request.headers, tools.settings.anchor).pipe(
        // profile: the configuration of the client's workspace
        Effect.flatMap((anchor) => settingsAt(tools.config, anchor)),

        // slot, alias or picked model → who may answer, in order
        Effect.flatMap((settings) => tools.candidatesFor(profile, conversation.model, settings, tools.lent.current())),

        // upstream: one attempt; its answer is translated while it arrives
        Effect.flatMap(([candidate]) => answer(tools, exchange, conversation, candidate))
      )
    })
  )
}
