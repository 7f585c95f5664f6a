/**
 * Asks one candidate after the other until one answers (design decision 11): only before anything of an answer reached the
 * client, never where the next one would fail the same way, within the request's budget of attempts and time. Whoever
 * loses has its connection closed at that moment.
 */
import { Clock, Context, DefaultServices, Effect, ExecutionStrategy, Exit, Random, Scope } from "effect"
import type { GatewayError } from "../protocol/errors.ts"
import { natureOf, pauseBefore, stepAfter, weightOf } from "../resilience/nature.ts"
import type { Refusal } from "../resilience/CircuitBreaker.ts"
import { type Attempt, type Listeners, openAttempt } from "./Attempt.ts"
import type { Decision } from "./decision.ts"
import type { Candidate, Candidates, Unusable } from "./candidates.ts"
import type { Exchange } from "./Exchange.ts"
import { Refused } from "./Refused.ts"
import { steadyTime } from "./steady.ts"
import type { Won } from "./Won.ts"

/** A candidate that was asked in vain, or could not be asked. */
interface Failed {
  readonly name: string
  readonly refused: Refused
}

/** What guards a candidate. */
export interface Guards {
  /** Whether it may be asked now; who listens hears how it goes. */
  readonly admit: (candidate: Candidate) => Listeners | Refusal
  /** Waits for its turn, where there is anything to wait for; the scope holds the place. */
  readonly enter: (candidate: Candidate) => Effect.Effect<void, GatewayError, Scope.Scope> | undefined
}

export interface Race {
  readonly exchange: Exchange
  readonly candidates: Candidates
  readonly guards: Guards
  /** The request is not to be tried any further: the gateway goes. */
  readonly isCut: () => boolean
  /** Is made when that happens, for whoever waits. */
  readonly cut: Decision<GatewayError>
  /** The scope owns what an attempt takes: the loser's is closed when it loses, the winner's with the request. */
  readonly ask: (candidate: Candidate, attempt: Attempt, scope: Scope.Scope) => Effect.Effect<Won, Refused>
  /** The request's. */
  readonly scope: Scope.Scope
}

const nameOf = (candidate: Candidate | Unusable): string =>
  candidate._tag === "unusable" ? candidate.name : candidate.profile.name

/** Fits a prompt that was too long for those who were asked, as far as that is known. */
const isLarger = (candidate: Candidate, tooSmall: ReadonlyArray<Candidate>): boolean =>
  tooSmall.every(({ window }) => window !== undefined && candidate.window !== undefined && candidate.window > window)

/** What the client is told of several failures: the one it can act on, and in a few words that others failed as well. */
const summary = (failures: ReadonlyArray<Failed>): Refused => {
  const worst = failures.reduce((best, next) =>
    weightOf(next.refused.error) >= weightOf(best.refused.error) ? next : best
  )
  const others = [...new Map(failures.filter(({ name }) => name !== worst.name).map((one) => [one.name, one])).values()]
  if (others.length === 0) return worst.refused
  const { error, headers } = worst.refused
  const also = others.map(({ name, refused }) => `${name} (${refused.error.status} ${refused.error.type})`).join(", ")
  const waits = failures.flatMap(({ refused }) => refused.error.retryAfter ?? [])
  return new Refused({
    ...(headers === undefined ? {} : { headers }),
    error: {
      ...error,
      message: `${error.message}\nclaudex also asked: ${also}.`,
      ...(error.retryAfter === undefined ? {} : { retryAfter: Math.min(...waits) })
    }
  })
}

/** Another request is trying a candidate: when that is decided, and for how many seconds of this request it is waited for. */
interface Trial {
  readonly decided: Effect.Effect<void>
  readonly budget: number
}

/** What follows from a failure, in words for the record. */
interface Follows {
  readonly step: "again" | "next" | "stop"
  readonly words: string
}

const told = (why: string): Follows => ({ step: "stop", words: `told the client: ${why}` })

