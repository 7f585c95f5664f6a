/** The path of a setting as people type it: `proxy_port`, `profiles.grok.models.haiku`, `profiles."my own".base_url`. Pure. */
import { Either } from "effect"

/** A profile's second key is its name. At least one key. */
export type SettingPath = readonly [string, ...ReadonlyArray<string>]

const malformed = 'is no path of a setting, expected keys with dots between them; one with a dot or a space in "quotes"'

const unquoted = (word: string): string | undefined => {
  if (!word.startsWith('"')) return word
  try {
    const text: unknown = JSON.parse(word)
    return typeof text === "string" && text !== "" ? text : undefined
  } catch {
    return undefined
  }
}

/** Left says what is wrong with it. */
export const readSettingPath = (text: string): Either.Either<SettingPath, string> => {
  const words = text.match(/^(?:"(?:[^"\\]|\\.)*"|[^."\s]+)(?:\.(?:"(?:[^"\\]|\\.)*"|[^."\s]+))*$/)
    ? (text.match(/"(?:[^"\\]|\\.)*"|[^."\s]+/g) ?? [])
    : []
  const keys = words.flatMap((word) => unquoted(word) ?? [])
  const [first, ...rest] = keys
  return first === undefined || keys.length !== words.length ? Either.left(malformed) : Either.right([first, ...rest])
}
