/** One request as lines for people: who was asked and why, what became of it, what was lost, what it cost. */
import type { AttemptRecord, RequestRecord } from "../domain/RequestRecord.ts"
import { count, countOf, duration, elapsed, entries, money, usualWidth, wrap } from "./text.ts"

/** "2026-11-25 23:51:54 UTC". */
const moment = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`

const outcome = ({ client_gone, error, served, served_by, status }: RequestRecord): string => {
  if (client_gone) return "none: the client gave up"
  if (served_by === undefined) return `none: status ${status}`
  const model = served === undefined ? "" : ` with ${served}`
  return `by ${served_by}${model}, status ${status}${error === undefined ? "" : ", broken off"}`
}

const usage = ({ usage: used }: RequestRecord): string => {
  if (used === undefined) return "not reported"
  const { cache_read_tokens: read, cache_write_tokens: write, input_tokens, output_tokens, reasoning_tokens } = used
  const cached = [
    ...(read === 0 ? [] : [`${count(read)} cached`]),
    ...(write === 0 ? [] : [`${count(write)} written to the cache`])
  ]
  const thought = reasoning_tokens === undefined ? "" : ` (${count(reasoning_tokens)} reasoning)`
  const asked = count(input_tokens + read + write)
  return `${asked} tokens in${cached.length === 0 ? "" : ` (${cached.join(", ")})`}, ${count(output_tokens)} out${thought}`
}

/** The whole way in one line: who was asked, and what came of it. */
const route = ({ attempts }: RequestRecord): string =>
  attempts.length === 0
    ? "nobody was asked"
    : attempts
        .map(
          ({ error, outcome: end, profile }) => `${profile} (${error === undefined ? end : `${end}: ${error.status}`})`
        )
        .join(" → ")

const about = (record: RequestRecord, width: number): ReadonlyArray<string> => {
  const {
    agent,
    asked,
    cost_usd,
    duration_ms,
    error,
    first_byte_ms,
    profile,
    request_bytes,
    session,
    stream,
    upstream_id
  } = record
  const first = first_byte_ms === undefined ? "" : `first byte after ${elapsed(first_byte_ms)}, `
  const optional = (term: string, value: string | undefined): ReadonlyArray<readonly [string, string]> =>
    value === undefined ? [] : [[term, value]]
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["asked", `${asked === "" ? "no model" : asked} of ${profile}${stream ? ", as a stream" : ""}`],
    ["route", route(record)],
    ["answered", outcome(record)],
    ...optional("error", error),
    ["time", `${first}over after ${elapsed(duration_ms)}`],
    ["usage", usage(record)],
    ["cost", cost_usd === undefined ? "not known" : money(cost_usd)],
    ...optional("size", request_bytes === undefined ? undefined : countOf(request_bytes, "byte")),
    ...optional("session", session),
    ...optional("agent", agent),
    ...optional("provider's id", upstream_id)
  ]
  return entries(rows, "  ", width)
}

const ends = { answered: "answered", cancelled: "given up", failed: "failed", skipped: "not asked" } as const

const attempt = (one: AttemptRecord, at: number, width: number): ReadonlyArray<string> => {
  const { duration_ms, error, model, next, outcome: end, profile, reason } = one
  const after = end === "skipped" ? "" : ` after ${elapsed(duration_ms)}`
  const why = error === undefined ? "" : `: ${error.status} ${error.type}`
  return [
    ...wrap(`  ${at + 1}. `, `${profile}, ${model}: ${reason}`, "     ", width),
    ...wrap("     ", `${ends[end]}${after}${why}`, "     ", width),
    ...(error === undefined ? [] : wrap("       ", error.message, "       ", width)),
    ...(next === undefined ? [] : wrap("     → ", next, "       ", width))
  ]
}

const loss = ({ kind, path, what, why }: RequestRecord["losses"][number], width: number): ReadonlyArray<string> => [
  ...wrap("  ", path === "" ? "the request" : path, "    ", width),
  ...wrap("    ", `${kind}: ${what} (${why})`, "      ", width)
]

const section = (heading: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", heading, ...lines]

/** `now` in epoch milliseconds; `width` of the terminal, in columns; 80 unless told. */
export const requestReport = (record: RequestRecord, now: number, width = usualWidth): ReadonlyArray<string> => [
  ...wrap("", `Request ${record.id}, ${moment(record.time)}, ${duration((now - record.time) / 1000)} ago`, "  ", width),
  ...about(record, width),
  ...section(
    "Attempts",
    record.attempts.flatMap((one, at) => attempt(one, at, width))
  ),
  ...section(
    "Changed on the way to the provider",
    record.losses.flatMap((one) => loss(one, width))
  )
]
