/** Reads the error bodies of all known servers (wire specification §2.4) into one form. Total: any text will do. */
import { isObject, type JsonObject, parseJson } from "./json.ts"

/** What a failed provider said, in words and codes. */
export interface ErrorReport {
  /** The provider's own words as plain text, not yet masked or shortened; "" if it said nothing. */
  readonly message: string
  /** Every `code`, `type` and `status` word, in lower case. */
  readonly codes: ReadonlyArray<string>
  /** The HTTP status that the body itself names, if it is one of an error. */
  readonly status: number | undefined
  /** The objects that make up the error, outermost first: the body, its `error`, what a relay quotes. */
  readonly levels: ReadonlyArray<JsonObject>
}

/** Relays quote errors inside errors; deeper than this nobody was ever seen to go. */
const maxNesting = 8
/** No error needs more, and everything behind it costs time with every pattern. */
const maxText = 16_384

const isTokenCharacter = (code: number): boolean =>
  code > 32 && code !== 34 && code !== 39 && code !== 60 && code !== 62

/** A limit on the input that does not leave half a credential at its end, which no pattern would recognise. */
const limited = (text: string): string => {
  if (text.length <= maxText) return text
  let end = maxText
  while (end > 0 && isTokenCharacter(text.charCodeAt(end - 1))) end--
  return text.slice(0, end)
}

const entities: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " " }

const isMarkup = (text: string): boolean => /^\s*<(?:!doctype|!--|\?xml|[a-z][a-z0-9]*[\s>/])/i.test(text)

const stripMarkup = (text: string): string =>
  text
    .replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, " ")
    .replace(/<!--[\s\S]*?-->/g, " ")
    .replace(/<[^<>]*>/g, " ")
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (entity, name: string) => entities[name] ?? entity)

/** Plain text on one line: no markup, no control characters (they would reach the user's terminal). */
const clean = (text: string): string =>
  (isMarkup(text) ? stripMarkup(limited(text)) : limited(text)).replace(/[\p{Cc}\s]+/gu, " ").trim()

/** A JSON object, array or string inside a string, as relays pass on what they got. */
const quoted = (text: string): unknown => (/^\s*[[{"]/.test(text) ? parseJson(text) : undefined)

const first = (texts: Iterable<string>): string => {
  for (const text of texts) if (text !== "") return text
  return ""
}

const textKeys = [
  "error",
  // of a `response.failed` event
  "response",
  "message",
  "detail",
  "msg",
  "error_msg",
  "error_description",
  "errors",
  "title",
  "base_resp",
  "status_msg"
]

const describe = (value: unknown, nesting = 0): string => {
  if (nesting > maxNesting) return ""
  if (typeof value === "string") return describe(quoted(value), nesting + 1) || clean(value)
  if (Array.isArray(value)) {
    return value
      .slice(0, 5)
      .map((item) => describe(item, nesting + 1))
      .filter((text) => text !== "")
      .join("; ")
  }
  if (!isObject(value)) return ""
  const own = first(textKeys.map((key) => describe(value[key], nesting + 1)))
  if (Array.isArray(value.loc) && own !== "") return `${own} (${value.loc.join(".")})`
  const { metadata } = value
  if (!isObject(metadata) || !/^(?:provider returned error\.?)?$/i.test(own)) return own
  const raw = describe(metadata.raw, nesting + 1)
  if (raw === "") return own
  return typeof metadata.provider_name === "string" ? `${raw} (${clean(metadata.provider_name)})` : raw
}

const levelsOf = (value: unknown, nesting = 0): ReadonlyArray<JsonObject> => {
  if (nesting > maxNesting) return []
  if (typeof value === "string") return levelsOf(quoted(value), nesting + 1)
  if (Array.isArray(value)) return levelsOf(value[0], nesting + 1)
  if (!isObject(value)) return []
  const raw = isObject(value.metadata) ? value.metadata.raw : undefined
  return [
    value,
    ...[value.error, value.errors, value.response, value.message, value.detail, value.base_resp, raw].flatMap((inner) =>
      levelsOf(inner, nesting + 1)
    )
  ]
}

const codeKeys = [
  "code",
  "type",
  "status",
  "status_code",
  "statusCode",
  "http_code",
  "error_code",
  "error_type",
  "__type"
]

const isErrorStatus = (value: number): boolean => Number.isInteger(value) && value >= 400 && value <= 599

/** The report in an already parsed value. */
export const reportOf = (value: unknown): ErrorReport => {
  const levels = levelsOf(value)
  const codes = levels
    .flatMap((level) => codeKeys.map((key) => level[key]))
    .filter((code) => typeof code === "string" || typeof code === "number")
  return {
    message: describe(value),
    codes: codes.map((code) => String(code).toLowerCase()),
    status: codes.map(Number).find(isErrorStatus),
    levels
  }
}

/** The report in a body as it was received: JSON, HTML, plain text, anything. */
export const readReport = (body: string): ErrorReport => {
  const report = reportOf(quoted(body) ?? body)
  // JSON without any words that we know how to find: better to show it than to hide it.
  return report.message === "" ? { ...report, message: clean(body) } : report
}
