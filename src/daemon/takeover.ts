/**
 * A gateway of another version makes way when nobody needs it. It decides itself, in one step with taking no more
 * requests, so that none can be lost between the look and the end.
 */
import { HttpBody, HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect } from "effect"
import { ClientToken } from "../credentials/ClientToken.ts"
import { version } from "../domain/version.ts"
import { yieldPath } from "../gateway/contract.ts"
import { endsIn } from "./ending.ts"
import type { RunningGateway } from "./presence.ts"
import { fingerprintOf } from "./token.ts"

/** The variables that the next gateway will have of those that profiles refer to; they tell the running one what it may rely on. */
export type Variables = Readonly<Record<string, string>>

/** Whether it is worth asking: of another version, idle, and one that listens to us. A gateway that does not tell is not asked. */
const mayYield = ({ health, state }: RunningGateway, fingerprint: string): boolean =>
  health.version !== version && health.in_flight === 0 && state.token_fingerprint === fingerprint

const ask = ({ url }: RunningGateway, token: typeof ClientToken.Service, variables: Variables) =>
  Effect.gen(function* () {
    const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient).pipe(HttpClient.withTracerPropagation(false))
    yield* client.execute(
      HttpClientRequest.post(`${url}${yieldPath}`).pipe(
        HttpClientRequest.bearerToken(token),
        HttpClientRequest.setBody(HttpBody.unsafeJson(variables))
      )
    )
  }).pipe(Effect.scoped, Effect.timeout("3 seconds"), Effect.isSuccess)

/** How long one that has agreed to go may take; it has no answer to finish. */
const patience = "10 seconds"

/** Whether the running gateway was of another version, had nothing to do and has ended for ours. */
export const makeWay = (running: RunningGateway, variables: Variables) =>
  Effect.gen(function* () {
    const token = yield* ClientToken
    if (!mayYield(running, fingerprintOf(token))) return false
    if (!(yield* ask(running, token, variables))) return false
    return yield* endsIn({ pid: running.state.pid, start: running.state.process_start }, patience)
  })
