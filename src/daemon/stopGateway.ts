/**
 * Ending the user's gateway: asked over HTTP it finishes what it is sending and goes; only if it does not is it sent
 * signals, and only if its process has proved to be the gateway and not one that took over the id.
 */
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { type Duration, Effect, Option, type Redacted } from "effect"
import { ClientToken } from "../credentials/ClientToken.ts"
import { shutdownPath } from "../gateway/contract.ts"
import { endsIn } from "./ending.ts"
import { GatewaySilent } from "./errors.ts"
import { tryLock } from "../machine/Lock.ts"
import { presence } from "./presence.ts"
import { signal, standing } from "../machine/processes.node.ts"
import { type GatewayState, gatewayFiles, removeState, writeState } from "./State.ts"

/** What it took. */
type How = "asked" | "terminated" | "killed"

export type Stopped =
  | { readonly _tag: "NotRunning" }
  | { readonly _tag: "Stopped"; readonly pid: number; readonly how: How }

const notRunning: Stopped = { _tag: "NotRunning" }
const stopped = (pid: number, how: How): Stopped => ({ _tag: "Stopped", pid, how })

/** How long each way may take. */
export type Patience = Readonly<Record<How, Duration.DurationInput>>

/** A gateway takes up to 11 seconds to let answers end; a little more is for the way. */
const usual: Patience = { asked: "13 seconds", terminated: "13 seconds", killed: "5 seconds" }

const ask = (url: string, token: Redacted.Redacted<string>) =>
  Effect.gen(function* () {
    const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
    yield* client.execute(HttpClientRequest.post(`${url}${shutdownPath}`).pipe(HttpClientRequest.bearerToken(token)))
  }).pipe(Effect.scoped, Effect.timeout("3 seconds"), Effect.isSuccess)

/** Removes what an ended gateway left, including locks of processes that died. */
const tidy = (state: Option.Option<GatewayState>) =>
  Effect.gen(function* () {
    if (Option.isSome(state)) yield* removeState(state.value.instance)
    const { lock, startLock } = yield* gatewayFiles
    for (const file of [lock, startLock]) yield* Effect.ignore(Effect.scoped(tryLock(file)))
  })

/** Afterwards no gateway of the user runs, or it fails and says which process is left. */
export const stopGateway = (patience: Patience = usual) =>
  Effect.gen(function* () {
    const now = yield* presence
    if (now._tag === "Absent") {
      yield* tidy(now.leftover)
      return notRunning
    }
    const { state } = now
    const name = { pid: state.pid, start: state.process_start }
    const done = (how: How) => Effect.as(tidy(Option.some(state)), stopped(state.pid, how))
    if (now._tag === "Running" && (yield* ask(now.url, yield* ClientToken)) && (yield* endsIn(name, patience.asked))) {
      return yield* done("asked")
    }
    const proven = (yield* standing(name)) === "same" || (yield* presence)._tag === "Running"
    if (!proven) return yield* new GatewaySilent({ pid: state.pid })
    // a signal alone would not say that this is somebody's will
    yield* removeState(state.instance)
    yield* signal(state.pid, "SIGTERM")
    // a suspended one hears nothing before it goes on
    yield* signal(state.pid, "SIGCONT")
    if (yield* endsIn(name, patience.terminated)) return yield* done("terminated")
    yield* signal(state.pid, "SIGKILL")
    if (yield* endsIn(name, patience.killed)) return yield* done("killed")
    yield* Effect.ignore(writeState(state))
    return yield* new GatewaySilent({ pid: state.pid })
  })
