/** `npm run fuzz`: tries seeds for as long as asked, prints what it tried and found; exit code 1 after a find. */
import { parseArgs } from "node:util"
import { describeFind, hunt, judgeInput, type FuzzTarget } from "./engine.ts"
import { targets } from "./targets/index.ts"

const usage = `npm run fuzz [-- options]

  --seconds N      how long to go on, over all targets (60)
  --target NAME    only this one: ${targets.map(({ name }) => name).join(", ")}
  --seed S         the first seed; each case takes the next one (by default another one every time)
  --input BASE64   judges only this input, under the seed
`

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    target: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    input: { type: "string" },
    help: { type: "boolean", short: "h", default: false }
  }
})

const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target)
const seed = Number(values.seed)

const replay = async (target: FuzzTarget, input: Uint8Array): Promise<boolean> => {
  const wrong = await judgeInput(target, input, seed)
  console.log(
    wrong.length === 0 ? `${target.name}: nothing wrong` : describeFind({ target: target.name, seed, input, wrong })
  )
  return wrong.length === 0
}

/** So many tries are announced at once to the process that looks after this one. */
const batch = 20

const announce = (target: FuzzTarget): ((seed: number) => void) => {
  let tries = 0
  return (at) => {
    if (tries++ % batch === 0) process.send?.(`--target ${target.name} --seed ${at}, or one of the ${batch} after it`)
  }
}

/** True when nothing was found. */
const search = async (target: FuzzTarget, milliseconds: number): Promise<boolean> => {
  const end = Date.now() + milliseconds
  const { cases, find, slowest } = await hunt(target, seed, () => Date.now() < end, announce(target))
  const longest = `slowest ${Math.round(slowest.milliseconds)} ms (seed ${slowest.seed})`
  console.log(
    `${target.name.padEnd(18)} ${String(cases).padStart(8)} cases, ${find === undefined ? 0 : 1} finds, ${longest}`
  )
  if (find !== undefined) console.log(describeFind(find))
  return find === undefined
}

const run = async (): Promise<boolean> => {
  let clean = true
  if (values.input === undefined) console.log(`seed ${seed}`)
  for (const target of chosen) {
    const good =
      values.input === undefined
        ? await search(target, (Number(values.seconds) * 1000) / chosen.length)
        : await replay(target, Buffer.from(values.input, "base64"))
    clean = good && clean
  }
  return clean
}

if (values.help || chosen.length === 0 || !Number.isFinite(seed) || !(Number(values.seconds) > 0)) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else process.exitCode = (await run()) ? 0 : 1
