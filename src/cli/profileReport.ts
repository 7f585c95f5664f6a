/** What a profile comes to: its provider and how that was told, where requests go, its models, and what is known of one. */
import { Either, Option, Redacted } from "effect"
import type { ConfigFile } from "../config/ConfigFile.ts"
import type { MissingVariable } from "../credentials/resolveProfile.ts"
import type { Price } from "../domain/Cost.ts"
import type { ModelInfo } from "../domain/ModelInfo.ts"
import { modelSlots, slotModel, type Profile, usesClaudeLogin } from "../domain/Profile.ts"
import {
  anthropicEndpoint,
  chatEndpoint,
  type EndpointFault,
  isOffline,
  responsesEndpoint,
  secretParameter
} from "../provider/endpoint.ts"
import { modelInfoAt, policyLayers } from "../provider/modelInfo.ts"
import { resolveModel } from "../provider/models.ts"
import { recognise, type Recognition } from "../provider/quirks.ts"
import { policyReport } from "./policyReport.ts"

export interface ProfileReport {
  /** With its variables filled in, except for the key and for those that are not set. */
  readonly profile: Profile
  /** The variables that are not set. */
  readonly missing: ReadonlyArray<MissingVariable>
  /** How the profile says where its key is. */
  readonly key: string
  /** The model that was asked about, as typed. */
  readonly model: string | undefined
  readonly settings: ConfigFile
  readonly all: boolean
  /** The key in clear, as far as there is one, where the user has agreed to see secrets; all else is in clear then too. */
  readonly revealed?: { readonly key: string | undefined } | undefined
}

const spoken = {
  DirectAnthropic: "Anthropic Messages",
  OpenAICompatible: "OpenAI Chat Completions",
  OpenAIResponses: "OpenAI Responses"
} as const

const recognised: Readonly<Record<Recognition, string>> = {
  dialect: "named by dialect",
  host: "told by the host",
  port: "told by the port",
  nothing: "no known host"
}

/** The address of requests. No key is needed to tell it. */
const addressOf = (profile: Profile): Either.Either<string, EndpointFault> => {
  switch (profile.providerType) {
    case "DirectAnthropic":
      return Either.map(anthropicEndpoint(profile, Option.none()), ({ url }) => url("messages", ""))
    case "OpenAICompatible":
      return Either.map(chatEndpoint(profile, Option.none()), ({ url }) => url)
    case "OpenAIResponses":
      return Either.map(responsesEndpoint(profile, Option.none()), ({ url }) => url)
  }
}

const masked = (address: string): string => {
  const url = new URL(address)
  for (const name of url.searchParams.keys()) if (secretParameter.test(name)) url.searchParams.set(name, "[masked]")
  url.username = ""
  url.password = ""
  return url.href.replaceAll("%5Bmasked%5D", "[masked]")
}

const isOfAddress = ({ key }: MissingVariable): boolean => key === "base_url" || key.startsWith("query_params.")

/** Where requests go, with what opens doors hidden unless it is to be seen; Left says in words that they go nowhere. */
export const endpointOf = ({ missing, profile, revealed }: ProfileReport): Either.Either<string, string> => {
  const inClear = revealed !== undefined
  if (isOffline(profile)) return Either.left("none, answered inside claudex")
  if (usesClaudeLogin(profile)) return Either.left("none, Claude Code asks Anthropic by itself")
  const lacking = missing.find(isOfAddress)
  if (lacking !== undefined) return Either.left(`none: ${lacking.key} needs ${lacking.variable}, which is not set`)
  return Either.mapBoth(addressOf(profile), {
    onLeft: ({ message }) => `none: ${message}`,
    onRight: (address) => (inClear ? address : masked(address))
  })
}

const tokens = (count: number | undefined): string => (count === undefined ? "not known" : `${count} tokens`)

const yesNo = (value: boolean | undefined): string => (value === undefined ? "not known" : value ? "yes" : "no")

