/**
 * How many bytes of request bodies may be held at a time, for all clients together: what is more is told to come back, if
 * possible before it is read. Synchronous; a body alone is always let in, whatever its size.
 */

/** What one request holds; nothing at first. */
export interface MemoryShare {
  /** From now on it holds so many bytes, of `most` in all; false when there is no room, and then nothing changes. */
  readonly hold: (bytes: number, most: number) => boolean
  /** Gives everything back, once and for all. */
  readonly release: () => void
}

export interface MemoryBudget {
  readonly open: () => MemoryShare
  /** Bytes held now. */
  readonly held: () => number
}

export const makeMemoryBudget = (): MemoryBudget => {
  let held = 0
  return {
    held: () => held,
    open: () => {
      let own = 0
      let isOver = false
      const become = (bytes: number) => {
        held += bytes - own
        own = bytes
      }
      return {
        hold: (bytes, most) => {
          const others = held - own
          if (isOver || (bytes > own && others > 0 && others + bytes > most)) return false
          become(bytes)
          return true
        },
        release: () => {
          isOver = true
          become(0)
        }
      }
    }
  }
}
