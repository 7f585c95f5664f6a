/** The models of a provider, for questions to offer them. */
import { Effect } from "effect"
import { Environment } from "../../config/Environment.ts"
import type { KeyLookup } from "../../credentials/ApiKey.ts"
import type { Profile } from "../../domain/Profile.ts"
import { layer as upstream } from "../../upstream/undici.node.ts"
import { remark } from "../output.ts"
import { patiently } from "../progress.ts"
import { type HowToLook, reach } from "../reachability/look.ts"
import type { Look } from "../reachability/verdict.ts"
import { keyRefused } from "./keyQuestions.ts"

/** A list of models may be long; whoever does not want to wait types the model. Seconds. */
const patience = 10

/** None is looked for that is not in the list. */
const how: HowToLook = { patience, list: true, only: true }

/** What it answers when it is asked; the user is told what is waited for. Undefined where it cannot be asked. */
export const lookFor = (profile: Profile, keys: KeyLookup) =>
  Effect.gen(function* () {
    const asking = reach(profile, yield* Environment, keys, how)
    return (yield* patiently(asking, `Asking ${profile.name} for its models`)).look
  }).pipe(Effect.provide(upstream))

/** The list that was given, if one was; the user is told where there is none. */
export const listIn = (look: Look | undefined) =>
  Effect.gen(function* () {
    const listed = look?.listed ?? []
    if (listed.length === 0)
      yield* remark(`${keyRefused(look?.status) ?? "It gave no list"}, so type the model's name.`)
    return listed
  })

/** Its list, if it gives one. */
export const listOf = (profile: Profile, keys: KeyLookup) => Effect.flatMap(lookFor(profile, keys), listIn)
