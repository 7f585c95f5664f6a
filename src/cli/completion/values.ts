/** The words that options take of which the parser only knows that they are text. */
import { ProviderType } from "../../domain/Profile.ts"
import { generic, providers } from "../../provider/table/index.ts"

/** By the option's name. */
export const optionValues: Readonly<Record<string, ReadonlyArray<string>>> = {
  "--provider": [...providers, generic].map(({ kind }) => kind),
  "--type": ProviderType.literals
}
