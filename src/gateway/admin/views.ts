/** What is shown of the gateway's own values. Pure. */
import type { LoadedConfig } from "../../config/LoadedConfig.ts"
import type { ProfileHealth } from "../../domain/Health.ts"
import { type Profile, slotModel } from "../../domain/Profile.ts"
import type { RequestRecord } from "../../domain/RequestRecord.ts"
import { maskSecrets } from "../../protocol/errors.ts"
import { isObject } from "../../protocol/json.ts"
import { isOffline } from "../../provider/endpoint.ts"
import { providerOf } from "../../provider/quirks.ts"
import { capacity } from "../Journal.ts"
import type { Breaker, Configuration, LastHour, ProfileView } from "./schemas.ts"

/** Fields that hold names of profiles, which may look like keys and are none. */
const nameFields: ReadonlySet<string> = new Set(["name", "profile", "served_by", "backups"])

const maskedValue = (value: unknown): unknown => {
  if (typeof value === "string") return maskSecrets(value)
  if (Array.isArray(value)) return value.map(maskedValue)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, nameFields.has(key) ? inner : maskedValue(inner)])
  )
}

/** The same value without anything in its texts that looks like a credential. For plain data. */
export const masked = <A>(value: A): A =>
  // cast: a text stays a text, and nothing else changes
  maskedValue(value) as A

const hour = 60 * 60 * 1000

/** Sums up the requests that ended within the hour before `now`, of all profiles or of one. `records` are all that are known. */
export const lastHour = (records: ReadonlyArray<RequestRecord>, now: number, profile?: string): LastHour => {
  const recent = records.filter(({ duration_ms, time }) => time + duration_ms > now - hour)
  const meant = profile === undefined ? recent : recent.filter((record) => concerns(record, profile))
  return {
    complete: recent.length < capacity,
    requests: meant.length,
    failed: meant.filter(hasFailed).length,
    cancelled: meant.filter(({ client_gone }) => client_gone).length,
    cost_usd: meant.reduce((sum, { cost_usd = 0 }) => sum + cost_usd, 0)
  }
}

/** A request that the client itself gave up is no failure. */
const hasFailed = ({ client_gone, error, status }: RequestRecord): boolean =>
  !client_gone && (error !== undefined || status >= 400)

/** Whether the request was meant for the profile, or answered by it. */
export const concerns = ({ profile, served_by }: RequestRecord, name: string): boolean =>
  profile === name || served_by === name

export const configurationOf = (
  files: LoadedConfig["files"],
  problem: { readonly message: string } | undefined
): Configuration => ({
  files: files.map(({ layer, path }) => ({ layer, path })),
  ...(problem === undefined ? {} : { problem: maskSecrets(problem.message) })
})

export const profileView = (
  profile: Profile,
  about: {
    readonly health: ProfileHealth | undefined
    readonly breakers: ReadonlyArray<Breaker>
    readonly records: ReadonlyArray<RequestRecord>
    readonly now: number
  }
): ProfileView =>
  masked({
    name: profile.name,
    enabled: profile.enabled,
    provider_type: profile.providerType,
    provider: isOffline(profile) ? "claudex itself" : providerOf(profile.baseUrl, profile.dialect).label,
    default_model: profile.defaultModel,
    models: {
      haiku: slotModel(profile, "haiku"),
      sonnet: slotModel(profile, "sonnet"),
      opus: slotModel(profile, "opus"),
      fable: slotModel(profile, "fable")
    },
    backups: profile.backupProviders,
    priority: profile.priority,
    ...(about.health === undefined ? {} : { health: about.health }),
    breakers: about.breakers.filter((breaker) => breaker.profile === profile.name),
    last_hour: lastHour(about.records, about.now, profile.name)
  })
