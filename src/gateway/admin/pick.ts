/** Which request is meant by what a user typed. Pure; `records` are the newest first. */
import { Either } from "effect"
import type { RequestRecord } from "../../domain/RequestRecord.ts"

/** None, or several that cannot be told apart by so few characters. */
export interface NotPicked {
  readonly _tag: "None" | "Several"
  readonly message: string
}

/** So many ids are named to choose from. */
const shown = 3

/** The request of that id, the only one whose id begins so, or for `last` the newest. */
export const pick = (records: ReadonlyArray<RequestRecord>, id: string): Either.Either<RequestRecord, NotPicked> => {
  if (id === "last") {
    const [newest] = records
    return Either.fromNullable(newest, () => ({ _tag: "None", message: "no request is recorded yet" }))
  }
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
