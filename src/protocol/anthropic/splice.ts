/**
 * A Messages request as bytes that stay what they are: what the gateway has to know of it, and the one change it makes
 * (design §3). Caches and signatures depend on the bytes, so nothing is read and written anew.
 *
 * A key may be written with escapes and stand there more than once. JSON readers differ in which of several counts: the
 * last is believed here, as by `JSON.parse`, and a change is made in all.
 */
import { Either } from "effect"
import { type Edit, replaced } from "../jsonEdits.ts"
import { membersAt, type Member, skipSpace, type Span, stringAt, textStart } from "../jsonSpans.ts"
import { ownMarks } from "./strip.ts"

export interface Survey {
  /** The model as the client names it; undefined when it names none. */
  readonly model: string | undefined
  readonly stream: boolean
  /** Every top-level `model` that is a string. */
  readonly models: ReadonlyArray<Span>
  /** Every top-level `messages`. */
  readonly messages: ReadonlyArray<Span>
  /** Something in it may have been made by claudex: `stripOwn` has to look at the messages. */
  readonly mayHoldOwn: boolean
}

const valuesOf = (members: ReadonlyArray<Member>, key: string): ReadonlyArray<Span> =>
  members.filter((member) => member.key === key).map((member) => member.value)

/** `true`, with nothing to be mistaken for it where a value stands. */
const isTrue = (bytes: Uint8Array, value: Span | undefined): boolean =>
  value !== undefined && value.to - value.from === 4 && bytes[value.from] === 0x74

/**
 * Looks through the whole body once. Left is the index of the byte where it stops being one JSON object, which is its
 * length when it only ends too early.
 */
export const survey = (bytes: Uint8Array): Either.Either<Survey, number> => {
  const marks = ownMarks(bytes)
  const { end, members } = membersAt(bytes, textStart(bytes), marks.onString)
  if (end < 0) return Either.left(Math.min(~end, bytes.length))
  const rest = skipSpace(bytes, end)
  if (rest < bytes.length) return Either.left(rest)
  const models = valuesOf(members, "model").filter((value) => stringAt(bytes, value) !== undefined)
  const last = models.at(-1)
  return Either.right({
    model: last === undefined ? undefined : stringAt(bytes, last),
    stream: isTrue(bytes, valuesOf(members, "stream").at(-1)),
    models,
    messages: valuesOf(members, "messages"),
    mayHoldOwn: marks.found()
  })
}

/** The changes that make the request ask for this model; none where it does so already. */
export const modelEdits = (bytes: Uint8Array, { models }: Survey, model: string): ReadonlyArray<Edit> =>
  models.filter((value) => stringAt(bytes, value) !== model).map((value) => replaced(value, model))