const reasoning = (value: ModelInfo["reasoning"]): string => {
  if (value === undefined) return "not known"
  if (typeof value !== "string") return `efforts ${value.join(", ")}`
  return { none: "none", always: "always", switch: "can be switched on and off" }[value]
}

const price = (value: Price | undefined): string => {
  if (value === undefined) return "not known"
  const cached = value.cached === undefined ? "" : `, ${value.cached} cached`
  return `$${value.input} in${cached}, ${value.output} out, per million tokens`
}

/** Terms of at most ten letters in one column, what they mean in the next. */
const entries = (rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> =>
  rows.map(([term, meaning]) => `${term.padEnd(10)} ${meaning}`)

const headersOf = ({ customHeaders }: Profile, inClear: boolean): ReadonlyArray<readonly [string, string]> => {
  const all = Object.entries(customHeaders)
  if (inClear) return all.map(([name, value]) => ["header", `${name}: ${Redacted.value(value)}`])
  const names = all.map(([name]) => name).join(", ")
  return all.length === 0 ? [] : [["headers", `${names}, with values that are not shown`]]
}

const aboutProfile = (report: ProfileReport): ReadonlyArray<string> => {
  const { key, profile, revealed } = report
  const { by, row } = recognise(profile.baseUrl, profile.dialect)
  const inClear = revealed !== undefined
  return entries([
    ["profile", profile.enabled ? profile.name : `${profile.name} (disabled)`],
    ["provider", `${row.label} (${row.kind}), ${recognised[by]}`],
    ["protocol", `${spoken[profile.providerType]} (${profile.providerType})`],
    ["endpoint", Either.merge(endpointOf(report))],
    ["key", key],
    ...(revealed?.key === undefined ? [] : [["in clear", revealed.key] as const]),
    ...headersOf(profile, inClear),
    ...(row.anthropic === undefined || profile.providerType === "DirectAnthropic"
      ? []
      : [["also", `DirectAnthropic at ${row.anthropic}`] as const])
  ])
}

const aboutModel = ({ profile, settings }: ProfileReport, model: string): ReadonlyArray<string> => {
  const info = modelInfoAt(profile, model, settings.modelInfo)
  return entries([
    ["model", model],
    ["window", tokens(info.contextWindow)],
    ["output", tokens(info.outputLimit)],
    ["images", yesNo(info.vision)],
    ["reasoning", reasoning(info.reasoning)],
    ["price", price(info.price)]
  ])
}

const slots = (profile: Profile): ReadonlyArray<string> =>
  modelSlots.map((slot, i) => `${(i === 0 ? "models" : "").padEnd(10)} ${slot.padEnd(7)} ${slotModel(profile, slot)}`)

/** Lines of text, without secrets unless they are to be seen. */
export const profileReport = (report: ProfileReport): ReadonlyArray<string> => {
  const { all, profile, settings } = report
  const model = resolveModel(report.model ?? profile.defaultModel, profile, settings.modelAliases)
  const { row } = recognise(profile.baseUrl, profile.dialect)
  const about = [...aboutProfile(report), ...slots(profile), "", ...aboutModel(report, model)]
  if (profile.providerType === "DirectAnthropic") return [...about, "", "Nothing is translated."]
  const layers = policyLayers(profile, model, settings.modelInfo)
  const headings = {
    generic: "As for any other server",
    provider: `Because the provider is ${row.label}`,
    model: `Because ${row.label} has the model ${model}`,
    catalog: `Because the model is ${model}`,
    model_info: "As [model_info] says",
    profile: "As [profiles.quirks] says"
  }
  const sections = policyReport(layers, headings, all)
  return [
    ...about,
    ...(sections.length === 0 ? ["", "Spoken to like any other server."] : sections),
    ...(all ? ["", "Sources (§ of the wire specification):", ...row.source.map((source) => `  ${source}`)] : [])
  ]
}
