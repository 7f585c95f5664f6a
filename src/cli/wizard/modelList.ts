/** The models of a provider, for questions to offer them. */
import { Effect } from "effect"
import { Environment } from "../../config/Environment.ts"
import type { KeyLookup } from "../../credentials/ApiKey.ts"
import type { Profile } from "../../domain/Profile.ts"
import { layer as upstream } from "../../upstream/undici.node.ts"
import { remark } from "../output.ts"
import { patiently } from "../progress.ts"
import { type HowToLook, reach } from "../reachability/look.ts"

/** A list of models may be long; whoever does not want to wait types the model. Seconds. */
const patience = 10

/** None is looked for that is not in the list. */
const how: HowToLook = { patience, list: true, only: true }

/** Its list, if it gives one; the user is told what is waited for, and that there is none. */
export const listOf = (profile: Profile, keys: KeyLookup) =>
  Effect.gen(function* () {
    const asking = reach(profile, yield* Environment, keys, how)
    const { look } = yield* patiently(asking, `Asking ${profile.name} for its models`)
    const listed = look?.listed ?? []
    if (listed.length === 0) yield* remark("It gave no list, so type the model's name.")
    return listed
  }).pipe(Effect.provide(upstream))
