/** Names of models as they are looked up: no case, no vendor, no variant. */

/** The client's mark for a large window is no part of a name. */
const written = (model: string): string =>
  model
    .trim()
    .toLowerCase()
    .replace(/\[1m\]$/, "")

/** `openrouter/anthropic/claude-x:free` and `gpt-5[1m]` are looked up as `claude-x` and `gpt-5`. */
export const bareName = (model: string): string => written(model).replace(/^.*\//, "").replace(/:.*$/, "")

/** Whether a name, or a beginning of names with `*` behind it, means one of these. */
const means = (key: string, names: ReadonlyArray<string>): boolean => {
  const wanted = written(key)
  return wanted.endsWith("*")
    ? names.some((name) => name.startsWith(wanted.slice(0, -1)))
    : names.some((name) => name === wanted)
}

/** How much of a name a key spells out; a whole name is worth more than the same letters with `*` behind them. */
const weight = (key: string): number => (key.endsWith("*") ? 2 * (key.length - 1) : 2 * key.length + 1)

/**
 * The entry whose key means the model, as written or bare; of several the one whose key spells out most. Keys are names,
 * or beginnings of names with `*` behind them.
 */
export const entryFor = <A>(entries: Readonly<Record<string, A>>, model: string): A | undefined => {
  const names = [written(model), bareName(model)]
  const [best] = Object.keys(entries)
    .filter((key) => means(key, names))
    .sort((left, right) => weight(right.trim()) - weight(left.trim()))
  return best === undefined ? undefined : entries[best]
}
