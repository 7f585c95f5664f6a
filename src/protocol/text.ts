/** Length of the longest end of `text` that is a proper beginning of one of `words`: what a scanner holds back. */
export const openEnd = (text: string, words: ReadonlyArray<string>): number => {
  let longest = 0
  for (const word of words) {
    for (let n = Math.min(word.length - 1, text.length); n > longest; n--) {
      if (text.endsWith(word.slice(0, n))) {
        longest = n
        break
      }
    }
  }
  return longest
}
