/**
 * `${NAME}` in configuration values: an environment variable's value. `$${` stands for a plain `${`. A lone `$` and
 * `$NAME` mean themselves. A variable set to nothing counts as not set.
 */
import { Either } from "effect"
import { type EnvironmentRecord, variable } from "./Environment.ts"

const reference = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\})?/g

/** Whether every `${` in a text is a well-formed reference or an escape. */
export const isWellFormed = (text: string): boolean =>
  [...text.matchAll(reference)].every(([found, name]) => found === "$${" || name !== undefined)

/** The variables a text refers to. */
export const variablesIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(reference)].flatMap(([, name]) => (name === undefined ? [] : [name]))

/** Whether a text has references or escapes. */
export const isTemplate = (text: string): boolean => text.includes("${")

/** The text with every reference replaced by its variable's value; left is the name of the first that is not set. */
export const fillIn = (text: string, environment: EnvironmentRecord): Either.Either<string, string> => {
  if (!isTemplate(text)) return Either.right(text)
  const missing = variablesIn(text).find((name) => variable(environment, name) === undefined)
  return missing === undefined
    ? Either.right(
        text.replace(reference, (found, name: string | undefined) =>
          found === "$${" || name === undefined ? "${" : (variable(environment, name) ?? "")
        )
      )
    : Either.left(missing)
}
