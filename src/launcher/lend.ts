/**
 * Lending variables: the background gateway was started by another session, with another environment. What the
 * profiles of this configuration refer to is handed to it, and it keeps it in memory only.
 */
import { createHmac } from "node:crypto"
import { HttpBody, HttpClient, HttpClientRequest } from "@effect/platform"
import { Data, Effect, Redacted } from "effect"
import { type EnvironmentRecord, variable } from "../config/Environment.ts"
import { environmentNames } from "../credentials/ApiKey.ts"
import type { Profile } from "../domain/Profile.ts"
import { environmentHeader, environmentPath } from "../gateway/contract.ts"
import type { GatewayAccess } from "./childEnvironment.ts"

export class CannotLend extends Data.TaggedError("CannotLend")<{ readonly reason: string }> {
  override get message(): string {
    return `The gateway did not take the environment variables of the profiles: ${this.reason}.`
  }
  get next(): string {
    return "claudex proxy status"
  }
}

/** The variables that enabled profiles refer to and that are set here: the client's menu offers all these profiles. */
export const lentVariables = (
  profiles: ReadonlyArray<Profile>,
  environment: EnvironmentRecord
): Readonly<Record<string, string>> => {
  const names = new Set(profiles.filter((profile) => profile.enabled).flatMap(environmentNames))
  const found = [...names].flatMap((name) => {
    const value = variable(environment, name)
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(found)
}

/**
 * The name under which variables are lent: the same for the same ones, also to the next gateway. It tells nothing of them
 * to whoever does not have the client token.
 */
export const lentName = (variables: Readonly<Record<string, string>>, token: Redacted.Redacted<string>): string => {
  const sorted = Object.entries(variables).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return createHmac("sha256", Redacted.value(token)).update(JSON.stringify(sorted)).digest("hex").slice(0, 32)
}

/** Hands the variables, also where there are none, to a gateway that has proved to be the user's: others' do not hold then. */
export const lend = (
  gateway: Required<GatewayAccess>,
  variables: Readonly<Record<string, string>>
): Effect.Effect<void, CannotLend, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const client = (yield* HttpClient.HttpClient).pipe(HttpClient.withTracerPropagation(false))
    const response = yield* client.execute(
      HttpClientRequest.put(`${gateway.url}${environmentPath}`).pipe(
        HttpClientRequest.bearerToken(Redacted.value(gateway.token)),
        HttpClientRequest.setHeader(environmentHeader, gateway.lent),
        HttpClientRequest.setBody(HttpBody.unsafeJson(variables))
      )
    )
    if (response.status >= 300) return yield* new CannotLend({ reason: `it answered ${response.status}` })
  }).pipe(
    Effect.scoped,
    Effect.timeout("30 seconds"),
    Effect.mapError((error) =>
      error._tag === "CannotLend"
        ? error
        : // the cause may quote the request, which holds the values
          new CannotLend({ reason: error._tag === "TimeoutException" ? "no answer" : "the connection broke" })
    )
  )
