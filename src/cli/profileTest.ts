/** How profiles did when their providers were asked: for people and, as the JSON of `--json`, for programs. Pure. */
import { Either, Schema } from "effect"
import { field } from "../domain/field.ts"
import type { Profile } from "../domain/Profile.ts"
import { displayWidth, padded } from "./displayWidth.ts"
import { type Check } from "./doctor/check.ts"
import { keyCheck, variableCheck } from "./doctor/providers.ts"
import type { Reached } from "./reachability/look.ts"
import { Reason, type Verdict, verdictOf } from "./reachability/verdict.ts"
import { clip, countOf, elapsed, wrap } from "./text.ts"

const common = {
  profile: field(Schema.String, "The profile that was tested."),
  message: field(Schema.String, "How it did, in words without secrets."),
  milliseconds: field(Schema.NullOr(Schema.Int), "How long it took; null where nobody was asked.")
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

export const testsOf = (tests: ReadonlyArray<ProfileTest>): ProfileTests => ({
  ok: tests.every(({ status }) => status !== "fail"),
  tests
})

const conclusion = (tests: ReadonlyArray<ProfileTest>): string => {
  const failed = tests.filter(({ status }) => status === "fail").length
  if (tests.length === 0) return "No profile is enabled."
  return failed === 0 ? "None failed." : `${failed} of ${countOf(tests.length, "profile")} failed.`
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
    const said = wrap(head, test.message, indent)
    return test.status === "ok" ? said : [...said, ...wrap(indent, `Remedy: ${test.remedy}`, indent)]
  })
  return tests.length === 1 ? lines : [...lines, ...(lines.length === 0 ? [] : [""]), conclusion(tests)]
}
