/** How often each property is tried: 200 by default, more with FC_RUNS. */
export const runs = Number(process.env.FC_RUNS ?? 200)

/** Of many tries each looks at a share of the places only, so that the places grow with the tries and not with their square. */
const shares = Math.max(1, Math.floor(runs / 400))

/** The places of one try, `turn` (any whole number) says which. */
export const placesOf = <A>(all: ReadonlyArray<A>, turn: number): ReadonlyArray<A> =>
  all.filter((_, index) => (index + turn) % shares === 0)
