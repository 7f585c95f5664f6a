/**
 * How the line of a request names its profiles, so that `claudex logs --profile` finds it. Before anything in the line that a
 * client or a provider said.
 */

const utf8 = new TextEncoder()
const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`

/** A profile's name as one word, without anything that separates words. */
export const profileWord = (name: string): string =>
  name.replace(/[^\w.~-]+/g, (part) => Array.from(utf8.encode(part), percent).join(""))

/** The profiles in question, each once; "" when there is none. */
export const profilesPart = (names: ReadonlyArray<string | undefined>): string => {
  const words = new Set(names.filter((name) => name !== undefined && name !== "").map((name = "") => profileWord(name)))
  return words.size === 0 ? "" : `profile=${[...words].join(",")}`
}

/** Id, method, path and outcome, and then the profiles. */
const pattern = /^(req_\S+)(?: \S+ \S+ (?:\d+|client gone)(?: profile=(\S+))?)?/

/** The request that a message is about, and the words of its profiles; undefined when it is about none. */
export const readRequestLine = (
  message: string
): { readonly id: string; readonly profiles: ReadonlyArray<string> } | undefined => {
  const [, id, profiles] = pattern.exec(message) ?? []
  return id === undefined ? undefined : { id, profiles: profiles?.split(",") ?? [] }
}
