/**
 * Spoils text that servers and clients really send, with an eye for what it is made of: JSON values, stream records,
 * lines, characters and at last bytes. Every choice follows from the dice.
 */
import type { Dice } from "../../src/testing/json.ts"

/** One change; `other` gives more material of the same kind. */
type Change = (text: string, random: Dice, other: () => string) => string

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth)

/** JSON text that stands where nobody expects it. */
const oddities: readonly [string, ...ReadonlyArray<string>] = [
  "null",
  "true",
  "false",
  "0",
  "-1",
  "-0",
  "1.5",
  "1e308",
  "1e999",
  "-1e999",
  "9007199254740993",
  "4294967296",
  '""',
  '" "',
  '"\\n"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\\ufeff"',
  '"\\u2028"',
  '"__proto__"',
  '"constructor"',
  '"[DONE]"',
  '"<think>"',
  '"</think>"',
  '"{"',
  '"{}"',
  '"{\\"a\\":1}"',
  '"cdx1.AAAA"',
  '"data:,x"',
  "[]",
  "{}",
  "[null]",
  "[[]]",
  '[{"type":"text","text":"x"}]',
  '{"type":null}',
  '{"__proto__":{"type":"text"}}',
  '{"text":"x"}',
  nested(40),
  nested(600),
  nested(12_000),
  `"${"x".repeat(3000)}"`,
  `"${"é".repeat(70)}"`
]

/** Words that mean something in one of the protocols. */
const vocabulary: ReadonlyArray<string> = `
  text thinking redacted_thinking tool_use tool_result server_tool_use web_search_tool_result image document
  text_delta thinking_delta signature_delta input_json_delta citations_delta message_start message_delta
  message_stop content_block_start content_block_delta content_block_stop ping error message end_turn max_tokens
  stop_sequence pause_turn refusal model_context_window_exceeded stop length tool_calls function_call
  content_filter network_error abort error role content delta choices finish_reason index id name arguments
  function type usage reasoning reasoning_content reasoning_details annotations object item part output response
  status summary custom_tool_call function_call_output web_search_call output_text input_text summary_text
  response.created response.completed response.incomplete response.failed response.cancelled
  response.output_item.added response.output_item.done response.output_text.delta response.output_text.done
  response.refusal.delta response.content_part.done response.function_call_arguments.delta
  response.function_call_arguments.done response.custom_tool_call_input.delta
  response.reasoning_summary_text.delta response.reasoning_text.delta response.output_text.annotation.added
  codex.rate_limits user assistant system developer tool string number integer array object $ref anyOf oneOf
  allOf properties items required enum const not additionalProperties format pattern cdx1. signature
`
  .trim()
  .split(/\s+/)

interface Place {
  readonly from: number
  readonly to: number
  /** A member's key; the member reaches to `end`. */
  readonly key: boolean
  readonly end: number
}

const token = /"(?:[^"\\\n\r]|\\.)*"|[[{]|-?\d[\d.eE+-]*|true|false|null/g
const closing = /"(?:[^"\\\n\r]|\\.)*"|[[\]{}]/g

/** Behind the value that begins at `from`. */
const valueEnd = (text: string, from: number): number => {
  if (text[from] !== "{" && text[from] !== "[") {
    token.lastIndex = from
    const found = token.exec(text)
    return found === null || found.index !== from ? from : token.lastIndex
  }
  closing.lastIndex = from
  let depth = 0
  for (let found = closing.exec(text); found !== null; found = closing.exec(text)) {
    const [piece] = found
    if (piece === "{" || piece === "[") depth += 1
    else if (piece === "}" || piece === "]") depth -= 1
    if (depth === 0) return closing.lastIndex
  }
  return text.length
}

/** One of the JSON values in a text, keys included. */
const somePlace = (text: string, random: Dice): Place | undefined => {
  const starts = Array.from(text.matchAll(token), (found) => found.index)
  const from = starts[random.roll(starts.length)]
  if (from === undefined) return undefined
  const to = valueEnd(text, from)
  const colon = /^\s*:\s*/.exec(text.slice(to, to + 8))
  const key = text[from] === '"' && colon !== null
  return { from, to, key, end: colon === null || !key ? to : valueEnd(text, to + colon[0].length) }
}

