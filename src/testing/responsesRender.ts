/** Writes a script down as the records of a Responses stream, or as a whole body, in one of many styles. */
import { finishWords, type ScriptUsage, type TurnScript } from "./chatScript.ts"
import { dice, isJsonObject, type Json, type JsonObject } from "./json.ts"
import { itemRecords, type ScriptItem, scriptItems } from "./responsesItems.ts"
import { fittingResponses, type ResponsesStyle } from "./responsesStyle.ts"
import { riffle } from "./riffle.ts"
import { doneMark, type StreamRecord } from "./sseBytes.ts"

/** How the provider ends the turn in the words of this protocol. */
type Ending = "completed" | "incomplete" | "failed" | "done" | "cut" | "error"

const has = (words: ReadonlyArray<string>, word: string): boolean => words.includes(word)

const endingOf = ({ end }: TurnScript): Ending => {
  if (end.type !== "finish") return end.type
  if (has(finishWords.failure, end.reason)) return "failed"
  return has(finishWords.length, end.reason) || has(finishWords.filter, end.reason) ? "incomplete" : "completed"
}

const isLength = ({ end }: TurnScript): boolean => end.type === "finish" && has(finishWords.length, end.reason)

/**
 * The script as far as this protocol can say it: it names no stop sequences, and reports usage only with the event that
 * ends the turn.
 */
export const sayable = (script: TurnScript): TurnScript => {
  const { end, steps, usage } = script
  return {
    steps,
    usage: end.type === "finish" ? usage : undefined,
    end: end.type === "finish" ? { type: "finish", reason: end.reason } : end
  }
}

const usageJson = ({ cached, completion, prompt, reasoning, written }: ScriptUsage): JsonObject => ({
  input_tokens: prompt,
  input_tokens_details: { cached_tokens: cached, ...(written === 0 ? {} : { cache_write_tokens: written }) },
  output_tokens: completion,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: prompt + completion
})

const failure = { code: "server_error", message: "the provider broke down" }

/** The response object as it is at the end. */
const responseOf = (script: TurnScript, output: ReadonlyArray<Json> | undefined): JsonObject => {
  const ending = endingOf(script)
  const status = ending === "incomplete" || ending === "failed" ? ending : "completed"
  return {
    id: "resp_1",
    object: "response",
    created_at: 1_700_000_000,
    model: "upstream-model",
    status,
    error: ending === "failed" ? failure : null,
    incomplete_details:
      ending === "incomplete" ? { reason: isLength(script) ? "max_output_tokens" : "content_filter" } : null,
    ...(output === undefined ? {} : { output }),
    ...(script.usage === undefined ? {} : { usage: usageJson(script.usage) })
  }
}

const itemsOf = (script: TurnScript, style: ResponsesStyle): ReadonlyArray<ScriptItem> =>
  scriptItems(script.steps, style, (last) => (last && isLength(script) ? "incomplete" : "completed"))

const early = (status: string): JsonObject => ({
  id: "resp_1",
  object: "response",
  status,
  output: [],
  error: null,
  usage: null
})

const openings: { readonly [opening in ResponsesStyle["opening"]]: ReadonlyArray<string> } = {
  created: ["created", "in_progress"],
  twice: ["created", "created"],
  queued: ["queued", "created", "in_progress"],
  none: []
}

const errorRecord = (error: Json, style: ResponsesStyle): JsonObject => {
  const response = { ...early("failed"), error }
  switch (style.failure) {
    case "failed":
      return { type: "response.failed", response }
    case "completed":
      return { type: "response.completed", response }
    case "event":
      return isJsonObject(error) ? { ...error, type: "error" } : { type: "error", message: error }
    case "nested":
      return { type: "error", error }
  }
}

const lastRecord = (
  script: TurnScript,
  style: ResponsesStyle,
  items: ReadonlyArray<ScriptItem>
): ReadonlyArray<JsonObject> => {
  const ending = endingOf(script)
  const output = style.output === "full" ? items.map(({ whole }) => whole) : []
  switch (ending) {
    case "done":
    case "cut":
      return []
    case "error":
      return script.end.type === "error" ? [errorRecord(script.end.error, style)] : []
    default:
      return [
        {
          type: `response.${ending}`,
          response: responseOf(script, style.output === "absent" ? undefined : output)
        }
      ]
  }
}

/** The records of a stream. */
export const renderResponsesStream = (script: TurnScript, wanted: ResponsesStyle): ReadonlyArray<StreamRecord> => {
  const style = fittingResponses(wanted, script)
  const random = dice(style.seed)
  const items = itemsOf(script, style)
  const lanes = items.map((item) => itemRecords(item, style, random))
  const body = (style.interleaved ? riffle(lanes, random) : lanes.flat()).map(({ data }) => data)
  const opening = openings[style.opening].map((status) => ({
    type: `response.${status}`,
    response: early(status === "queued" ? "queued" : "in_progress")
  }))
  const noise: ReadonlyArray<JsonObject> = style.unknown
    ? [{ type: "response.some_future_event", output_index: 0 }]
    : []
  const all: ReadonlyArray<JsonObject> = [
    ...opening,
    ...body.flatMap((data, at) => (at % 3 === 1 ? [...noise, data] : [data])),
    ...lastRecord(script, style, items)
  ]
  const ending = endingOf(script)
  const records = all.map((data, at): StreamRecord => ({
    data: style.numbered ? { ...data, sequence_number: at } : data,
    ...(style.eventLines ? { event: String(data["type"]) } : {}),
    terminal: at === all.length - 1 && (ending === "completed" || ending === "incomplete")
  }))
  const withDone = style.done && ending !== "cut"
  return withDone ? [...records, { data: doneMark, terminal: ending === "done" }] : records
}

/** The whole body with the same meaning. */
export const renderResponsesBody = (script: TurnScript, wanted: ResponsesStyle): JsonObject => {
  const items = itemsOf(script, fittingResponses(wanted, script))
  return responseOf(
    script,
    items.map(({ whole }) => whole)
  )
}
