/** Where a profile's key is, in words and without it. */
import type { Stored } from "../credentials/SecretStore.ts"
import type { Profile } from "../domain/Profile.ts"

export const keyPlace = ({ apiKey, apiKeyEnv, apiKeyKeyring }: Profile): string => {
  if (apiKeyEnv !== undefined) return `in the environment variable ${apiKeyEnv}`
  return apiKeyKeyring === undefined || apiKey !== undefined ? "in the configuration" : `stored as "${apiKeyKeyring}"`
}

/** Where claudex keeps the key of a profile, which was just stored under the account. */
export const storedPlace = (profile: string, account: string, { file, place }: Stored): string =>
  place === "keyring"
    ? `The key of "${profile}" is in the system keyring, as "${account}" of claudex.`
    : `The key of "${profile}" is in ${file}, as "${account}".`
