/** What the client sends and what it must get back. */
import { readFileSync } from "node:fs"

/** The text of the n-th chunk. */
export const word = (index: number): string => ` word${index % 1_000}`

export const words = (count: number): string => Array.from({ length: count }, (_, index) => word(index)).join("")

const model = "bench-model"

export const small = (stream: boolean): string =>
  JSON.stringify({ model, max_tokens: 1_024, stream, messages: [{ role: "user", content: "How are you today?" }] })

export const chat = JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "How are you today?" }] })

const filler =
  "Use this tool when the task needs it, and say in plain words what you are going to do before you do it. "

/** Stands where the real client has its prose. */
const isPlaceholder = (text: string): boolean => text.includes("placeholder)") || text.startsWith("(description of ")

/** Every placeholder becomes `share` characters longer. */
const grow = (value: unknown, share: number): unknown => {
  if (typeof value === "string") {
    return isPlaceholder(value) ? value + filler.repeat(Math.ceil(share / filler.length)).slice(0, share) : value
  }
  if (Array.isArray(value)) return value.map((one) => grow(one, share))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, grow(one, share)]))
}

interface Fixture {
  readonly requests: ReadonlyArray<{ readonly body: object }>
}

/** The second request of a session with two tool calls, as long as the real one is: 77 kB. Asks for a whole answer. */
export const claudeCode = (root: string): string => {
  // a checked-in file
  const fixture = JSON.parse(readFileSync(`${root}/test/fixtures/claude-code/tools-parallel.json`, "utf8")) as Fixture
  const body = { ...fixture.requests.at(-1)?.body, model, stream: false }
  const bare = JSON.stringify(body).length
  const places = JSON.stringify(grow(body, 1)).length - bare
  return JSON.stringify(grow(body, Math.floor((77_000 - bare) / places)))
}
