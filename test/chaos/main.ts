/** `npm run test:chaos`: for as long as asked, with figures. Arguments: bin, probe, and options. */
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { chaos } from "./engine.ts"

const [bin = "", probe = "", ...rest] = process.argv.slice(2)
const { values } = parseArgs({
  args: rest,
  options: {
    clients: { type: "string", default: "64" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) }
  }
})
const [clients, seconds, seed] = [Number(values.clients), Number(values.seconds), Number(values.seed)]
console.log(`${clients} clients for ${seconds} s, seed ${seed}`)
const report = await Effect.runPromise(
  chaos({
    bin,
    probe,
    clients,
    seed,
    warmUp: clients * 50,
    rounds: 12,
    goesOn: (_, elapsed) => elapsed < seconds * 1000
  })
)
const { after, before, faults, outcomes, requests, violations } = report
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
console.log(`${requests} requests`)
for (const [kind, count] of Object.entries(outcomes).toSorted(([, a], [, b]) => b - a))
  console.log(`  ${kind}: ${count}`)
console.log("faults of the providers")
for (const [kind, count] of Object.entries(faults).toSorted(([, a], [, b]) => b - a)) console.log(`  ${kind}: ${count}`)
console.log(
  `memory ${megabytes(before.rss)} before, ${megabytes(after.rss)} after (heap ${megabytes(before.heap)}, ${megabytes(after.heap)})`
)
console.log(`fibers ${before.fibers} before, ${after.fibers} after; files ${before.files}, ${after.files}`)
console.log(`handles before ${JSON.stringify(before.handles)}, after ${JSON.stringify(after.handles)}`)
console.log(violations.length === 0 ? "nothing was wrong" : `${violations.length} violations:`)
for (const violation of violations.slice(0, 40)) console.log(`  ${violation}`)
process.exitCode = violations.length === 0 ? 0 : 1
