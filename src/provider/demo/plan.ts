/**
 * From the wishes of a prompt to what has to happen now: which are done (with their results), which call comes next, and
 * which no offered tool can fulfil. Everything follows from the request; the demo model has no memory.
 */
import type { JsonObject } from "../../protocol/json.ts"
import type { DemoCall, DemoRequest, DemoTool } from "./request.ts"
import type { Wish } from "./skills.ts"
import { toolSearch, type Subject, type Way } from "./tools.ts"

export interface Offer {
  readonly tool: DemoTool
  readonly args: JsonObject
}

export type Step =
  | { readonly state: "done"; readonly wish: Wish; readonly call: DemoCall }
  | { readonly state: "pending"; readonly wish: Wish; readonly offer: Offer }
  | { readonly state: "unable"; readonly wish: Wish }

const offerOf = (ways: ReadonlyArray<Way>, subject: Subject, request: DemoRequest): Offer | undefined => {
  for (const way of ways) {
    const tool = way.tool(request.tools, subject)
    if (tool !== undefined) return { tool, args: way.args(tool, subject, request) }
  }
  return undefined
}

/** Asks a tool search for a tool that the system text announces. */
const searchOffer = ({ skill, subject }: Wish, request: DemoRequest): Offer | undefined => {
  const announced = [...request.background.matchAll(/\bmcp__[\w-]+/g)].map((match) => match[0])
  const name = skill.onDemand?.(announced, subject)
  return name === undefined ? undefined : offerOf([toolSearch], { name }, request)
}

/**
 * One step per wish, in order. A call made since the prompt counts for the first wish that its tool serves, so no wish
 * leads to the same call twice, whatever the client did to the arguments in between.
 */
export const planOf = (wishes: ReadonlyArray<Wish>, request: DemoRequest): ReadonlyArray<Step> => {
  const made = [...request.calls]
  const takeCall = (name: string): DemoCall | undefined => {
    const at = made.findIndex((call) => call.name === name)
    return at < 0 ? undefined : made.splice(at, 1)[0]
  }
  return wishes.map((wish): Step => {
    const direct = offerOf(wish.skill.ways, wish.subject, request)
    const offer = direct ?? searchOffer(wish, request)
    if (offer === undefined) return { state: "unable", wish }
    const call = takeCall(offer.tool.name)
    if (call === undefined) return { state: "pending", wish, offer }
    // a search that was answered and still left the tool out cannot be helped
    return direct === undefined ? { state: "unable", wish } : { state: "done", wish, call }
  })
}
