/** What holds for a model on a profile: the catalog, `[model_info]` above it, the profile's own limits above both. */
import type { ModelInfo, ModelOverrides } from "../domain/ModelInfo.ts"
import type { Profile } from "../domain/Profile.ts"
import { modelInfo } from "./catalog.ts"

/** `profile` is undefined for a name that belongs to none, such as an alias. */
export const modelInfoAt = (
  profile: Pick<Profile, "contextWindow" | "maxTokens"> | undefined,
  model: string,
  overrides: ModelOverrides
): ModelInfo => {
  const contextWindow = profile?.contextWindow
  const outputLimit = profile?.maxTokens
  return {
    ...modelInfo(model, overrides),
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(outputLimit === undefined ? {} : { outputLimit })
  }
}
