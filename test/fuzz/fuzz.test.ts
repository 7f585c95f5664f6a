/** A fixed number of seeds for every target; `npm run fuzz` goes on from there for as long as asked. */
import { expect, it } from "vitest"
import { describeFind, hunt } from "./engine.ts"
import { targets } from "./targets/index.ts"

it.each(targets.map((target) => [target.name, target] as const))(
  "L12 whatever bytes %s reads, it keeps its word",
  async (_, target) => {
    const { find } = await hunt(target, 1, (cases) => cases < target.cases)
    expect(find === undefined ? "" : describeFind(find)).toBe("")
  }
)
