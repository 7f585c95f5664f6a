/**
 * One request, end to end: the picture of the design as a screen of code. Every step is a file of its own; read this one
 * first.
 */
import type { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, type Scope } from "effect"
import type { Config } from "../config/Config.ts"
import { decodeRequest } from "../protocol/anthropic/request.ts"
import { answer, type AnswerTools } from "./answer.ts"
import { readJson } from "./body.ts"
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
 * (routes.ts).
 */
export const messages = (
  tools: Tools,
  exchange: Exchange,
  request: HttpServerRequest.HttpServerRequest,
  profile: string
): Effect.Effect<HttpServerResponse.HttpServerResponse, Refused, Scope.Scope> =>
  Effect.gen(function* () {
    exchange.profile = profile
    if (tools.lifecycle.isDraining()) return yield* new Refused({ error: shuttingDown })

    // limits: the body's size, its encoding, its syntax
    const body = yield* readJson(tools.wire, request, tools.maxBody)

    // protocol: the client's wire → one neutral request, read leniently
    const conversation = yield* orRefuse(decodeRequest(body))
    exchange.asked = conversation.model

    // profile: the configuration of the client's workspace; slot, alias or picked model → who may answer, in order
    const settings = yield* settingsAt(tools.config, yield* anchorOf(request.headers, tools.settings.anchor))
    const candidates = yield* tools.candidatesFor(profile, conversation.model, settings, tools.lent.current())

    // upstream: one attempt; its answer is translated while it arrives
    const [candidate] = candidates
    return yield* answer(tools, exchange, conversation, candidate)
  })
