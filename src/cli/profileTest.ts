/** How profiles did when their providers were asked: for people and, as the JSON of `--json`, for programs. Pure. */
import { Either, Schema } from "effect"
import { field } from "../domain/field.ts"
import type { Profile } from "../domain/Profile.ts"
import { displayWidth, padded } from "./displayWidth.ts"
import { Capability } from "./deep/check.ts"
import { type Check } from "./doctor/check.ts"
import { keyCheck, variableCheck } from "./doctor/providers.ts"
import type { Reached } from "./reachability/look.ts"
import { Reason, type Verdict, verdictOf } from "./reachability/verdict.ts"
import { clip, countOf, elapsed, usualWidth, wrap } from "./text.ts"

const common = {
  profile: field(Schema.String, "The profile that was tested."),
  message: field(Schema.String, "How it did, in words without secrets."),
  milliseconds: field(Schema.NullOr(Schema.Int), "How long it took; null where nobody was asked."),
  capabilities: Schema.optional(
    field(
      Schema.Array(Capability),
      "With --deep, each capability that was seen, in order; absent where nobody was asked."
    )
  )
}

const Fine = Schema.Struct({ ...common, status: Schema.Literal("ok") })

const Wrong = Schema.Struct({
  ...common,
  status: field(
    Schema.Literal("warn", "fail"),
    "warn: its provider answers, and could not be looked at closely; fail: it does not work."
  ),
  reason: field(Reason, "What is wrong, in one word; absent where nothing is."),
  remedy: field(
    Schema.NonEmptyString,
    "What to do about it, a command to type or a sentence; absent where nothing is wrong."
  )
})

export const ProfileTest = Schema.Union(Fine, Wrong)
/** How one profile did, in words without secrets; what is not well has a remedy. */
export type ProfileTest = typeof ProfileTest.Type

export const ProfileTests = Schema.Struct({
  ok: field(Schema.Boolean, "None failed."),
  tests: field(Schema.Array(ProfileTest), "In the order of the configuration.")
})
export type ProfileTests = typeof ProfileTests.Type

/** What keeps a profile from being asked. */
const obstacle = (check: Check | undefined, reason: Reason): Verdict | undefined =>
  check?.status === "fail" ? { status: "fail", reason, message: check.message, remedy: check.remedy } : undefined

/** `milliseconds`: how long it took. */
export const testOf = (profile: Profile, reached: Reached, milliseconds: number): ProfileTest => {
  const { key, look, resolved } = reached
  const verdict =
    obstacle(variableCheck(resolved), "variable") ??
    obstacle(keyCheck(profile, key), "key") ??
    verdictOf(
      Either.getOrElse(resolved, () => profile),
      look
    )
  return { profile: profile.name, ...verdict, milliseconds: look === undefined ? null : Math.round(milliseconds) }
}

/** How one profile did that was asked for an answer: as well as the worst of what was seen. */
export const deepTestOf = (
  { name }: Profile,
  model: string,
  capabilities: ReadonlyArray<Capability>,
  milliseconds: number
): ProfileTest => {
  const measured = { profile: name, milliseconds: Math.round(milliseconds), capabilities }
  const wrong = capabilities.flatMap((one) => (one.status === "ok" ? [] : [one]))
  const worst = wrong.find(({ status }) => status === "fail") ?? wrong[0]
  if (worst === undefined) return { ...measured, status: "ok", message: `${model} answers in a stream and calls tools` }
  const { message, reason, remedy, status } = worst
  return { ...measured, status, reason, message, remedy }
}

export const testsOf = (tests: ReadonlyArray<ProfileTest>): ProfileTests => ({
  ok: tests.every(({ status }) => status !== "fail"),
  tests
})

const conclusion = (tests: ReadonlyArray<ProfileTest>): string => {
  const failed = tests.filter(({ status }) => status === "fail").length
  if (tests.length === 0) return "No profile is enabled."
  return failed === 0 ? "None failed." : `${failed} of ${countOf(tests.length, "profile")} failed.`
}

/** What there is to do, below what is wrong. */
const remedied = (one: ProfileTest | Capability, indent: string, width: number): ReadonlyArray<string> =>
  one.status === "ok" ? [] : wrap(indent, `Remedy: ${one.remedy}`, indent, width)

/** What is not well, in a few words; more is said below. */
const summary = (test: ProfileTest, capabilities: ReadonlyArray<Capability>): string => {
  const named = (wanted: Capability["status"]) =>
    capabilities.flatMap(({ check, status }) => (status === wanted ? [check] : [])).join(", ")
  if (test.status === "ok") return test.message
  return test.status === "warn" ? `works, except for ${named("warn")}` : `does not work: ${named("fail")}`
}

/** A line for each capability, below its profile. */
const capabilityLines = (capabilities: ReadonlyArray<Capability>, width: number): ReadonlyArray<string> => {
  const checkWidth = Math.max(0, ...capabilities.map(({ check }) => check.length)) + 2
  return capabilities.flatMap((one) => {
    const head = `      ${one.status.padEnd(6)}${one.check.padEnd(checkWidth)}`
    const indent = " ".repeat(head.length)
    return [...wrap(head, one.message, indent, width), ...remedied(one, indent, width)]
  })
}

/** What follows a head: beside it, or below it where a narrow terminal leaves too little room for that. */
const placeOf = (head: string, width: number) => {
  const isBeside = displayWidth(head) + 20 <= width
  const indent = " ".repeat(isBeside ? displayWidth(head) : 6)
  return { above: isBeside ? [] : [head.trimEnd()], first: isBeside ? head : indent, indent }
}

/**
 * A line for each profile, wrapped, and what to do below it; a count where there are several. `width`: of the terminal, in
 * columns; 80 unless told. `tableWidth`: how wide the table can be; names are
 * whole where that is without end.
 */
export const profileTests = (
  { tests }: ProfileTests,
  width = usualWidth,
  tableWidth = width
): ReadonlyArray<string> => {
  const tooks = tests.map(({ milliseconds }) => (milliseconds === null ? "-" : elapsed(milliseconds)))
  const tookWidth = Math.max(0, ...tooks.map((took) => took.length)) + 2
  const names = tests.map(({ profile }) =>
    clip(profile, Math.min(Math.max(24, tableWidth - 76), tableWidth - tookWidth - 8))
  )
  const nameWidth = Math.max(0, ...names.map(displayWidth)) + 2
  const lines = tests.flatMap((test, at) => {
    const head = test.status.padEnd(6) + padded(names[at] ?? "", nameWidth) + (tooks[at] ?? "").padEnd(tookWidth)
    const { above, first, indent } = placeOf(head, width)
    const { capabilities = [] } = test
    return capabilities.length > 1
      ? [...above, ...wrap(first, summary(test, capabilities), indent, width), ...capabilityLines(capabilities, width)]
      : [...above, ...wrap(first, test.message, indent, width), ...remedied(test, indent, width)]
  })
  return tests.length === 1 ? lines : [...lines, ...(lines.length === 0 ? [] : [""]), conclusion(tests)]
}
