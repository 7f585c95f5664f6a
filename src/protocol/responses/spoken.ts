/**
 * Text that a Responses server sends in pieces and then again as a whole, in one of several places each (parts of an
 * item): what of the whole was not said yet. Servers leave out either form, and some number the places differently in
 * both.
 */
import { asArray, asString, isObject } from "../json.ts"

export interface Spoken {
  /** Everything said, in the order in which it was said. */
  all: string
  /** The same by the part's number. */
  readonly parts: Map<number, string>
}

export const spoken = (): Spoken => ({ all: "", parts: new Map() })

/** Notes a piece as said. */
export const note = (said: Spoken, part: number, text: string): void => {
  said.all += text
  said.parts.set(part, (said.parts.get(part) ?? "") + text)
}

/** What of the whole part is missing; nothing when it contradicts what was said, which cannot be taken back. */
export const missing = (said: Spoken, part: number, whole: string): string => {
  const known = said.parts.get(part) ?? ""
  return whole.startsWith(known) ? whole.slice(known.length) : ""
}

/** The same for all parts of an item at once: by their numbers only when the whole does not begin with what was said. */
export const missingParts = (said: Spoken, wholes: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (!wholes.join("").startsWith(said.all)) return wholes.map((whole, part) => missing(said, part, whole))
  let known = said.all.length
  return wholes.map((whole) => {
    const rest = whole.slice(known)
    known = Math.max(0, known - whole.length)
    return rest
  })
}

/** A list of parts as their texts by number, "" for parts without that field; a bare string counts as one part. */
export const partTexts = (value: unknown, field: "text" | "refusal"): ReadonlyArray<string> =>
  typeof value === "string"
    ? [field === "text" ? value : ""]
    : asArray(value).map((part) => (isObject(part) ? (asString(part[field]) ?? "") : ""))
