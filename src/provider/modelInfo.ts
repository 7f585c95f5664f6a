/** What holds for a model on a profile: the catalog, `[model_info]` above it, the profile's own limits above both. */
import { type ModelInfo, type ModelOverrides, withWindow } from "../domain/ModelInfo.ts"
import type { Profile } from "../domain/Profile.ts"
import { modelInfo } from "./catalog.ts"
import { providerOf } from "./quirks.ts"

/** `profile` is undefined for a name that belongs to none, such as an alias. */
export const modelInfoAt = (
  profile: Pick<Profile, "baseUrl" | "contextWindow" | "maxTokens"> | undefined,
  model: string,
  overrides: ModelOverrides
): ModelInfo => {
  if (profile === undefined) return modelInfo(model, overrides)
  const known = modelInfo(model, overrides, providerOf(profile.baseUrl).kind)
  const outputLimit = profile.maxTokens
  return {
    ...withWindow(known, profile.contextWindow),
    ...(outputLimit === undefined ? {} : { outputLimit })
  }
}
