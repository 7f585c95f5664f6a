/** What relays do to the errors of others: the class of a failure must survive it. */

/** Applies a change to every text of a value, also to those inside of JSON that is itself a text. */
export const mapTexts = (value: unknown, change: (text: string) => string): unknown => {
  if (typeof value === "string") {
    const inner = parsed(value)
    const isQuoted = typeof inner === "string" || (typeof inner === "object" && inner !== null)
    return isQuoted ? JSON.stringify(mapTexts(inner, change)) : change(value)
  }
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]))
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The JSON of a body, or the body as a text when it is none. */
export const valueOf = (body: string): unknown => parsed(body) ?? body

const alternating = (text: string): string =>
  text.replace(/./gsu, (character, at: number) => (at % 2 === 0 ? character.toUpperCase() : character.toLowerCase()))

/** Mutations by name; each takes a body's value and gives another that means the same. */
export const mutations: { readonly [name: string]: (value: unknown) => unknown } = {
  "in upper case": (value) => mapTexts(value, (text) => text.toUpperCase()),
  "in lower case": (value) => mapTexts(value, (text) => text.toLowerCase()),
  "in mixed case": (value) => mapTexts(value, alternating),
  "as an error": (value) => ({ error: value }),
  "as a failed response": (value) => ({ type: "response.failed", response: { error: value } }),
  "in an array": (value) => [value],
  "as a text": (value) => JSON.stringify(JSON.stringify(value)),
  "as the text of a message": (value) => ({ error: { message: JSON.stringify(value), type: "None", param: "None" } }),
  "as a detail": (value) => ({ detail: value }),
  "quoted by OpenRouter": (value) => ({
    error: { message: "Provider returned error", metadata: { raw: JSON.stringify(value), provider_name: "Behind" } }
  }),
  "with much beside it": (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? { request_id: "req_0", timestamp: 1_735_689_600, ...value, trace: { span: "7f", limit: 123_456 } }
      : value
}
