/**
 * One request, end to end: the picture of the design as a screen of code. Every step is a file of its own; read this one
 * first.
 */
import type { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Clock, Context, DefaultServices, Effect, Scope } from "effect"
import type { makeAdmin } from "./admin.ts"
import type { ConfigFile } from "../config/ConfigFile.ts"
import type { Conversation } from "../protocol/conversation.ts"
import type { GatewayError } from "../protocol/errors.ts"
import type { CircuitBreaker } from "../resilience/CircuitBreaker.ts"
import type { HealthBoard } from "../resilience/HealthBoard.ts"
import type { Limiter } from "../resilience/Limiter.ts"
import { answer } from "./answer.ts"
import type { Attempt } from "./Attempt.ts"
import { type BodyTools, heldBody } from "./body.ts"
import type { AnswerTools } from "./carry.ts"
import type { Candidate, makeCandidates } from "./candidates.ts"
import { makeDecision } from "./decision.ts"
import { deliver } from "./deliver.ts"
import type { Exchange } from "./Exchange.ts"
import { failover } from "./failover.ts"
import type { GatewaySettings } from "./GatewaySettings.ts"
import { guardsFor } from "./guards.ts"
import type { Journal } from "./Journal.ts"
import type { KeptKeys } from "./KeptKeys.ts"
import type { LentEnvironment } from "./LentEnvironment.ts"
import { type Inbound, inbound } from "./inbound.ts"
import type { Ledger } from "./Ledger.ts"
import { shuttingDown } from "./Lifecycle.ts"
import { bodyFor, forwardOf, pass } from "./pass.ts"
import { Refused } from "./Refused.ts"
import { steadyTime } from "./steady.ts"
import type { SteadyConfig } from "./SteadyConfig.ts"
import type { Won } from "./Won.ts"
import { environmentFor, isHandedOn, settingsFor } from "./world.ts"

/** What the gateway stands on; looked up once, when it starts. */
export interface Tools extends AnswerTools, BodyTools {
  readonly settings: typeof GatewaySettings.Service
  readonly config: typeof SteadyConfig.Service
  readonly lent: typeof LentEnvironment.Service
  readonly keys: KeptKeys
  /** What the gateway calls itself where it could ask itself. */
  readonly via: string
  readonly candidatesFor: ReturnType<typeof makeCandidates>
  readonly breaker: typeof CircuitBreaker.Service
  readonly limiter: typeof Limiter.Service
  readonly health: typeof HealthBoard.Service
  readonly journal: typeof Journal.Service
  readonly ledger: Ledger
  /** When the gateway started, epoch milliseconds. */
  readonly started: number
  readonly admin: ReturnType<typeof makeAdmin>
}

/** Claude Code names its session here too, also where the body does not, and the subagent that asks. */
const sessionHeader = "x-claude-code-session-id"
const agentHeader = "x-claude-code-agent-id"

const inSession = (conversation: Conversation, session: string | undefined): Conversation =>
  conversation.sessionId !== undefined || session === undefined ? conversation : { ...conversation, sessionId: session }

/** One attempt at a candidate; its answer is translated, or handed on, while it arrives. */
const attempted =
  (tools: Tools, exchange: Exchange, request: HttpServerRequest.HttpServerRequest, asked: Inbound) =>
  (candidate: Candidate, attempt: Attempt, scope: Scope.Scope): Effect.Effect<Won, Refused> =>
    candidate._tag === "pass"
      ? Effect.flatMap(asked.survey, (survey) => {
          const body = bodyFor(exchange, asked.body, survey, candidate)
          return pass(tools, exchange, attempt, scope, { ...forwardOf(request), path: "messages", body }, candidate)
        })
      : Effect.flatMap(asked.conversation, (conversation) => {
          asked.forget()
          return answer(tools, exchange, attempt, scope, inSession(conversation, exchange.session), candidate)
        })

/** Notes what the record of the request says of who asks for what. */
const note = (exchange: Exchange, { headers }: HttpServerRequest.HttpServerRequest, asked: Inbound): void => {
  const session = headers[sessionHeader] ?? asked.session ?? ""
  const agent = headers[agentHeader] ?? ""
  exchange.asked = asked.model
  exchange.stream = asked.stream
  if (session !== "") exchange.session = session
  if (agent !== "") exchange.agent = agent
}

/** The answer of the first candidate that has one. */
const answered = (
  tools: Tools,
  exchange: Exchange,
  request: HttpServerRequest.HttpServerRequest,
  asked: Inbound,
  settings: ConfigFile
): Effect.Effect<HttpServerResponse.HttpServerResponse, Refused, Scope.Scope> =>
  Effect.withFiberRuntime((fiber) => {
    // slot, alias or picked model → who may answer, in order
    const candidates = Effect.flatMap(environmentFor(tools, request), (environment) =>
      tools.candidatesFor(exchange.named ?? "", asked.model, settings, environment)
    )
    const clock = Context.get(fiber.getFiberRef(DefaultServices.currentServices), Clock.Clock)
    const now = () => clock.unsafeCurrentTimeMillis()
    const guards = guardsFor(tools, now, exchange, asked, settings)
    const cut = makeDecision<GatewayError>()
    const scope = Context.unsafeGet(fiber.currentContext, Scope.Scope)
    const won = Effect.flatMap(candidates, (list) =>
      // resilience: breaker, limits, attempts; protocol and upstream: one attempt
      failover({
        exchange,
        candidates: list,
        guards,
        scope,
        isCut: tools.lifecycle.isDraining,
        cut,
        ask: attempted(tools, exchange, request, asked)
      })
    )
    return deliver(tools, exchange, request, scope, steadyTime(clock), cut, won)
  })

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
  exchange.named = profile
  exchange.profile = profile
  if (tools.lifecycle.isDraining()) return Effect.fail(new Refused({ error: shuttingDown }))

  // profile: the configuration of the client's workspace
  return Effect.flatMap(settingsFor(tools, request), (settings) =>
    // limits: the body's size, its encoding, the memory of all
    Effect.flatMap(heldBody(tools, exchange, request, settings), (body) => {
      exchange.size = body.length
      // protocol: the client's wire, looked through or read into one neutral request
      return Effect.flatMap(inbound(body, isHandedOn(settings, profile)), (asked) => {
        note(exchange, request, asked)
        return answered(tools, exchange, request, asked, settings)
      })
    })
  )
}
