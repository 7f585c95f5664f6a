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
import { clip, countOf, elapsed, wrap } from "./text.ts"

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
const remedied = (one: ProfileTest | Capability, indent: string): ReadonlyArray<string> =>
  one.status === "ok" ? [] : wrap(indent, `Remedy: ${one.remedy}`, indent)

/** What is not well, in a few words; more is said below. */
const summary = (test: ProfileTest, capabilities: ReadonlyArray<Capability>): string => {
  const named = (wanted: Capability["status"]) =>
    capabilities.flatMap(({ check, status }) => (status === wanted ? [check] : [])).join(", ")
  if (test.status === "ok") return test.message
  return test.status === "warn" ? `works, except for ${named("warn")}` : `does not work: ${named("fail")}`
}

/** A line for each capability, below its profile. */
const capabilityLines = (capabilities: ReadonlyArray<Capability>): ReadonlyArray<string> => {
  const width = Math.max(0, ...capabilities.map(({ check }) => check.length)) + 2
  return capabilities.flatMap((one) => {
    const head = `      ${one.status.padEnd(6)}${one.check.padEnd(width)}`
    const indent = " ".repeat(head.length)
    return [...wrap(head, one.message, indent), ...remedied(one, indent)]
  })
}

/** A line for each profile, wrapped, and what to do below it; a count where there are several. */
export const profileTests = ({ tests }: ProfileTests): ReadonlyArray<string> => {
  const rows = tests.map((test) => ({
    test,
    name: clip(test.profile, 24),
    took: test.milliseconds === null ? "-" : elapsed(test.milliseconds)
  }))
  const [nameWidth, tookWidth] = [
    Math.max(0, ...rows.map(({ name }) => displayWidth(name))) + 2,
    Math.max(0, ...rows.map(({ took }) => took.length)) + 2
  ]
  const lines = rows.flatMap(({ name, test, took }) => {
    const head = test.status.padEnd(6) + padded(name, nameWidth) + took.padEnd(tookWidth)
    const indent = " ".repeat(displayWidth(head))
    const { capabilities = [] } = test
    return capabilities.length > 1
      ? [...wrap(head, summary(test, capabilities), indent), ...capabilityLines(capabilities)]
      : [...wrap(head, test.message, indent), ...remedied(test, indent)]
  })
  return tests.length === 1 ? lines : [...lines, ...(lines.length === 0 ? [] : [""]), conclusion(tests)]
}
