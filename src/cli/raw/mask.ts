/**
 * The text of a configuration file as it is, comments and all, fit to be shown. Pure.
 *
 * Invariant: what stands where secrets do is masked wherever it begins and ends in the text; elsewhere what looks like a
 * secret is, as in all that is shown.
 */
import { maskSecrets } from "../../protocol/secrets.ts"
import { isReference, masked } from "../secretPlaces.ts"

/** A text where a secret stands. */
export interface Secret {
  /** From where to where in the text of the file, with all that belongs to its spelling. */
  readonly start: number
  readonly end: number
  readonly value: string
}

/** A reference, or the name of a key: behind words for a key they look like one. */
const names = /((?:(?:bearer|basic|token) )?\$?\$\{\w+\}|api_key_(?:env|keyring)["']?\s*[=:]\s*["']?[\w.-]+)/i

const withoutSecrets = (text: string, known: ReadonlyArray<string>, plain: ReadonlyArray<string>): string =>
  text
    .split(names)
    .map((piece, at) => (at % 2 === 1 ? piece : maskSecrets(piece, known, plain)))
    .join("")

/** What is put in its place ends a line where it did; a reference stays, and so does nothing at all. */
const substitute = (text: string, { end, start, value }: Secret): string => {
  const written = text.slice(start, end)
  if (value === "" || isReference(value)) return written
  const [ending = ""] = /\r?\n$/.exec(written) ?? []
  return `"${masked}"${ending}`
}

/** `known`: secrets that may stand in other places too, such as comments; `plain`: names, which may look like secrets. */
export const maskFile = (
  text: string,
  secrets: ReadonlyArray<Secret>,
  known: ReadonlyArray<string>,
  plain: ReadonlyArray<string> = []
): string => {
  const inOrder = secrets.toSorted((one, other) => one.start - other.start)
  const pieces = inOrder.map((secret, at) => [
    withoutSecrets(text.slice(inOrder[at - 1]?.end ?? 0, secret.start), known, plain),
    substitute(text, secret)
  ])
  return [...pieces.flat(), withoutSecrets(text.slice(inOrder.at(-1)?.end ?? 0), known, plain)].join("")
}
