import { Effect, Option } from "effect"
import type { GuardedKey } from "../../config/guarded.ts"
import { Trust } from "../../config/Trust.ts"
import { failureOf } from "../failures.ts"
import { print } from "../output.ts"
import { Where } from "../services.ts"

const listed = (keys: ReadonlyArray<GuardedKey>): ReadonlyArray<string> =>
  keys.map(({ origin, path }) => `  ${"file" in origin ? `line ${origin.line}: ` : ""}${path}`)

/** `claudex config trust`: agrees to the guarded keys of the project's file, and shows them. */
export const handle = Effect.gen(function* () {
  const trust = yield* Trust
  const anchor = yield* Where
  const before = Option.getOrUndefined(yield* trust.inspect(anchor))
  if (before === undefined) return yield* print("There is no project configuration here; nothing needs your consent.")
  if (before.keys.length === 0) return yield* print(`${before.file} decides nothing that needs your consent.`)
  if (before.trusted) {
    return yield* print([`You have agreed to ${before.file}. It decides:`, ...listed(before.keys)].join("\n"))
  }
  const agreed = Option.getOrUndefined(yield* trust.consent(anchor))
  // what is shown is what was agreed to, also when the file changed in between
  yield* print([`You agree to ${before.file}. From now on it decides:`, ...listed(agreed?.keys ?? [])].join("\n"))
}).pipe(Effect.mapError(failureOf), Effect.provide(Trust.layer))
