/**
 * People clear the state folder away to begin anew, and some tools to tidy up; a full disk leaves an empty file. A gateway
 * whose state is gone would be found by nobody: it could not be stopped, and would keep the port that the next one wants.
 */
import { Effect, Fiber, Option, type Redacted, Schedule } from "effect"
import { restoreToken } from "../credentials/ClientToken.ts"
import { tryLock } from "../machine/Lock.ts"
import { gatewayFiles, type GatewayState, holderOf, readState, writeState } from "./State.ts"

const looks = Schedule.spaced("2 seconds")

/**
 * No gateway that is just starting writes its own meanwhile: it holds the lock. In a fiber of its own: one that is interrupted
 * while a finalizer runs forgets it (Effect 3 sets its FiberRefs back), and this one would go on for ever.
 */
const restoreState = (state: GatewayState) =>
  Effect.gen(function* () {
    const files = yield* gatewayFiles
    if (!(yield* tryLock(files.lock)) || Option.isSome(yield* holderOf)) return
    yield* writeState(state)
    yield* Effect.logWarning(`${files.state} was gone or damaged, and has been put back`)
  }).pipe(Effect.scoped, Effect.fork, Effect.flatMap(Fiber.join))

/** The user's sessions from now on go to another gateway, which takes another token: they cannot even stop this one. */
const isSucceeded = ({ instance, token_fingerprint }: GatewayState) =>
  Effect.map(
    readState,
    Option.exists((other) => other.instance !== instance && other.token_fingerprint !== token_fingerprint)
  )

/**
 * For ever puts back, with the client's token, the state of this gateway where there is none that can be read. That of
 * another one stays; `leave` is for one that has the place for good, and does nothing while somebody is answered.
 */
export const stayKnown = (state: GatewayState, token: Redacted.Redacted<string>, leave: Effect.Effect<boolean>) =>
  Effect.gen(function* () {
    const holder = yield* holderOf
    if (Option.isNone(holder)) {
      if (yield* restoreToken(token)) yield* restoreState(state)
    } else if (holder.value === state.instance) yield* restoreToken(token)
    else if ((yield* isSucceeded(state)) && (yield* leave)) {
      yield* Effect.logWarning("Another gateway with another client token has taken the place of this one, which ends")
    }
  }).pipe(Effect.ignore, Effect.repeat(looks))
