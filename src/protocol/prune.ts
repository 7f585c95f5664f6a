/**
 * Optional arguments that a model fills in with empty strings, left out of its calls: the client's tools refuse them
 * (`Read` with `pages: ""`; wire specification §4.3, post-processing). Driven by the tools' own schemas.
 */
import type { Tool } from "./conversation.ts"
import { asArray, isObject, parseJson } from "./json.ts"
import type { TurnSink } from "./turn.ts"

/** By tool: the properties that may be left out and hold text of any kind. */
export type OptionalTexts = ReadonlyMap<string, ReadonlySet<string>>

const isText = (schema: unknown): boolean =>
  isObject(schema) &&
  (schema["type"] === "string" || asArray(schema["type"]).includes("string")) &&
  // an empty string that the schema names means something
  schema["const"] !== "" &&
  !asArray(schema["enum"]).includes("")

const optionalTextsOf = (schema: unknown): ReadonlySet<string> => {
  const properties = isObject(schema) && isObject(schema["properties"]) ? schema["properties"] : {}
  const required = new Set(isObject(schema) ? asArray(schema["required"]) : [])
  return new Set(Object.keys(properties).filter((name) => !required.has(name) && isText(properties[name])))
}

/** What may be left out of calls of these tools; tools without such properties are not in it. */
export const optionalTexts = (tools: ReadonlyArray<Tool>): OptionalTexts =>
  new Map(
    tools
      .flatMap((tool) => (tool.type === "function" ? [[tool.name, optionalTextsOf(tool.schema)] as const] : []))
      .filter(([, names]) => names.size > 0)
  )

/** The arguments without what is empty; the same text when there is nothing to leave out. */
const pruned = (json: string, names: ReadonlySet<string>): string => {
  const input = parseJson(json)
  if (!isObject(input)) return json
  const kept = Object.entries(input).filter(([name, value]) => value !== "" || !names.has(name))
  return kept.length === Object.keys(input).length ? json : JSON.stringify(Object.fromEntries(kept))
}

interface Held {
  readonly names: ReadonlySet<string>
  json: string
}

/** A sink that holds back the arguments of such calls until they are whole. */
export const pruneEmpty = (optional: OptionalTexts, next: TurnSink): TurnSink => {
  const held = new Map<number, Held>()

  const release = (key: number, call: Held) => {
    held.delete(key)
    if (call.json !== "") next({ type: "call-args", key, json: pruned(call.json, call.names) })
  }

  return (event) => {
    switch (event.type) {
      case "call-args": {
        const call = held.get(event.key)
        if (call === undefined) break
        call.json += event.json
        return
      }
      case "call-end": {
        const call = held.get(event.key)
        if (call !== undefined) release(event.key, call)
        break
      }
      case "start":
      case "usage":
      case "fail":
        break
      default:
        // whatever comes behind a whole call must not wait for the end of the turn
        for (const [key, call] of held) {
          if (event.type === "stop" || isObject(parseJson(call.json))) release(key, call)
        }
    }
    if (event.type === "call-start") {
      const names = optional.get(event.name)
      if (names !== undefined) held.set(event.key, { names, json: "" })
    }
    next(event)
  }
}
