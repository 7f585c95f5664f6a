/** Which request is meant by what a user typed. Pure; `records` are the newest first. */
import { Either } from "effect"
import type { RequestRecord } from "../../domain/RequestRecord.ts"

/** There are none at all, none of that id, or several that cannot be told apart by so few characters. */
export interface NotPicked {
  readonly _tag: "Empty" | "None" | "Several"
  readonly message: string
}

/** So many ids are named to choose from. */
const shown = 3

/** The request of that id, the only one whose id begins so, or for `last` the newest. */
export const pick = (records: ReadonlyArray<RequestRecord>, id: string): Either.Either<RequestRecord, NotPicked> => {
  const [newest] = records
  if (newest === undefined) return Either.left({ _tag: "Empty", message: "no request is recorded yet" })
  if (id === "last") return Either.right(newest)
  const exact = records.find((record) => record.id === id)
  if (exact !== undefined) return Either.right(exact)
  const found = id === "" ? [] : records.filter((record) => record.id.startsWith(id))
  const [only, second] = found
  if (only === undefined) return Either.left({ _tag: "None", message: `no request "${id}" is recorded` })
  if (second === undefined) return Either.right(only)
  const names = found.slice(0, shown).map((record) => record.id)
  const more = found.length > shown ? `, and ${found.length - shown} more` : ""
  return Either.left({ _tag: "Several", message: `several requests begin with "${id}": ${names.join(", ")}${more}` })
}
