/**
 * Runs fuzz targets: every case follows from one seed, and what is found is made smaller before it is shown. Nothing
 * here knows what is fuzzed.
 */
import { dice, type Dice } from "../../src/testing/json.ts"
import type { Wrong } from "../../src/testing/judge.ts"

/** One unit that takes bytes from outside. */
export interface FuzzTarget {
  readonly name: string
  /** Cases in `npm test`. */
  readonly cases: number
  /** One input. */
  readonly make: (random: Dice) => Uint8Array
  /**
   * What is wrong with how the input is dealt with; throwing counts as wrong too. All other choices (how the bytes are cut,
   * for which provider) follow from `random`.
   */
  readonly judge: (input: Uint8Array, random: Dice) => Wrong | Promise<Wrong>
}

/** An input that is dealt with wrongly. */
export interface Find {
  readonly target: string
  readonly seed: number
  readonly input: Uint8Array
  readonly wrong: Wrong
}

/** Seed 0 is the plainest of all choices, which is no fuzzing. */
const seeded = (seed: number): Dice => dice(seed >>> 0 || 1)

/** The choices of the judge are independent of those that made the input, so that the input can shrink under them. */
const judgeSalt = 0x5bd1e995

/** What is wrong with one input under one seed. */
export const judgeInput = async (target: FuzzTarget, input: Uint8Array, seed: number): Promise<Wrong> => {
  try {
    return await target.judge(input, seeded(seed ^ judgeSalt))
  } catch (error) {
    return [`threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`]
  }
}

/** The case of one seed. */
export const tryCase = async (target: FuzzTarget, seed: number): Promise<Find | undefined> => {
  const input = target.make(seeded(seed))
  const wrong = await judgeInput(target, input, seed)
  return wrong.length === 0 ? undefined : { target: target.name, seed, input, wrong }
}

const without = (bytes: Uint8Array, from: number, to: number): Uint8Array => {
  const rest = new Uint8Array(bytes.length - (to - from))
  rest.set(bytes.subarray(0, from))
  rest.set(bytes.subarray(to), from)
  return rest
}

/** Cases between two rests. */
const batch = 20

/** Lets whoever waits for the event loop have it: nothing else in a case does. */
const breathe = (): Promise<void> => new Promise((go) => setImmediate(go))

/** Tries spent on making one find smaller. */
const patience = 3000

/** Delta debugging: leaves out ever smaller stretches of bytes as long as something is still wrong. */
export const shrink = async (target: FuzzTarget, find: Find, onTry = () => {}): Promise<Find> => {
  let best = find
  let tries = 0
  for (let size = Math.ceil(best.input.length / 2); size >= 1 && tries < patience;) {
    let smaller = false
    for (let at = 0; at < best.input.length && tries < patience;) {
      tries += 1
      onTry()
      if (tries % batch === 0) await breathe()
      const input = without(best.input, at, Math.min(at + size, best.input.length))
      const wrong = await judgeInput(target, input, find.seed)
      if (wrong.length > 0) {
        best = { ...best, input, wrong }
        smaller = true
      } else at += size
    }
    if (size === 1 && !smaller) break
    if (!smaller || size > 1) size = Math.max(1, Math.floor(size / 2))
  }
  return best
}

export interface Hunt {
  readonly target: string
  readonly cases: number
  /** The case that took longest, for who reads it: a time is never a find. */
  readonly slowest: { readonly seed: number; readonly milliseconds: number }
  /** The first find, made smaller. */
  readonly find: Find | undefined
}

/**
 * Tries the cases of `seed`, `seed + 1`, … as long as `goOn` says so, until the first find. `onTry` hears of every case
 * before it is tried, and again while its input is made smaller.
 */
export const hunt = async (
  target: FuzzTarget,
  seed: number,
  goOn: (cases: number) => boolean,
  onTry: (seed: number) => void = () => {}
): Promise<Hunt> => {
  let cases = 0
  let slowest = { seed, milliseconds: 0 }
  while (goOn(cases)) {
    const start = performance.now()
    onTry(seed + cases)
    const found = await tryCase(target, (seed + cases) >>> 0)
    const milliseconds = performance.now() - start
    if (milliseconds > slowest.milliseconds) slowest = { seed: seed + cases, milliseconds }
    cases += 1
    if (cases % batch === 0) await breathe()
    if (found !== undefined)
      return { target: target.name, cases, slowest, find: await shrink(target, found, () => onTry(found.seed)) }
  }
  return { target: target.name, cases, slowest, find: undefined }
}

/** A find as text: what is wrong, and the input as base64 and as far as it can be read. */
export const describeFind = ({ input, seed, target, wrong }: Find): string =>
  [
    `${target}, seed ${seed}, ${input.length} bytes: ${wrong.slice(0, 5).join("\n  ")}`,
    `  input: ${JSON.stringify(Buffer.from(input).toString("utf8").slice(0, 600))}`,
    `  again: npm run fuzz -- --target ${target} --seed ${seed} --input ${Buffer.from(input).toString("base64")}`
  ].join("\n")
