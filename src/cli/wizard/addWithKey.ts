/** Adds a profile together with the key that was typed for it. */
import { Effect } from "effect"
import type { NewProfile } from "../../config/ConfigEdit.ts"
import type { FileLayer } from "../../config/LoadedConfig.ts"
import { add } from "../editing.ts"
import { storedPlace } from "../keyPlace.ts"
import { entryOf, keptWith, type NewKey } from "./keepKey.ts"
import { withEntry } from "./keyQuestions.ts"

/** Answers what was edited, and in words where the key is. */
export const addWithKey = (profile: NewProfile, newKey: NewKey, layer: FileLayer | undefined) =>
  Effect.map(keptWith(newKey, add(withEntry(profile, ...entryOf(newKey)), layer)), ({ stored, written }) => ({
    edited: written,
    place:
      stored === undefined
        ? "Its key is in that file too, which nobody but you can read."
        : storedPlace(profile.name, newKey.account, stored)
  }))
