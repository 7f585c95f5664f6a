/** What holds for a model on a profile: the catalog, `[model_info]` above it, the profile's own limits above both. */
import { type ModelInfo, type ModelOverride, type ModelOverrides, withWindow } from "../domain/ModelInfo.ts"
import type { Profile } from "../domain/Profile.ts"
import type { Policy, Protocol } from "../protocol/policy.ts"
import { modelInfo } from "./catalog.ts"
import { entryFor } from "./catalog/names.ts"
import { type PolicyLayer, policyOf, protocolOf, providerOf, type Spoken, tableLayers } from "./quirks.ts"

/** `profile` is undefined for a name that belongs to none, such as an alias. */
export const modelInfoAt = (
  profile: (Spoken & Pick<Profile, "contextWindow" | "maxTokens">) | undefined,
  model: string,
  overrides: ModelOverrides
): ModelInfo => {
  if (profile === undefined) return modelInfo(model, overrides)
  const known = modelInfo(model, overrides, providerOf(profile.baseUrl, profile.dialect).kind)
  const outputLimit = profile.maxTokens
  return {
    ...withWindow(known, profile.contextWindow),
    ...(outputLimit === undefined ? {} : { outputLimit })
  }
}

/** What the user says about the model, as far as it decides how a request is written. */
const byUser = ({ efforts, vision }: ModelOverride, below: Policy): Partial<Policy> => {
  // a model that takes efforts is told one, also where nothing is known of its provider
  const silent = below.effort === "none" && below.thinkingSwitch === "none" && (efforts ?? []).length > 0
  return {
    ...(vision === undefined ? {} : { vision }),
    ...(efforts === undefined ? {} : { efforts }),
    ...(silent ? { effort: "reasoning_effort" } : {})
  }
}

/**
 * Where the policy for a model on a profile comes from, the strongest last. One that is known to be blind gets no images,
 * wherever it is served; the user's word on images and efforts (`[model_info]`) stands above that, and the profile's
 * quirks above all.
 */
export const policyLayers = (
  profile: Spoken,
  model: string,
  overrides: ModelOverrides,
  protocol: Protocol = protocolOf(profile)
): ReadonlyArray<PolicyLayer> => {
  const table = tableLayers(profile, model, protocol)
  const below = policyOf(table)
  const blind = modelInfo(model, {}, below.kind).vision === false
  return [
    ...table,
    { origin: "catalog", values: blind ? { vision: false } : {} },
    { origin: "model_info", values: byUser(entryFor(overrides, model) ?? {}, below) },
    { origin: "profile", values: profile.quirks ?? {} }
  ]
}

/** How the profile's provider wants requests for this model, as far as the model decides it. */
export const policyAt = (
  profile: Spoken,
  model: string,
  overrides: ModelOverrides,
  protocol: Protocol = protocolOf(profile)
): Policy => policyOf(policyLayers(profile, model, overrides, protocol))
