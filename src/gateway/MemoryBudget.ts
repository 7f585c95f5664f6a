/**
 * How many bytes of request bodies may be held at a time, for all clients together: what is more is told to come back, before
 * it is read. Synchronous; a body alone is always let in, whatever its size.
 */

export interface MemoryBudget {
  /** Gives the bytes back when called; undefined when there is no room now. `most` is what may be held in all. */
  readonly reserve: (bytes: number, most: number) => (() => void) | undefined
  /** Bytes held now. */
  readonly held: () => number
}

export const makeMemoryBudget = (): MemoryBudget => {
  let held = 0
  return {
    held: () => held,
    reserve: (bytes, most) => {
      if (held > 0 && held + bytes > most) return undefined
      held += bytes
      let isOver = false
      return () => {
        if (!isOver) held -= bytes
        isOver = true
      }
    }
  }
}
