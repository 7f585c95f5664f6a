/** What a line of the model catalog holds. */
import type { Price } from "../../domain/Cost.ts"
import type { Reasoning } from "../../domain/ModelInfo.ts"

/** The models whose names match. What a vendor does not say, or says differently in two places, is left out. */
export interface CatalogRow {
  /** The name of a model that this row is for, as its vendor writes it. */
  readonly example: string
  /** Against a model's bare name: lower case, no vendor, no variant. The first match of a vendor's rows wins. */
  readonly match: RegExp
  /** Prompt and answer together, in tokens. */
  readonly window: number
  /** The longest prompt in tokens, where the vendor allows less than the window. */
  readonly prompt?: number
  /** The longest answer in tokens. */
  readonly output?: number
  /** Whether it reads images. */
  readonly vision?: boolean
  readonly reasoning: Reasoning
  /** The vendor's own list price, of short prompts where long ones cost more, of the day where the night costs less. */
  readonly price?: Price
}

/** The models of one vendor, wherever they are served. */
export interface Vendor {
  readonly name: string
  /** Where the rows can be checked. */
  readonly source: string
  /** Year and month in which they were compiled. */
  readonly date: string
  readonly rows: ReadonlyArray<CatalogRow>
}

/** What one host does differently with a model of somebody else. */
export interface HostRow
  extends Partial<Omit<CatalogRow, "example" | "match">>, Pick<CatalogRow, "example" | "match"> {}

/** A provider that serves models of others. The vendors' list prices do not hold there, only those of its own rows. */
export interface Host {
  /** The provider's kind, as in the provider table. */
  readonly kind: string
  readonly source: string
  readonly date: string
  readonly rows: ReadonlyArray<HostRow>
}

/** US dollars per million tokens. */
export const usd = (input: number, output: number, cached?: number, write?: number): Price => ({
  input,
  output,
  ...(cached === undefined ? {} : { cached }),
  ...(write === undefined ? {} : { write })
})
