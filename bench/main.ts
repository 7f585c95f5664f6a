/**
 * Measures claudex beside a hand-written node:http program in the same run and prints ratios with their budgets.
 * Absolute numbers are this machine's; the ratios are what counts. Run it on a machine that does nothing else.
 *
 *   npm run bench -- [--quick] [--only NAME]... [--strict]
 */
import { cpus, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { withBench } from "./harness.ts"
import { measures, type Row } from "./measures.ts"

const usage = `npm run bench -- [--quick] [--only ${measures.map(({ name }) => name).join("|")}]... [--strict]`

const isWithin = (row: Row): boolean => row.budget === undefined || row.value <= row.budget

const verdict = (row: Row): string => (row.budget === undefined ? "" : isWithin(row) ? "within" : "MISSED")

const table = (rows: ReadonlyArray<Row>): string => {
  const head = ["", "claudex", "baseline", "ratio", "budget", ""]
  const cells = [
    head,
    ...rows.map((row) => [row.label, row.claudex, row.baseline, row.shown, row.budgetText, verdict(row)])
  ]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: ReadonlyArray<string>): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
  return cells.map((row) => line(row).trimEnd()).join("\n")
}

const main = async (root: string, programs: string, bin: string): Promise<void> => {
  const { values } = parseArgs({
    args: process.argv.slice(5),
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", default: false }
    }
  })
  const unknown = values.only.filter((name) => measures.every((measure) => measure.name !== name))
  if (values.help || unknown.length > 0) {
    console.log(unknown.length > 0 ? `no such measure: ${unknown.join(", ")}\n${usage}` : usage)
    process.exitCode = unknown.length > 0 ? 2 : 0
    return
  }
  const wanted = measures.filter(({ name }) => values.only.length === 0 || values.only.includes(name))
  const load = (loadavg()[0] ?? 0).toFixed(1)
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}, load ${load} before\n`)
  const rows = await withBench(root, programs, bin, async (bench) => {
    const done: Array<Row> = []
    for (const measure of wanted) {
      process.stderr.write(`${measure.name} ...\n`)
      done.push(await measure.run(bench, bin, { quick: values.quick }))
    }
    return done
  })
  console.log(table(rows))
  const missed = rows.filter((row) => !isWithin(row))
  if (missed.length > 0) console.log(`\nMissed: ${missed.map((row) => `${row.label} (${row.shown})`).join("; ")}`)
  if (values.strict && missed.length > 0) process.exitCode = 1
}

const [root = "", programs = "", bin = ""] = process.argv.slice(2)
main(root, programs, bin).catch((cause: unknown) => {
  console.error(cause instanceof Error ? cause.message : cause)
  process.exitCode = 1
})
