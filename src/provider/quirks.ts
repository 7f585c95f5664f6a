/** Who the provider behind a profile is, and how it wants to be spoken to: the provider table with the user's word above. */
import type { Profile } from "../domain/Profile.ts"
import { genericPolicy, type Policy, type Protocol } from "../protocol/policy.ts"
import { generic, providers } from "./table/index.ts"
import type { Differences, ProviderRow } from "./table/row.ts"

/** Loopback, private networks, and names that only a local network resolves. */
const isNearby = (host: string): boolean =>
  host === "localhost" ||
  /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^169\.254\.|^\[(::1|f[cd]|fe80)/.test(host) ||
  /\.(local|lan|internal|localhost|home\.arpa)$/.test(host) ||
  !/[.:]/.test(host)

const matches = (row: ProviderRow, host: string, port: number): boolean =>
  row.host?.test(host) === true || (row.port === port && isNearby(host))

/** What `dialect` may say. */
export const dialects: ReadonlyArray<string> = [...providers, generic].map((row) => row.kind)

/** How a row was found. */
export type Recognition = "dialect" | "host" | "port" | "nothing"

/** The provider that a profile names by `dialect`, else the one behind its base URL, and what told so. */
export const recognise = (
  baseUrl: string,
  dialect?: string
): { readonly row: ProviderRow; readonly by: Recognition } => {
  const named = [...providers, generic].find((row) => row.kind === dialect)
  if (named !== undefined) return { row: named, by: "dialect" }
  if (!URL.canParse(baseUrl)) return { row: generic, by: "nothing" }
  const url = new URL(baseUrl)
  const host = url.hostname.toLowerCase()
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port)
  const row = providers.find((candidate) => matches(candidate, host, port))
  return row === undefined ? { row: generic, by: "nothing" } : { row, by: row.host?.test(host) ? "host" : "port" }
}

/** The provider that a profile names by `dialect`, else the one behind its base URL. */
export const providerOf = (baseUrl: string, dialect?: string): ProviderRow => recognise(baseUrl, dialect).row

/** The name by which model rows match. */
const bareModel = (model: string): string => model.toLowerCase().replace(/^.*\//, "")

/** What of a profile decides how its provider is spoken to. */
export type Spoken = Pick<Profile, "baseUrl"> & Partial<Pick<Profile, "dialect" | "providerType" | "quirks">>

/** The OpenAI protocol of a profile. */
export const protocolOf = ({ providerType }: Pick<Spoken, "providerType">): Protocol =>
  providerType === "OpenAIResponses" ? "responses" : "chat"

/** One source of policy values: the table, what is known of the model or said of it, or the profile. */
export interface PolicyLayer {
  readonly origin: "generic" | "provider" | "model" | "catalog" | "model_info" | "profile"
  readonly values: Partial<Policy>
}

const ofProtocol = ({ policy, responses }: Differences, protocol: Protocol): Partial<Policy> =>
  protocol === "responses" ? { ...policy, ...responses } : { ...policy }

/** What the table says of a provider and its model, the strongest last. */
export const tableLayers = (profile: Spoken, model: string, protocol: Protocol): ReadonlyArray<PolicyLayer> => {
  const row = providerOf(profile.baseUrl, profile.dialect)
  const name = bareModel(model)
  const models = (row.models ?? []).filter((candidate) => candidate.match.test(name))
  return [
    { origin: "generic", values: genericPolicy },
    { origin: "provider", values: { kind: row.kind, ...ofProtocol(row, protocol) } },
    ...models.map((found): PolicyLayer => ({ origin: "model", values: ofProtocol(found, protocol) }))
  ]
}

/** What holds in the end. */
export const policyOf = (layers: ReadonlyArray<PolicyLayer>): Policy =>
  Object.assign({}, genericPolicy, ...layers.map(({ values }) => values))

/** How the profile's provider wants requests for this model (its own name for it) in a protocol, the profile's by default. */
export const policyFor = (profile: Spoken, model: string, protocol: Protocol = protocolOf(profile)): Policy =>
  policyOf([...tableLayers(profile, model, protocol), { origin: "profile", values: profile.quirks ?? {} }])

/** The top-level request fields that are never sent for this profile: its own choice, or what its provider refuses. */
export const strippedParams = (
  profile: Pick<Profile, "baseUrl" | "stripParams"> & Pick<Spoken, "dialect">
): ReadonlyArray<string> => {
  const choice = profile.stripParams
  if (choice === "auto") return providerOf(profile.baseUrl, profile.dialect).strip ?? []
  if (choice === false || choice === "none") return []
  const names = typeof choice === "string" ? choice.split(",") : choice
  return names.map((name) => name.trim()).filter((name) => name !== "")
}
