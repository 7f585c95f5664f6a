/**
 * What is known about models: windows, limits, senses, reasoning and prices, for profiles that do not state their own.
 * The rows stand in `catalog/`, by vendor, each block with its source and date; what is wrong there is corrected by
 * `[model_info]` in the configuration.
 *
 * A window that is too large makes the client compact too late and fail; one that is too small only makes it compact
 * early. Where hosts or versions differ, a row holds the smaller value, and what a host of the provider table does
 * differently stands in `catalog/hosts.ts`.
 */
import { type ModelInfo, type ModelOverrides, overridden, withWindow } from "../domain/ModelInfo.ts"
import { hosts } from "./catalog/hosts.ts"
import { bareName, entryFor } from "./catalog/names.ts"
import type { CatalogRow, HostRow } from "./catalog/row.ts"
import { vendors } from "./catalog/vendors.ts"

const rows: ReadonlyArray<CatalogRow> = vendors.flatMap((vendor) => vendor.rows)

const infoOf = (row: CatalogRow | HostRow): ModelInfo => ({
  ...(row.window === undefined ? {} : { contextWindow: row.window }),
  ...(row.prompt === undefined ? {} : { promptLimit: row.prompt }),
  ...(row.output === undefined ? {} : { outputLimit: row.output }),
  ...(row.vision === undefined ? {} : { vision: row.vision }),
  ...(row.reasoning === undefined ? {} : { reasoning: row.reasoning }),
  ...(row.price === undefined ? {} : { price: row.price })
})

const vendorSays = (name: string): ModelInfo => {
  const row = rows.find((candidate) => candidate.match.test(name))
  return row === undefined ? {} : infoOf(row)
}

/** What holds at a host that serves models of others; undefined when the provider is no such host. */
const hostSays = (name: string, provider: string | undefined): ModelInfo | undefined => {
  const host = hosts.find((candidate) => candidate.kind === provider)
  const row = host?.rows.find((candidate) => candidate.match.test(name))
  return row === undefined ? host && {} : infoOf(row)
}

/** A host's word above the vendor's: of prices only its own holds. */
const atHost = (vendor: ModelInfo, host: ModelInfo): ModelInfo => {
  const { price: _, ...others } = withWindow(vendor, host.contextWindow)
  return { ...others, ...host }
}

/**
 * What is known about a model, with the user's word (`[model_info]`) above it. `provider` is the kind of the provider
 * that serves it: some serve other vendors' models with limits and prices of their own. Without it the vendor's hold.
 */
export const modelInfo = (model: string, overrides: ModelOverrides = {}, provider?: string): ModelInfo => {
  const name = bareName(model)
  const vendor = vendorSays(name)
  const host = hostSays(name, provider)
  const known = host === undefined ? vendor : atHost(vendor, host)
  const override = entryFor(overrides, model)
  return override === undefined ? known : overridden(known, override)
}

/** The model's context window in tokens; undefined when the catalog does not know the model. */
export const contextWindowOf = (model: string): number | undefined => modelInfo(model).contextWindow

/** The longest answer the model gives, in tokens; undefined when not known. */
export const outputLimitOf = (model: string): number | undefined => modelInfo(model).outputLimit