const put = (text: string, from: number, to: number, piece: string): string =>
  text.slice(0, from) + piece + text.slice(to)

const atPlace =
  (change: (text: string, place: Place, random: Dice, other: () => string) => string): Change =>
  (text, random, other) => {
    const place = somePlace(text, random)
    return place === undefined ? text : change(text, place, random, other)
  }

/** Another value in its place; where a key stands, another key. */
const odd = atPlace((text, { from, key, to }, random) => {
  const piece = random.pick(oddities)
  return key && !piece.startsWith('"') ? text : put(text, from, to, piece)
})

const word = atPlace((text, { from, to }, random) =>
  text[from] === '"' ? put(text, from, to, JSON.stringify(vocabulary[random.roll(vocabulary.length)])) : text
)

/** A value of the same text, or of another, in its place. */
const moved = atPlace((text, { from, key, to }, random, other) => {
  const source = random.roll(4) === 0 ? other() : text
  const place = somePlace(source, random)
  if (place === undefined || (key && source[place.from] !== '"')) return text
  return put(text, from, to, source.slice(place.from, place.to))
})

/** Out with the value, or with the member whose key it is, and with one comma. */
const leftOut = atPlace((text, { end, from }) => {
  const comma = /^\s*,/.exec(text.slice(end, end + 8))
  return put(text, from, comma === null ? end : end + comma[0].length, "")
})

const twice = atPlace((text, { end, from }) => put(text, end, end, `,${text.slice(from, end)}`))

const blank = /(?:\r\n|\n|\r){2}/

/** Changes what stands between empty lines. */
const onRecords =
  (change: (records: Array<string>, at: number, random: Dice, other: () => string) => void): Change =>
  (text, random, other) => {
    const records = text.split(blank)
    change(records, random.roll(records.length), random, other)
    return records.join("\n\n")
  }

const dropRecord = onRecords((records, at) => records.splice(at, 1))
const doubleRecord = onRecords((records, at, random) =>
  records.splice(random.roll(records.length), 0, records[at] ?? "")
)
const moveRecord = onRecords((records, at, random) =>
  records.splice(random.roll(records.length), 0, ...records.splice(at, 1))
)
const foreignRecord = onRecords((records, at, random, other) => {
  const foreign = other().split(blank)
  records.splice(at, random.roll(2), foreign[random.roll(foreign.length)] ?? "")
})
const shuffled = onRecords((records, _, random) => {
  for (let last = records.length - 1; last > 0; last--) {
    records.push(...records.splice(random.roll(last + 1), 1))
  }
})
/** So many of one record that whatever is done for each of them should better be cheap. */
const many = onRecords((records, at, random) => {
  const record = records[at] ?? ""
  const most = Math.floor(60_000 / (record.length + 2))
  records.splice(at, 1, ...Array.from({ length: Math.min(most, random.pick([20, 300, 3000])) }, () => record))
})
/** The first half of one record and the second half of the next. */
const spliced = onRecords((records, at, random) => {
  const [one = "", next = ""] = records.slice(at, at + 2)
  records.splice(at, 2, one.slice(0, random.roll(one.length + 1)) + next.slice(random.roll(next.length + 1)))
})

const lineEnds = (text: string, random: Dice): string => {
  const how = random.roll(4)
  const ends = ["\n", "\r\n", "\r"] as const
  return text.replace(/\r\n|\n|\r/g, () => ends[how] ?? random.pick(ends))
}

const prefixes = ["\ufeff", " ", "\n", ": note\n\n", "data:", "event: error\n", "{", "[", "<html>", "\u0000"] as const
const infixes = [
  "\ufeff",
  "\u0000",
  "\n",
  "\n\n",
  "\r",
  "data: ",
  "event: ping\n",
  "[DONE]",
  "\ud83d\ude00",
  '"',
  "\\"
] as const

