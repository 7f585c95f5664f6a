/**
 * A session of Claude Code for a profile: everything that can be wrong is found before anything is started, then the
 * gateway is made sure of, then Claude Code takes over the terminal.
 */
import { Deferred, Effect, Exit } from "effect"
import { Paths } from "../config/Paths.ts"
import { applyChanges, childEnvironment } from "./childEnvironment.ts"
import { continuedSince, conversationsIn } from "./conversations.ts"
import { findExecutable } from "./executable.ts"
import { foreground } from "./foreground.ts"
import { keepGateway } from "./keepGateway.ts"
import { joinGateway, type JoinedGateway, planSession, requireKey, type SessionRequest } from "./session.ts"

/** What was chosen for the user and is worth a line before Claude Code takes the terminal. */
export interface LaunchNotice {
  readonly profile: string
  /** Undefined where it is Claude Code's own choice. */
  readonly model: string | undefined
  readonly added: ReadonlyArray<{ readonly argument: string; readonly reason: string }>
}

/** How a session ended. */
export interface LaunchOutcome {
  /** Claude Code's exit code. */
  readonly code: number
  readonly profile: string
  /** The ids of the conversations that went on meanwhile, if a person took part; this session's is one of them. */
  readonly conversations: ReadonlyArray<string>
}

/** What the user is told meanwhile. */
export interface LaunchWords<R> {
  /** Called just before an interactive session. */
  readonly notify: (notice: LaunchNotice) => Effect.Effect<void, never, R>
  /** Makes sure of the gateway, which may take a moment. */
  readonly starting: <A, E, S>(start: Effect.Effect<A, E, S>) => Effect.Effect<A, E, R | S>
}

/** The session goes on whatever becomes of who looks after it, and ends it. */
const attended = <A, E, R, R2>(session: Effect.Effect<A, E, R>, attendant: Effect.Effect<unknown, never, R2>) =>
  Effect.scoped(Effect.zipRight(Effect.forkScoped(attendant), session))

/** Runs a session to its end. */
export const launch = <R>(request: SessionRequest, { notify, starting }: LaunchWords<R>) =>
  Effect.gen(function* () {
    const session = yield* planSession(request)
    const { facts, model, plan, settings } = session
    const { home } = yield* Paths
    const { cwd } = request.anchor
    const program = yield* findExecutable(settings.claudeBinary, { environment: facts.inherited, home, cwd })
    yield* requireKey(session)
    const gateway = session.needsGateway ? yield* starting(joinGateway(session)) : undefined
    const environment = applyChanges(facts.inherited, childEnvironment({ ...facts, gateway }))
    const kept = conversationsIn(environment, home, cwd)
    const before = plan.interactive ? yield* kept : undefined
    const profile = facts.profile.name
    if (plan.interactive) yield* notify({ profile, model, added: plan.added })
    const told = yield* Deferred.make<void>()
    const played = foreground({ program, arguments: plan.arguments, environment }, () =>
      Deferred.unsafeDone(told, Exit.void)
    )
    // a system that goes down ends the gateway too, and wants no other one
    const attendant = (joined: JoinedGateway) => Effect.raceFirst(keepGateway(session, joined), Deferred.await(told))
    const code = yield* gateway === undefined ? played : attended(played, attendant(gateway))
    const outcome: LaunchOutcome = {
      code,
      profile,
      conversations: before === undefined ? [] : continuedSince(before, yield* kept)
    }
    return outcome
  })
