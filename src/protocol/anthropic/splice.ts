/**
 * A Messages request as bytes that stay what they are: what the gateway has to know of it, and the one change it makes
 * (design §3). Caches and signatures depend on the bytes, so nothing is read and written anew.
 *
 * A key may be written with escapes and stand there more than once. JSON readers differ in which of several counts: the
 * last is believed here, as by `JSON.parse`, and a change is made in all.
 */
import { Either } from "effect"
import { cutOut, type Edit, replaced } from "../jsonEdits.ts"
import { elementsAt, membersAt, type Member, skipSpace, type Span, stringAt, textStart } from "../jsonSpans.ts"
import type { LossSink } from "../loss.ts"
import { ownMarks } from "./strip.ts"

export interface Survey {
  /** The model as the client names it; undefined when it names none. */
  readonly model: string | undefined
  readonly stream: boolean
  /** Every top-level `model` that is a string. */
  readonly models: ReadonlyArray<Span>
  /** Every top-level `messages`. */
  readonly messages: ReadonlyArray<Span>
  /** Every top-level `thinking` and `context_management`. */
  readonly thinking: ReadonlyArray<Span>
  readonly contextManagement: ReadonlyArray<Span>
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
    thinking: valuesOf(members, "thinking"),
    contextManagement: valuesOf(members, "context_management"),
    mayHoldOwn: marks.found()
  })
}

/** The changes that make the request ask for this model; none where it does so already. */
export const modelEdits = (bytes: Uint8Array, { models }: Survey, model: string): ReadonlyArray<Edit> =>
  models.filter((value) => stringAt(bytes, value) !== model).map((value) => replaced(value, model))

/** What the object at `span` holds under the key; of several the last. */
const memberOf = (bytes: Uint8Array, span: Span, key: string): Span | undefined =>
  valuesOf(membersAt(bytes, span.from).members, key).at(-1)

const isKind = (bytes: Uint8Array, span: Span, kind: RegExp): boolean => {
  const type = memberOf(bytes, span, "type")
  return type !== undefined && kind.test(stringAt(bytes, type) ?? "")
}

/**
 * The changes that have the model answer without thinking, where it was told to think: "When `thinking` is enabled, a
 * final `assistant` message must start with a thinking block", and that block is gone with another provider's reasoning.
 * Adaptive thinking makes no such demand. What clears old thinking goes too: it "requires `thinking` to be enabled"
 * [anthropics/claude-code#11971].
 */
export const thinkingOff = (
  bytes: Uint8Array,
  { contextManagement, thinking }: Survey,
  lose: LossSink
): ReadonlyArray<Edit> => {
  const last = thinking.at(-1)
  if (last === undefined || !isKind(bytes, last, /^enabled$/)) return []
  lose("downgraded", "thinking", "thinking is off for this answer", "its turn began with another provider's reasoning")
  const clearing = contextManagement.flatMap((value) => {
    const edits = memberOf(bytes, value, "edits")
    if (edits === undefined) return []
    const all = elementsAt(bytes, edits.from)
    const clears = all.map((edit) => isKind(bytes, edit, /^clear_thinking_/))
    if (clears.includes(true)) lose("dropped", "context_management.edits", "nothing clears thinking", "thinking is off")
    return cutOut(all, (index) => clears[index] === true)
  })
  return [...thinking.map((value) => replaced(value, { type: "disabled" })), ...clearing]
}
