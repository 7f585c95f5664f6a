/** How often each property is tried: 200 by default, more with FC_RUNS. */
export const runs = Number(process.env.FC_RUNS ?? 200)