/** The first answer, or the failure that says most. */
export const failover = (race: Race): Effect.Effect<Won, Refused> =>
  Effect.withFiberRuntime((fiber) => {
    const { candidates, cut, exchange, guards } = race
    const services = fiber.getFiberRef(DefaultServices.currentServices)
    const clock = Context.get(services, Clock.Clock)
    const now = () => clock.unsafeCurrentTimeMillis()
    const passed = steadyTime(clock)
    const started = passed()
    const failures: Array<Failed> = []
    const tooSmall: Array<Candidate> = []
    let current: Attempt | undefined
    /** Of the first candidate that another request is trying just now. */
    let trial: Trial | undefined

    const giveUp = (): Effect.Effect<never, Refused> => Effect.fail(summary(failures))

    /** Nobody could be asked: whoever is tried by another request may turn out to be well. */
    const awaitTrial = ({ budget, decided }: Trial): Effect.Effect<Won, Refused> => {
      const left = budget * 1000 - (passed() - started)
      if (left <= 0) return giveUp()
      return Effect.raceFirst(Effect.raceFirst(decided, Effect.sleep(left)), cut.wait).pipe(
        Effect.matchEffect({
          onFailure: giveUp,
          onSuccess: () => {
            failures.length = 0
            trial = undefined
            return from(0, 0)
          }
        })
      )
    }

    /** Not asked at all. */
    const skip = (at: number, candidate: Candidate | Unusable, refused: Refused, why: string) => {
      const { model, reason } = candidate
      const { message, status, type } = refused.error
      const profile = nameOf(candidate)
      failures.push({ name: profile, refused })
      exchange.attempts.push({
        profile,
        model,
        reason,
        started: now(),
        duration_ms: 0,
        outcome: "skipped",
        error: { status, type, message },
        next: why
      })
      return from(at + 1, 0)
    }

    const from = (at: number, tries: number): Effect.Effect<Won, Refused> => {
      const candidate = candidates[at]
      if (candidate === undefined) {
        return trial === undefined || exchange.tries !== undefined ? giveUp() : awaitTrial(trial)
      }
      if (candidate._tag === "unusable") return skip(at, candidate, candidate.refused, "not usable as configured")
      if (tooSmall.length > 0 && !isLarger(candidate, tooSmall)) return from(at + 1, 0)
      const admitted = guards.admit(candidate)
      if (!("began" in admitted)) {
        const { decided, error } = admitted
        if (decided !== undefined) trial ??= { decided, budget: candidate.resilience.budget }
        const why = decided === undefined ? "left alone for a while" : "tried by another request"
        return skip(at, candidate, new Refused({ error }), why)
      }
      return attempt(at, tries, candidate, admitted)
    }

    const attempt = (at: number, tries: number, candidate: Candidate, listeners: Listeners) => {
      exchange.tries = (exchange.tries ?? 0) + 1
      exchange.profile = candidate.profile.name
      exchange.served = candidate.model
      exchange.reason = candidate.reason
      exchange.price = candidate.price
      exchange.upstreamId = undefined
      const reason = tries === 0 ? candidate.reason : "again"
      const about = { profile: candidate.profile.name, model: candidate.model, reason }
      const one = openAttempt(about, now, (record) => exchange.attempts.push(record), listeners)
      const turn = guards.enter(candidate)
      current = one
      return Effect.flatMap(Scope.fork(race.scope, ExecutionStrategy.sequential), (scope) =>
        Effect.catchAll(
          turn === undefined ? race.ask(candidate, one, scope) : inTurn(turn, candidate, one, scope),
          (refused) => lost(at, tries + 1, candidate, one, refused, scope)
        )
      )
    }

    const inTurn = (
      turn: Effect.Effect<void, GatewayError, Scope.Scope>,
      candidate: Candidate,
      one: Attempt,
      scope: Scope.Scope
    ) =>
      Effect.raceFirst(Scope.extend(turn, scope), cut.wait).pipe(
        Effect.mapError((error) => new Refused({ error })),
        Effect.zipRight(race.ask(candidate, one, scope))
      )

    const follows = (at: number, tries: number, candidate: Candidate, error: GatewayError): Follows => {
      const { attempts, budget, retries } = candidate.resilience
      const nature = natureOf(error)
      const unseals = nature === "reasoning" && candidate._tag === "translated" && exchange.unsealed !== true
      const step = unseals ? "again" : stepAfter(error, retries + 1 - tries)
      if (race.isCut()) return told("the gateway goes")
      if (step === "stop") return told("it would fail everywhere")
      if ((exchange.tries ?? 0) >= attempts) return told("the request's attempts are used up")
      if (passed() - started >= budget * 1000) return told("the request's time is used up")
      if (unseals) return { step: "again", words: "asked again without the reasoning of earlier answers" }
      if (step === "again") return { step, words: "asked again" }
      const small = nature === "overflow" ? [...tooSmall, candidate] : tooSmall
      const isLeft = candidates.slice(at + 1).some((next) => next._tag === "unusable" || isLarger(next, small))
      return isLeft ? { step, words: "the next one was asked" } : told("nobody else is left")
    }

    /** The scope is closed first: a loser's connection does not wait for what comes next. */
    const lost = (
      at: number,
      tries: number,
      candidate: Candidate,
      one: Attempt,
      refused: Refused,
      scope: Scope.CloseableScope
    ): Effect.Effect<Won, Refused> => {
      const { error } = refused
      const { step, words } = follows(at, tries, candidate, error)
      one.end(error, words)
      failures.push({ name: candidate.profile.name, refused })
      if (natureOf(error) === "overflow") tooSmall.push(candidate)
      if (natureOf(error) === "reasoning") exchange.unsealed = true
      const closed = Scope.close(scope, Exit.void)
      if (step === "stop") return Effect.zipRight(closed, giveUp())
      const line = `${exchange.id} ${candidate.profile.name} failed, ${words}: ${error.status} ${error.message}`
      const noted = Effect.zipRight(closed, Effect.logWarning(line.replace(/\s+/g, " ")))
      if (step === "next")
        return Effect.zipRight(
          noted,
          Effect.suspend(() => from(at + 1, 0))
        )
      const pause = Effect.flatMap(Random.next, (chance) => Effect.sleep(pauseBefore(tries, chance, error)))
      return Effect.zipRight(noted, Effect.raceFirst(pause, cut.wait)).pipe(
        Effect.matchEffect({ onFailure: giveUp, onSuccess: () => from(at, tries) })
      )
    }
    // whoever was admitted has to be let go of, whatever happens: said before anybody is
    exchange.ends.push(() => current?.end("cancelled"))
    return from(0, 0)
  })
