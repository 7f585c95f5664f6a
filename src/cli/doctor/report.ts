/** A diagnosis as lines for people. */
import { countOf, usualWidth, wrap } from "../text.ts"
import { type Check, type Diagnosis, subjects } from "./check.ts"

const statusWidth = 6
const nameWidth = Math.max(...subjects.map((name) => name.length)) + 2
const indent = " ".repeat(statusWidth + nameWidth)

const lines = (check: Check, width: number): ReadonlyArray<string> => {
  const head = check.status.padEnd(statusWidth) + check.check.padEnd(nameWidth)
  const about = check.profile === undefined ? "" : `${check.profile}: `
  const said = wrap(head, about + check.message, indent, width)
  return check.status === "ok" ? said : [...said, ...wrap(indent, `Remedy: ${check.remedy}`, indent, width)]
}

const conclusion = ({ checks }: Diagnosis): string => {
  const failed = checks.filter(({ status }) => status === "fail").length
  const warned = checks.filter(({ status }) => status === "warn").length
  if (failed + warned === 0) return "All is well."
  const warnings = countOf(warned, "warning")
  return failed === 0 ? `${warnings}, nothing failed.` : `${countOf(failed, "check")} failed, ${warnings}.`
}

/** `width`: of the terminal, in columns; 80 unless told. */
export const doctorReport = (diagnosis: Diagnosis, width = usualWidth): ReadonlyArray<string> => [
  ...diagnosis.checks.flatMap((check) => lines(check, width)),
  "",
  conclusion(diagnosis)
]
