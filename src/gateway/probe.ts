/** The cheapest thing to ask a provider: its list of models, with the profile's own key. Costs no tokens. */
import { Effect } from "effect"
import type { EnvironmentRecord } from "../config/Environment.ts"
import { type KeyLookup, resolveApiKey } from "../credentials/ApiKey.ts"
import { resolveProfile } from "../credentials/resolveProfile.ts"
import type { Profile } from "../domain/Profile.ts"
import { anthropicEndpoint, modelsEndpoint } from "../provider/endpoint.ts"
import type { Probe } from "../resilience/HealthChecker.ts"

/** Seconds. */
const connectTimeout = 10

/** Fails with words when the profile cannot make a request: no key, a variable that is not set. */
export const probeOf = (
  profile: Profile,
  environment: EnvironmentRecord,
  keys: KeyLookup
): Effect.Effect<Probe, { readonly message: string }> =>
  Effect.gen(function* () {
    const resolved = yield* resolveProfile(profile, environment)
    const key = yield* resolveApiKey(resolved, environment, keys)
    const common = { method: "GET", connectTimeout: connectTimeout * 1000 } as const
    if (resolved.providerType === "DirectAnthropic") {
      const endpoint = yield* anthropicEndpoint(resolved, key)
      const headers = { "anthropic-version": "2023-06-01", ...endpoint.headers }
      return { request: { ...common, url: endpoint.url("models", ""), headers }, secrets: endpoint.secrets }
    }
    const { headers, secrets, url } = yield* modelsEndpoint(resolved, key)
    return { request: { ...common, url, headers }, secrets }
  })
