/**
 * JSON values for tests: arbitrary ones for totality, and a way to break a valid value in a few places.
 */
import { FastCheck as fc } from "effect"

/** A JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** Whether a value is an object and no list. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** One of several arbitraries of a common type, weighted or not. */
export const oneOf = <A>(...options: Array<fc.MaybeWeightedArbitrary<A>>): fc.Arbitrary<A> => fc.oneof(...options)

/** Present once in `times`, else undefined. */
export const seldom = <A>(value: fc.Arbitrary<A>, times: number): fc.Arbitrary<A | undefined> =>
  oneOf<A | undefined>({ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })

const leaf: fc.Arbitrary<Json> = oneOf<Json>(
  fc.constantFrom(null, true, false, 0, "", 1e308, -1.5),
  fc.integer(),
  // JSON text knows no negative zero.
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
  fc.string({ maxLength: 6 }),
  fc.string({ unit: "grapheme", maxLength: 4 })
)

const objectKey = oneOf(
  fc.constantFrom("file_path", "command", "é", "a b", "0", "type", "__proto__"),
  fc.string({ maxLength: 6 })
)

const nest = (inner: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  oneOf<Json>(
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: fc.array(inner, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(objectKey, inner, { maxKeys: 3, noNullPrototype: true }) }
  )

/** Any JSON value of a few levels, odd keys and extreme numbers included. */
export const jsonValue: fc.Arbitrary<Json> = nest(nest(leaf))

/** A small JSON object, as a model would write it for a tool's arguments; key order is part of the value. */
export const jsonObject: fc.Arbitrary<JsonObject> = fc.dictionary(objectKey, nest(leaf), {
  maxKeys: 3,
  noNullPrototype: true
})

/** One place to break and how. `at` chooses the place, modulo the number of places. */
interface Damage {
  readonly at: number
  readonly how: "replace" | "remove" | "double"
  readonly with: Json
}

const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat(10_000),
  how: fc.constantFrom("replace", "remove", "double"),
  with: oneOf<Json>(fc.constantFrom<Json>(null, "", 0, false, [], {}), jsonValue)
})

const size = (value: Json): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + size(item), 1)
  if (isJsonObject(value)) return Object.values(value).reduce<number>((sum, item) => sum + size(item), 1)
  return 1
}

/** Breaks the `at`-th node in document order; returns the replacements of this node in its parent (none, one or two). */
const breakNode = (value: Json, at: number, how: Damage): ReadonlyArray<Json> => {
  if (at === 0) return how.how === "replace" ? [how.with] : how.how === "remove" ? [] : [value, value]
  let seen = 1
  const inner = (child: Json): ReadonlyArray<Json> => {
    const start = seen
    seen += size(child)
    return at >= start && at < seen ? breakNode(child, at - start, how) : [child]
  }
  if (Array.isArray(value)) return [value.flatMap((item: Json) => inner(item))]
  if (!isJsonObject(value)) return [value]
  return [
    Object.fromEntries(
      Object.entries(value).flatMap(([key, child]) =>
        inner(child).map((item, copy) => [copy === 0 ? key : `${key}_`, item])
      )
    )
  ]
}

/** The value with one to three of its nodes replaced by something else, removed or doubled. */
export const broken = (valid: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc
    .tuple(valid, fc.array(damage, { minLength: 1, maxLength: 3 }))
    .map(([value, damages]) =>
      damages.reduce<Json>((current, next) => breakNode(current, next.at % size(current), next)[0] ?? null, value)
    )

/**
 * Deterministic choices from one number, so that a generated value carries its own randomness. Seed 0 always chooses
 * the first option: counterexamples shrink towards the plainest rendering.
 */
export interface Dice {
  /** An integer in [0, sides). */
  readonly roll: (sides: number) => number
  readonly pick: <A>(options: readonly [A, ...ReadonlyArray<A>]) => A
}

/** Choices that follow from the seed alone. */
export const dice = (seed: number): Dice => {
  let state = seed >>> 0
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const roll = (sides: number): number => (seed === 0 ? 0 : Math.floor(next() * sides))
  return { roll, pick: (options) => options[roll(options.length)] ?? options[0] }
}

/** A seed for `dice`; shrinks to 0. */
export const seed: fc.Arbitrary<number> = fc.nat(0xffff_ffff)
