/**
 * A session of Claude Code for a profile: everything that can be wrong is found before anything is started, then the
 * gateway is made sure of, then Claude Code takes over the terminal.
 */
import { Effect } from "effect"
import { Paths } from "../config/Paths.ts"
import { applyChanges, childEnvironment } from "./childEnvironment.ts"
import { findExecutable } from "./executable.ts"
import { foreground } from "./foreground.ts"
import { joinGateway, planSession, requireKey, type SessionRequest } from "./session.ts"

/** What was chosen for the user and is worth a line before Claude Code takes the terminal. */
export interface LaunchNotice {
  readonly profile: string
  readonly model: string
  readonly added: ReadonlyArray<{ readonly argument: string; readonly reason: string }>
}

/** Runs a session to its end; answers Claude Code's exit code. `notify` is called just before an interactive one. */
export const launch = <R>(request: SessionRequest, notify: (notice: LaunchNotice) => Effect.Effect<void, never, R>) =>
  Effect.gen(function* () {
    const session = yield* planSession(request)
    const { facts, model, plan, settings } = session
    const { home } = yield* Paths
    const program = yield* findExecutable(settings.claudeBinary, {
      environment: facts.inherited,
      home,
      cwd: request.anchor.cwd
    })
    yield* requireKey(session)
    const gateway = session.needsGateway ? yield* joinGateway(session) : undefined
    if (plan.interactive) yield* notify({ profile: facts.profile.name, model, added: plan.added })
    return yield* foreground({
      program,
      arguments: plan.arguments,
      environment: applyChanges(facts.inherited, childEnvironment({ ...facts, gateway }))
    })
  })
