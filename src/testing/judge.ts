/** Words with which the judges of request bodies say what is wrong. */
import { isJsonObject } from "./json.ts"

export interface Fields {
  readonly [key: string]: unknown
}

/** Sentences about what is wrong; empty when nothing is. */
export type Wrong = ReadonlyArray<string>

export const none: Wrong = []

export const string = (value: unknown): value is string => typeof value === "string"

export const filled = (value: unknown): value is string => typeof value === "string" && value !== ""

export const say = (ok: boolean, text: string): Wrong => (ok ? none : [text])

/** An image or a file within the body. */
export const isDataUrl = (url: unknown): url is string => {
  const [head = "", data = "", ...more] = string(url) ? url.split(",") : []
  const bytes = data.replace(/={1,2}$/, "")
  return /^data:[\w.+-]+\/[\w.+-]+;base64$/.test(head) && more.length === 0 && bytes !== "" && !/[^\w+/-]/.test(bytes)
}

/** A PDF within the body. */
export const isPdfUrl = (url: unknown): url is string => isDataUrl(url) && url.startsWith("data:application/pdf;")

export const keys = (value: Fields, must: ReadonlyArray<string>, may: ReadonlyArray<string> = []): Wrong => [
  ...must.filter((key) => !Object.hasOwn(value, key)).map((key) => `${key} is missing`),
  ...Object.keys(value)
    .filter((key) => !must.includes(key) && !may.includes(key))
    .map((key) => `unknown key ${key}`)
]

export const at = (place: string, wrong: Wrong): Wrong => wrong.map((text) => `${place}: ${text}`)

export const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

export const parsesToObject = (json: string): boolean => {
  try {
    return isJsonObject(JSON.parse(json))
  } catch {
    return false
  }
}

/** Everything in the body is JSON: no undefined, no NaN, nothing that disappears on the way. */
export const plainJson = (value: unknown, path: string): Wrong => {
  if (value === null || string(value) || typeof value === "boolean") return none
  if (typeof value === "number") return say(Number.isFinite(value), `${path} is not finite`)
  if (Array.isArray(value)) return value.flatMap((item, index) => plainJson(item, `${path}[${index}]`))
  if (isJsonObject(value)) return Object.entries(value).flatMap(([key, item]) => plainJson(item, `${path}.${key}`))
  return [`${path} is no JSON value`]
}
