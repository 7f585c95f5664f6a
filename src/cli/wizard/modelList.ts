/** The models of a provider, for questions to offer them. */
import { Effect } from "effect"
import { Environment } from "../../config/Environment.ts"
import type { KeyLookup } from "../../credentials/ApiKey.ts"
import type { Profile } from "../../domain/Profile.ts"
import { layer as upstream } from "../../upstream/undici.node.ts"
import { remark } from "../output.ts"
import { testOf } from "../profileTest.ts"
import { patiently } from "../progress.ts"
import { type HowToLook, reach, type Reached } from "../reachability/look.ts"
import { keyRefused } from "./keyQuestions.ts"

/** A list of models may be long; whoever does not want to wait types the model. Seconds. */
const patience = 10

/** None is looked for that is not in the list. */
const how: HowToLook = { patience, list: true, only: true }

/** Whose provider was asked, and how that went. */
export interface Asked extends Reached {
  readonly profile: Profile
}

/** What it answers when it is asked; the user is told what is waited for. */
export const lookFor = (profile: Profile, keys: KeyLookup) =>
  Effect.gen(function* () {
    const asking = reach(profile, yield* Environment, keys, how)
    const asked: Asked = { profile, ...(yield* patiently(asking, `Asking ${profile.name} for its models`)) }
    return asked
  }).pipe(Effect.provide(upstream))

/** Why there is no list, or an empty one. Models are chosen from it, so none can be wrong yet. */
const noList = (asked: Asked | undefined): string => {
  if (asked === undefined) return "It cannot be asked yet"
  const { profile } = asked
  const test = testOf(profile, asked, 0)
  return (
    keyRefused(asked.look?.status) ??
    (test.status === "ok" || test.reason === "model" ? "It gave no list" : `${profile.name}: ${test.message}`)
  )
}

/** The list that was given, if one was; the user is told why where there is none. Undefined: what cannot be asked yet. */
export const listIn = (asked: Asked | undefined) =>
  Effect.gen(function* () {
    const listed = asked?.look?.listed ?? []
    if (listed.length === 0) yield* remark(`${noList(asked)}, so type the model's name.`)
    return listed
  })

/** Its list, if it gives one. */
export const listOf = (profile: Profile, keys: KeyLookup) => Effect.flatMap(lookFor(profile, keys), listIn)
