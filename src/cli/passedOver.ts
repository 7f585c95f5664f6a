/** Files that one might take for a part of the configuration, told to whoever looks on. */
import { Effect } from "effect"
import { migration, tomlBeside } from "../config/formats.ts"
import type { Anchor, PassedOver } from "../config/LoadedConfig.ts"
import { type NoFile, noFiles } from "../config/noFile.ts"
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

export const noFileFact = ({ linkTo, path }: NoFile): string =>
  linkTo === undefined
    ? `${path} is a folder, and counts as no file.`
    : `${path} is a link to ${linkTo}, which is not there, and counts as no file.`

export const noFileRemedy = ({ linkTo }: NoFile): string =>
  linkTo === undefined ? "Remove it, or give it another name." : "Make that file, or remove the link."

/** The same of what is no file. */
export const tellNoFiles = (anchor: Anchor) =>
  Effect.flatMap(noFiles(anchor), (found) =>
    Effect.forEach(found, (one) => remark(`${noFileFact(one)} ${noFileRemedy(one)}`), { discard: true })
  )
