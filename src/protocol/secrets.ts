/** Hides credentials in text that came from outside before anybody else sees it. */
import { base64Cores, escapedPattern, hasEscapes } from "./spellings.ts"

const hidden = "[masked]"

interface Rule {
  readonly pattern: RegExp
  /** What stands in place of a match; `$1` is the part that may stay. */
  readonly replacement: string
}

/** Keys that give themselves away by their first letters. */
const keyShapes: ReadonlyArray<RegExp> = [
  // Behind a letter it could be a word ("task-force"), unless it is as long as a key and has digits as keys do.
  /(?<![A-Za-z0-9])sk-[\w*.-]{4,}/g,
  /sk-(?=[\w-]{0,40}\d)[\w-]{16,}/g,
  // Not the name of a model.
  /(?<![A-Za-z0-9])xai-(?!grok)[\w*-]{6,}/gi,
  /(?<![A-Za-z0-9])(?:gsk_|csk-|hf_|fw_|r8_|pplx-|nvapi-|tgp_v1_|glpat-|github_pat_|gh[pousr]_)[\w*-]{6,}/g,
  /AIza[\w-]{6,}/g,
  /(?<![A-Za-z0-9])(?:ya29\.|xox[a-z]-|AKIA)[\w.-]{8,}/g,
  /eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g
]

/** Words whose value is a secret when one follows in the form `name: value`, `name=value` or `"name":"value"`. */
const secretNames = [
  "(?:x-|x-goog-|x-portkey-|ocp-apim-)?(?:api|subscription)[-_]?key",
  "(?:proxy-)?authorization",
  "(?:set-)?cookie",
  "(?:access|refresh|auth|id|session|bearer)[-_]?token",
  "client[-_]?secret",
  "password"
].join("|")

const rules: ReadonlyArray<Rule> = [
  // A scheme word before the credential goes with it.
  {
    pattern: new RegExp(
      String.raw`((?:${secretNames})[\\"']*\s*[:=]\s*[\\"']*)(?:(?:bearer|basic|token)\s+)?[^\s"'\\,;&<>{}]+`,
      "gi"
    ),
    replacement: `$1${hidden}`
  },
  // The same in a sentence: "Incorrect API key provided: abc". A plain word or an address behind it is no key.
  {
    pattern: /(api[ _-]?key[^:="'\n]{0,24}[:=]\s*["'`]?)(?!\/\/|[a-z]{1,15}(?![\w*-]))[^\s"'`,;<>{}]*[^\s"'`,;<>{}.]/gi,
    replacement: `$1${hidden}`
  },
  { pattern: /(\bbearer\s+)(?!tokens?\b|auth|scheme\b|\[masked)[\w.~+/=*-]{6,}/gi, replacement: `$1${hidden}` },
  { pattern: /(\bbasic\s+)(?=[A-Za-z]*[0-9+/=A-Z])[A-Za-z0-9+/]{12,}={0,2}/gi, replacement: `$1${hidden}` },
  { pattern: /((?:key|token|secret|sig|signature)=)[^&\s"'<>\\]+/gi, replacement: `$1${hidden}` },
  // Credentials before the host of a URL.
  { pattern: /(\/\/)[^/\s:@]{1,256}:[^/\s@]{1,512}@/g, replacement: `$1${hidden}@` }
]

/** Shorter ones (`none`, `ollama`) protect nothing and occur in ordinary text. */
const shortestKnown = 8

/** How a provider may repeat a secret: as it was sent, without the scheme word before it, and in base64. */
const formsOf = (secret: string): ReadonlyArray<string> => {
  const bare = /^\S+\s+(\S+)$/.exec(secret)?.[1] ?? secret
  return [...new Set([secret, bare])]
    .filter((form) => form.length >= shortestKnown)
    .flatMap((form) => [form, ...base64Cores(form)])
}

/** Those of the secrets that were asked about last: every answer asks about the same few. */
const kept = new Map<string, ReadonlyArray<string>>()
const mostKept = 64

const keptForms = (secret: string): ReadonlyArray<string> => {
  const before = kept.get(secret)
  if (before !== undefined) return before
  if (kept.size >= mostKept) kept.clear()
  const forms = formsOf(secret)
  kept.set(secret, forms)
  return forms
}

/**
 * The text with these secrets replaced by `[masked]`, however they are escaped or encoded in it, and nothing else changed.
 * The longest goes first: a short one that it begins with would leave the rest of it.
 */
export const hideSecrets = (text: string, known: ReadonlyArray<string>): string => {
  if (text.length < shortestKnown) return text
  const escapes = hasEscapes(text)
  return known
    .flatMap(keptForms)
    .sort((one, other) => other.length - one.length)
    .reduce((masked, form) => masked.replaceAll(escapes ? escapedPattern(form) : form, () => hidden), text)
}

/**
 * The text with everything that looks like a credential replaced by `[masked]`, and with it the `known` secrets whatever
 * they look like; all else stays as it is, and with it what has the look of a key but is one of the `names`.
 */
export const maskSecrets = (
  text: string,
  known: ReadonlyArray<string> = [],
  names: ReadonlyArray<string> = []
): string => {
  const ruled = rules.reduce(
    (masked, { pattern, replacement }) => masked.replace(pattern, replacement),
    hideSecrets(text, known)
  )
  return keyShapes.reduce(
    (masked, shape) => masked.replace(shape, (key) => (names.includes(key) ? key : hidden)),
    ruled
  )
}
