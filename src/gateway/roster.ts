/**
 * Who is here at the moment, where somebody comes and goes with each request. A plain `Set` of them would not let go: V8
 * makes it a new table every few entries, and each old one points to its entries and to the next. One that has reached the old
 * generation keeps all that follow, and so every request with its body, until the next full collection.
 */
export interface Roster<A> {
  /** Enters the member; it leaves when the result is called, once or more often. */
  readonly add: (member: A) => () => void
  readonly size: () => number
  /** In the order they came; who is not to stay leaves. */
  readonly visit: (stays: (member: A) => boolean) => void
}

interface Place<A> {
  /** Nobody any more, once it has left. */
  member: A | undefined
}

export const makeRoster = <A extends object>(): Roster<A> => {
  const places = new Set<Place<A>>()
  const leave = (place: Place<A>) => {
    place.member = undefined
    places.delete(place)
  }
  return {
    add: (member) => {
      const place: Place<A> = { member }
      places.add(place)
      return () => leave(place)
    },
    size: () => places.size,
    visit: (stays) => {
      for (const place of places) if (place.member !== undefined && !stays(place.member)) leave(place)
    }
  }
}
