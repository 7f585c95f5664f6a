/** Which lines of the log somebody wants to see. Pure. */
import type { LogLevel } from "../config/ConfigFile.ts"
import { profileWord, readRequestLine } from "../gateway/requestLine.ts"

/** The levels that can be asked for, the least first. */
export const logLevels = ["trace", "debug", "info", "warn", "error"] as const satisfies ReadonlyArray<LogLevel>
export type Wanted = (typeof logLevels)[number]

/** Names as the logger writes them; whatever is not here counts as an error. */
const ranks: ReadonlyMap<string, number> = new Map(logLevels.map((level, rank) => [level.toUpperCase(), rank]))
const highest = logLevels.length - 1

/** What the logger wrote, by key. Undefined for any other line, as a crash leaves it. */
export const fieldsOf = (line: string): ReadonlyMap<string, string> | undefined => {
  if (!line.startsWith("timestamp=")) return undefined
  const fields = new Map<string, string>()
  for (const [, key = "", bare, quoted] of line.matchAll(/(\S+?)=(?:("(?:[^"\\]|\\.)*")|(\S*))/g)) {
    if (!fields.has(key)) fields.set(key, bare === undefined ? (quoted ?? "") : unquoted(bare))
  }
  return fields
}

const unquoted = (text: string): string => {
  try {
    return String(JSON.parse(text))
  } catch {
    return text // not written by the logger
  }
}

/**
 * A filter for lines in the order of their writing. What follows the line of a request in its name goes with it; lines
 * that are not the logger's are shown at every level, as a crash is no detail, but belong to no profile.
 */
export const wantedLines = (want: { readonly level: Wanted; readonly profile?: string | undefined }) => {
  const least = logLevels.indexOf(want.level)
  const profile = want.profile === undefined ? undefined : profileWord(want.profile)
  let lastId: string | undefined
  return (line: string): boolean => {
    if (line.trim() === "") return false
    const fields = fieldsOf(line)
    if (fields === undefined) return profile === undefined
    const isLoud = (ranks.get(fields.get("level") ?? "") ?? highest) >= least
    if (profile === undefined) return isLoud
    const request = readRequestLine(fields.get("message") ?? "")
    if (request?.profiles.includes(profile) === true) lastId = request.id
    const concerns = request === undefined ? fields.get("profile") === want.profile : request.id === lastId
    return concerns && isLoud
  }
}
