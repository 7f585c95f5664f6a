/** What somebody types of a profile, and providers to type. */
import * as fc from "fast-check"
import { ProviderType } from "../../src/domain/Profile.ts"
import { generic, providers } from "../../src/provider/table/index.ts"
import type { ProviderRow } from "../../src/provider/table/row.ts"

export { saidNothing as nothing } from "../../src/cli/newProfile.ts"

export const providerRows: ReadonlyArray<ProviderRow> = [...providers, generic]

/** A plain word that names a profile or a model. */
export const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((name) => !["all", "auto"].includes(name))

/** What may be typed or left out. */
export const maybe = <A>(of: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> => fc.option(of, { nil: undefined })

export const addresses = fc.constantFrom(
  "https://relay.example/v1",
  "http://10.0.0.7:8080",
  ...providerRows.map(({ example }) => example)
)

export const types = fc.constantFrom(...ProviderType.literals)

/** Whoever serves it, wherever: what makes a profile but for what a provider may lack. */
export const someWords = fc.record({
  name: maybe(word),
  provider: fc.constantFrom(...providerRows.map(({ kind }) => kind)),
  baseUrl: maybe(addresses),
  type: maybe(types),
  model: word,
  haiku: maybe(word),
  fable: maybe(word)
})
