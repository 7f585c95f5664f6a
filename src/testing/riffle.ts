/** Orders in which the parts of several things may arrive when they take turns. */
import type { Dice } from "./json.ts"

/** One part of one thing; a call's parts may stand between those of anything else, texts stay whole. */
export interface Part {
  readonly call: boolean
}

/**
 * One order of all parts. Lanes start in their order; texts stay whole and in order; the parts of calls mix with
 * everything else.
 */
export const riffle = <P extends Part>(lanes: ReadonlyArray<ReadonlyArray<P>>, random: Dice): ReadonlyArray<P> => {
  const queues = lanes.map((parts) => [...parts])
  const started = queues.map(() => false)
  const out: Array<P> = []
  for (;;) {
    const ready = queues.flatMap((queue, lane) => {
      const [head] = queue
      if (head === undefined) return []
      const earlierStarted = started.slice(0, lane).every((begun, at) => begun || (lanes[at]?.length ?? 0) === 0)
      const earlierTextsDone = queues.slice(0, lane).every((other) => other[0] === undefined || other[0].call)
      return earlierStarted && (head.call || earlierTextsDone) ? [lane] : []
    })
    const [first] = ready
    if (first === undefined) return out
    const lane = random.pick([first, ...ready.slice(1)])
    const part = queues[lane]?.shift()
    started[lane] = true
    if (part !== undefined) out.push(part)
  }
}