const before = (text: string, random: Dice): string => random.pick(prefixes) + text
const within = (text: string, random: Dice): string => {
  const at = random.roll(text.length + 1)
  return put(text, at, at, random.pick(infixes))
}
const cutOff = (text: string, random: Dice): string => text.slice(0, random.roll(text.length + 1))
const joined = (text: string, _: Dice, other: () => string): string => text + other()

/** JSON changes come more often than all others: they get deepest. */
const jsonChanges: readonly [Change, ...ReadonlyArray<Change>] = [
  odd,
  odd,
  odd,
  word,
  word,
  moved,
  moved,
  leftOut,
  leftOut,
  twice
]
const recordChanges: readonly [Change, ...ReadonlyArray<Change>] = [
  ...jsonChanges,
  ...jsonChanges,
  dropRecord,
  dropRecord,
  doubleRecord,
  moveRecord,
  moveRecord,
  foreignRecord,
  foreignRecord,
  shuffled,
  spliced,
  many,
  lineEnds,
  before,
  within,
  cutOff,
  joined
]

const flip = (bytes: Uint8Array, random: Dice): Uint8Array => {
  const out = Uint8Array.from(bytes)
  const at = random.roll(out.length)
  out[at] = (out[at] ?? 0) ^ (1 << random.roll(8))
  return out
}

const byteChange = (bytes: Uint8Array, random: Dice): Uint8Array => {
  const at = random.roll(bytes.length + 1)
  const length = 1 + random.roll(random.pick([1, 8, 200]))
  const stretch = bytes.subarray(at, at + length)
  switch (random.roll(5)) {
    case 0:
      return bytes.length === 0 ? bytes : flip(bytes, random)
    case 1:
      return concat(bytes.subarray(0, at), bytes.subarray(at + length))
    case 2:
      return concat(bytes.subarray(0, at), stretch, stretch, bytes.subarray(at + length))
    case 3:
      return bytes.subarray(0, at)
    default:
      return concat(bytes.subarray(0, at), Uint8Array.of(random.roll(256)), bytes.subarray(at))
  }
}

const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

const utf8 = new TextEncoder()

const arbitrary = (random: Dice): Uint8Array => Uint8Array.from({ length: random.roll(64) }, () => random.roll(256))

const spoil =
  (changes: readonly [Change, ...ReadonlyArray<Change>]) =>
  (source: (random: Dice) => string) =>
  (random: Dice): Uint8Array => {
    if (random.roll(60) === 0) return arbitrary(random)
    let text = source(random)
    // half of the cases are changed in one place only: what is left gets far
    for (let more = random.pick([0, 1, 1, 1, 2, 2, 4, 8]); more > 0; more--) {
      text = random.pick(changes)(text, random, () => source(random))
    }
    let bytes = utf8.encode(text)
    for (let more = random.pick([0, 0, 0, 1, 1, 3]); more > 0; more--)
      bytes = Uint8Array.from(byteChange(bytes, random))
    return bytes
  }

/** Event streams, and whatever else comes instead of them. */
export const spoiltStream = spoil(recordChanges)

/** JSON whose form mostly survives, for readers of values. */
export const spoiltJson =
  (source: (random: Dice) => string) =>
  (random: Dice): Uint8Array => {
    let text = source(random)
    for (let more = random.pick([0, 1, 1, 1, 2, 2, 3, 6]); more > 0; more--) {
      text = random.pick(jsonChanges)(text, random, () => source(random))
    }
    return utf8.encode(text)
  }

/** JSON and bytes, for readers of bytes. */
export const spoiltBytes = spoil([...jsonChanges, ...jsonChanges, before, within, within, cutOff, joined])

/** A cut into network chunks. */
export const chunked = (bytes: Uint8Array, random: Dice): ReadonlyArray<Uint8Array> => {
  if (random.roll(3) === 0 && bytes.length < 4000) return Array.from(bytes, (byte) => Uint8Array.of(byte))
  const places = Array.from({ length: 1 + random.roll(9) }, () => random.roll(bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length))
}
