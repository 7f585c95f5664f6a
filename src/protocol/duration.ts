/** Waiting times and moments as servers spell them. Results are seconds, finite and not negative. */

const unitSeconds: { readonly [unit: string]: number } = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  millisecond: 1e-3,
  milliseconds: 1e-3,
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  mins: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
  d: 86_400,
  day: 86_400,
  days: 86_400
}

/** Longer than this nobody means it, and it would not fit where it is sent. */
const longest = 366 * 86_400

/** Below it a number of seconds since 1970 is no moment of our time: September 2001. */
const firstMoment = 1e9

const bounded = (seconds: number): number | undefined =>
  Number.isFinite(seconds) && seconds <= longest ? Math.max(0, seconds) : undefined

const plainNumber = /^\s*(\d+(?:\.\d+)?)\s*$/
const piece = /(\d+(?:\.\d+)?)\s*([a-zµ]+)/gi
/** One or more numbers with units: `6m0s`, `120ms`, `3 minutes`. */
export const durationPattern = String.raw`\d+(?:\.\d+)?\s*[a-zµ]+(?:\s*\d+(?:\.\d+)?\s*[a-zµ]+)*`
const wholeDuration = new RegExp(String.raw`^\s*${durationPattern}\s*$`, "i")

/** A duration: Go's `1h2m3.5s`, words (`20 seconds`), or a plain number of seconds. */
export const parseDuration = (text: string): number | undefined => {
  const plain = plainNumber.exec(text)?.[1]
  if (plain !== undefined) return bounded(Number(plain))
  if (!wholeDuration.test(text)) return undefined
  let total = 0
  for (const [, amount = "", unit = ""] of text.matchAll(piece)) {
    const seconds = unitSeconds[unit.toLowerCase()]
    if (seconds === undefined) return undefined
    total += Number(amount) * seconds
  }
  return bounded(total)
}

/** Text without a time zone would mean another moment on every machine. */
const hasZone = /(?:GMT|UTC|Z|[+-]\d\d:?\d\d)\s*$/i

/** Seconds from `now` (epoch milliseconds) until a moment: HTTP or ISO date, or epoch seconds or milliseconds. */
export const secondsUntil = (moment: string, now: number): number | undefined => {
  const plain = plainNumber.exec(moment)?.[1]
  if (plain !== undefined) {
    const value = Number(plain)
    if (value < firstMoment) return undefined
    return bounded((value > 1e11 ? value : value * 1000) / 1000 - now / 1000)
  }
  if (!hasZone.test(moment)) return undefined
  return bounded((Date.parse(moment) - now) / 1000)
}

/** A reset as rate-limit headers give it, all forms: duration, moment, or a number that tells by its size which one. */
export const parseReset = (text: string, now: number): number | undefined =>
  (Number(text) > 1e9 ? secondsUntil(text, now) : parseDuration(text)) ?? secondsUntil(text, now)
