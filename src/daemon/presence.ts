/**
 * Whether the user's gateway runs. What is believed is not the state file, nor a process id, nor an open port, but all
 * three together with the identity that answers: a program that only took over the port or the id is never trusted.
 */
import { HttpClient, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { type Duration, Effect, Option } from "effect"
import { Health } from "../gateway/contract.ts"
import { urlOf } from "./address.ts"
import { isSuspended, standing } from "../machine/processes.node.ts"
import { type GatewayState, readState } from "./State.ts"

export type Presence =
  | { readonly _tag: "Running"; readonly state: GatewayState; readonly health: Health; readonly url: string }
  /** Its process lives, but does not answer, or not as itself. */
  | { readonly _tag: "Silent"; readonly state: GatewayState; readonly suspended: boolean }
  /** No gateway; `leftover` is the state of one that ended without being told to. */
  | { readonly _tag: "Absent"; readonly leftover: Option.Option<GatewayState> }

export type RunningGateway = Extract<Presence, { readonly _tag: "Running" }>

/** Who answers at a URL; fails when it is not a claudex gateway, or nobody within the time. */
export const askHealth = (url: string, within: Duration.DurationInput) =>
  Effect.gen(function* () {
    const client = (yield* HttpClient.HttpClient).pipe(HttpClient.withTracerPropagation(false))
    const response = yield* client.execute(HttpClientRequest.get(`${url}/health`))
    return yield* HttpClientResponse.schemaBodyJson(Health)(response)
  }).pipe(Effect.scoped, Effect.timeout(within))

/** Looks once; a process that takes the question has the given time to answer it. */
export const presenceWithin = (within: Duration.DurationInput) =>
  Effect.gen(function* () {
    const found = yield* readState
    if (Option.isNone(found)) return absent(found)
    const state = found.value
    if (state.ended !== undefined) return absent(found)
    const known = yield* standing({ pid: state.pid, start: state.process_start })
    if (known === "gone") return absent(found)
    if (known === "same" && (yield* isSuspended(state.pid))) return silent(state, true)
    const url = urlOf(state.host, state.port)
    const health = yield* Effect.option(askHealth(url, within))
    if (Option.isSome(health) && health.value.instance === state.instance) {
      return running(state, health.value, url)
    }
    return known === "same" ? silent(state, false) : absent(found)
  })

export const presence = presenceWithin("2 seconds")

const running = (state: GatewayState, health: Health, url: string): Presence => ({
  _tag: "Running",
  state,
  health,
  url
})
const absent = (leftover: Option.Option<GatewayState>): Presence => ({ _tag: "Absent", leftover })
const silent = (state: GatewayState, suspended: boolean): Presence => ({ _tag: "Silent", state, suspended })

/** What is said to be at the address, and whether it has ended or is about to; the gateway itself is not asked. */
export const gatewayAt = (url: string) =>
  Effect.gen(function* () {
    const found = yield* readState
    if (Option.isNone(found) || urlOf(found.value.host, found.value.port) !== url) return undefined
    const state = found.value
    const { ended, pid, process_start: start } = state
    const isDead = ended !== undefined || (yield* standing({ pid, start })) === "gone"
    return { state, isDead }
  })
