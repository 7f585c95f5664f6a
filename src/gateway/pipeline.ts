/**
 * One request, end to end: the picture of the design as a screen of code. Every step is a file of its own; read this one
 * first.
 */
import type { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, type Scope } from "effect"
import type { Config } from "../config/Config.ts"
import type { Conversation } from "../protocol/conversation.ts"
import { answer } from "./answer.ts"
import { readBody } from "./body.ts"
import type { AnswerTools } from "./carry.ts"
import type { Candidate, makeCandidates } from "./candidates.ts"
import type { Exchange } from "./Exchange.ts"
import type { GatewaySettings } from "./GatewaySettings.ts"
import type { LentEnvironment } from "./LentEnvironment.ts"
import { type Inbound, inbound } from "./inbound.ts"
import { shuttingDown } from "./Lifecycle.ts"
import { bodyFor, forwardOf, pass } from "./pass.ts"
import { Refused } from "./Refused.ts"
import { isHandedOn, settingsFor } from "./world.ts"

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

/** Claude Code names its session here too, also where the body does not. */
const sessionHeader = "x-claude-code-session-id"

const inSession = (conversation: Conversation, session: string | undefined): Conversation =>
  conversation.sessionId !== undefined || session === undefined || session === ""
    ? conversation
    : { ...conversation, sessionId: session }

/** One attempt at a candidate; its answer is translated, or handed on, while it arrives. */
const attempted = (
  tools: Tools,
  exchange: Exchange,
  request: HttpServerRequest.HttpServerRequest,
  asked: Inbound,
  candidate: Candidate
): Effect.Effect<HttpServerResponse.HttpServerResponse, Refused, Scope.Scope> => {
  exchange.profile = candidate.profile.name
  exchange.served = candidate.model
  exchange.reason = candidate.reason
  return candidate._tag === "pass"
    ? Effect.flatMap(asked.survey, (survey) => {
        exchange.stream = survey.stream
        const body = bodyFor(exchange, asked.body, survey, candidate)
        return pass(tools, exchange, request, { ...forwardOf(request), path: "messages", body }, candidate)
      })
    : Effect.flatMap(asked.conversation, (conversation) =>
        answer(tools, exchange, request, inSession(conversation, request.headers[sessionHeader]), candidate)
      )
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

  // limits: the body's size, its encoding
  return Effect.flatMap(readBody(tools.wire, request, tools.maxBody), (body) => {
    exchange.size = body.length
    // profile: the configuration of the client's workspace
    return Effect.flatMap(settingsFor(tools, request), (settings) =>
      // protocol: the client's wire, looked through or read into one neutral request
      Effect.flatMap(inbound(body, isHandedOn(settings, profile)), (asked) => {
        exchange.asked = asked.model
        // slot, alias or picked model → who may answer, in order
        const candidates = tools.candidatesFor(profile, asked.model, settings, tools.lent.current())
        // upstream
        return Effect.flatMap(candidates, ([candidate]) => attempted(tools, exchange, request, asked, candidate))
      })
    )
  })
}
