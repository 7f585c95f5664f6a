/** "Did you mean …?": the known word nearest to a mistyped one. */

/** Edits (insert, delete, replace, swap of neighbours) from one word to another. */
const distance = (from: string, to: string): number => {
  let before: ReadonlyArray<number> = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const next = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      next.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (next[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (same ? 0 : 1),
          swapped && row > 1 && column > 1 ? (before[column - 2] ?? 0) + 1 : Infinity
        )
      )
    }
    before = last
    last = next
  }
  return last[to.length] ?? 0
}

const plain = (word: string): string => word.toLowerCase().replace(/[-_ ]/g, "")

/** The known word that was probably meant: at most a third of it is wrong. Letter case and separators do not count. */
export const nearest = (word: string, known: ReadonlyArray<string>): string | undefined => {
  const written = plain(word)
  // nobody mistypes a word of this length; and the comparison costs the product of both lengths
  if (written.length > 64) return undefined
  let best: { readonly word: string; readonly edits: number } | undefined
  for (const candidate of known) {
    const meant = plain(candidate)
    const edits = distance(written, meant)
    const allowed = Math.max(1, Math.floor(meant.length / 3))
    if (edits <= allowed && edits < meant.length && edits < (best?.edits ?? Infinity)) best = { word: candidate, edits }
  }
  return best?.word
}
