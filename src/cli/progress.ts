/**
 * What is waited for, told to whoever looks on: one line of the terminal that moves, and is gone when the wait is over. On
 * stderr, and only on a terminal, so that neither a pipe nor a file ever holds a part of it.
 */
import { Clock, Effect } from "effect"
import { Environment, type EnvironmentRecord, variable } from "../config/Environment.ts"
import { displayWidth } from "./displayWidth.ts"
import { harmless, remark, type Sinks, Streams } from "./output.ts"
import { clip, duration } from "./text.ts"

/** After this time somebody who looks on wants to know what is waited for. Milliseconds. */
const soon = 300

/** How often the line is drawn. Milliseconds. */
const pace = 120

const frames = ["|", "/", "-", "\\"] as const

/** How far something is that takes a while. */
export interface Waiting {
  readonly words: string
  /** How many of how many are done, where they are counted. */
  readonly counted?: { readonly done: number; readonly total: number } | undefined
  readonly milliseconds: number
}

/** The line, which leaves the last column of the terminal empty. `turn` counts the drawings. */
export const progressLine = ({ counted, milliseconds, words }: Waiting, turn: number, columns: number): string => {
  const most = columns - 1
  const seconds = milliseconds / 1000
  const time = seconds < 60 ? `${Math.floor(seconds)} s` : duration(seconds)
  const facts = ` (${counted === undefined ? "" : `${counted.done} of ${counted.total}, `}${time})`
  const head = `${frames[turn % frames.length] ?? ""} ${harmless(words)}`
  const room = most - displayWidth(facts)
  // the words give way before the numbers do, as long as something of them is left
  return room < 12 ? clip(head + facts, most) : clip(head, room) + facts
}

const hideCursor = "\u001b[?25l"
const showCursor = "\u001b[?25h"
/** What is to the right of the cursor and below it: also the rest of a line that a narrower window has broken. */
const eraseRest = "\u001b[J"

/** Where there is no room for what moves; NO_COLOR asks for plain text. */
const isPlain = (environment: EnvironmentRecord): boolean =>
  variable(environment, "TERM") === "dumb" ||
  ["NO_COLOR", "CI"].some((name) => variable(environment, name) !== undefined)

/** Draws until it is interrupted. The cursor stays before the line, so that whatever else is written takes its place. */
const drawn = ({ columns, err }: Sinks, waiting: (now: number) => Waiting): Effect.Effect<never> =>
  Effect.suspend(() => {
    const write = (text: string) => Effect.sync(() => err(text))
    let turn = 0
    const draw = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      write(`${progressLine(waiting(now), turn++, columns?.() ?? 80)}${eraseRest}\r`)
    )
    return Effect.acquireUseRelease(
      write(`\r${hideCursor}`),
      () => Effect.forever(Effect.zipRight(draw, Effect.sleep(pace))),
      () => write(`\r${eraseRest}${showCursor}`)
    )
  })

const whileTold = <A, E, R>(work: Effect.Effect<A, E, R>, waiting: (milliseconds: number) => Waiting) =>
  Effect.gen(function* () {
    const streams = yield* Streams
    if (streams.columns?.() === undefined) return yield* work
    const started = yield* Clock.currentTimeMillis
    const plain = Effect.zipRight(remark(waiting(0).words), Effect.never)
    const told = isPlain(yield* Environment) ? plain : drawn(streams, (now) => waiting(now - started))
    return yield* Effect.raceFirst(work, Effect.delay(told, soon))
  })

/** Says on a terminal what is waited for, if that takes a while. The work itself writes nothing. */
export const patiently = <A, E, R>(work: Effect.Effect<A, E, R>, words: string): Effect.Effect<A, E, R | Environment> =>
  whileTold(work, (milliseconds) => ({ words, milliseconds }))

/** Does the same for work that counts what it has done of `total`. */
export const countPatiently = <A, E, R>(
  total: number,
  words: string,
  work: (counted: <B, F, S>(one: Effect.Effect<B, F, S>) => Effect.Effect<B, F, S>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Environment> =>
  Effect.suspend(() => {
    let done = 0
    const count = Effect.sync(() => (done += 1))
    return whileTold(
      work((one) => Effect.tap(one, () => count)),
      (milliseconds) => ({ words, counted: total > 1 ? { done, total } : undefined, milliseconds })
    )
  })
