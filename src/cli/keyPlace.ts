/** Where a profile's key is, in words and without it. */
import type { Profile } from "../domain/Profile.ts"

export const keyPlace = ({ apiKey, apiKeyEnv, apiKeyKeyring }: Profile): string => {
  if (apiKeyEnv !== undefined) return `in the environment variable ${apiKeyEnv}`
  return apiKeyKeyring === undefined || apiKey !== undefined ? "in the configuration" : `stored as "${apiKeyKeyring}"`
}
