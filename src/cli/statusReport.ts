/** The running gateway and its profiles, as lines for people. */
import type { Breaker, LastHour, ProfileView, Status } from "../gateway/admin/schemas.ts"
import { clip, count, countOf, duration, elapsed, fold, money, table, usualWidth, wrap } from "./text.ts"

export interface StatusReport {
  readonly url: string
  readonly log: string
  readonly status: Status
  /** Undefined when the configuration does not tell. */
  readonly profiles: ReadonlyArray<ProfileView> | undefined
  /** Epoch milliseconds. */
  readonly now: number
  /** Of the terminal, in columns; 80 unless told. */
  readonly width?: number
  /** How wide the table of the profiles can be; as the terminal unless told. */
  readonly tableWidth?: number
}

const hour = ({ cancelled, complete, cost_usd, failed, requests }: LastHour): string =>
  [
    `${complete ? "" : "at least "}${countOf(requests, "request")}`,
    ...(failed === 0 ? [] : [`${count(failed)} failed`]),
    ...(cancelled === 0 ? [] : [`${count(cancelled)} cancelled`]),
    ...(cost_usd === 0 ? [] : [money(cost_usd)])
  ].join(", ")

const configuration = ({ configuration: { files, problem } }: Status, width: number): ReadonlyArray<string> => [
  ...files.map(({ layer, path }) => `  configuration: ${path} (${layer})`),
  ...(problem === undefined
    ? []
    : [
        ...wrap("  ", "The last edit of the configuration is not usable:", "    ", width),
        ...fold(problem, width - 4)
          .split("\n")
          .map((line) => `    ${line}`)
      ])
]

const health = ({ enabled, health: known }: ProfileView): string => {
  if (!enabled) return "disabled"
  if (known === undefined || known.status === "unknown") return "not known"
  return known.latency_ms === undefined ? known.status : `${known.status}, ${elapsed(known.latency_ms)}`
}

const severity = { closed: 0, half_open: 1, open: 2 } as const
const spoken = { closed: "closed", half_open: "trying again", open: "open" } as const

const breaker = ({ breakers }: ProfileView): string => {
  const [worst] = breakers.toSorted((one, other) => severity[other.state] - severity[one.state])
  return spoken[worst?.state ?? "closed"]
}

const tried = ({ state, until }: Breaker, now: number): string =>
  state === "open" && until !== undefined
    ? `open, next try in ${Math.max(0, Math.ceil((until - now) / 1000))} s`
    : "trying again"

/** The most that is told of what a provider says. */
const longest = 200

/** What is wrong with a profile. */
const troubles = (
  { breakers, enabled, health: known }: ProfileView,
  now: number,
  width: number
): ReadonlyArray<string> => {
  const down =
    enabled && known?.status === "down"
      ? [`down for ${duration((now - known.since) / 1000)}${known.error === undefined ? "" : `: ${known.error}`}`]
      : []
  const open = breakers
    .filter(({ state }) => state !== "closed")
    .map((one) => {
      const why = one.reason === undefined ? "" : `: ${one.reason.status} ${one.reason.message}`
      return `${one.model}: ${tried(one, now)}${why}`
    })
  return [...down, ...open].flatMap((line) => wrap("  ", clip(line, longest), "    ", width))
}

const profileTable = (
  profiles: ReadonlyArray<ProfileView>,
  now: number,
  width: number,
  most: number
): ReadonlyArray<string> => {
  const cells = profiles.map((profile) => [
    clip(profile.name, Math.max(20, most - 60)),
    health(profile),
    profile.enabled ? breaker(profile) : "",
    hour(profile.last_hour)
  ])
  const { head, rows } = table(["profile", "health", "breaker", "last hour"], cells, most)
  return [...head, ...profiles.flatMap((profile, at) => [...(rows[at] ?? []), ...troubles(profile, now, width)])]
}

export const statusReport = ({
  log,
  now,
  profiles,
  status,
  url,
  width = usualWidth,
  tableWidth = width
}: StatusReport): ReadonlyArray<string> => [
  `The gateway runs on ${url}`,
  `  process ${status.pid}, claudex ${status.versions.claudex}, up ${duration(status.uptime_seconds)}`,
  `  ${countOf(status.in_flight, "request")} under way${status.draining ? "; it is about to end" : ""}`,
  ...wrap("  ", `in the last hour: ${hour(status.last_hour)}`, "    ", width),
  ...configuration(status, width),
  `  log: ${log}`,
  ...(profiles === undefined ? [] : ["", ...profileTable(profiles, now, width, tableWidth)])
]
