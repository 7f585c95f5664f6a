/** Files that one might take for a part of the configuration, told to whoever looks on. */
import { Effect } from "effect"
import { migration, tomlBeside } from "../config/formats.ts"
import type { PassedOver } from "../config/LoadedConfig.ts"
import { remark } from "./output.ts"

export const passedOverFact = ({ instead, path }: PassedOver): string =>
  `${path} is not read, because ${instead} counts in its place.`

/** What is to be done depends on whether the file that counts is the one that a migration would write. */
export const passedOverRemedy = ({ instead, path }: PassedOver): string =>
  tomlBeside(path) === instead
    ? `Remove it, or type ${migration} if both say the same.`
    : "Remove one of the two, or give it another name."

/** One sentence for each, on stderr. */
export const tellPassedOver = (files: ReadonlyArray<PassedOver> = []): Effect.Effect<void> =>
  Effect.forEach(files, (file) => remark(`${passedOverFact(file)} ${passedOverRemedy(file)}`), { discard: true })
