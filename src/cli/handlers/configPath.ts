import { Path } from "@effect/platform"
import { Effect } from "effect"
import { candidatesOf, find, pathsOf } from "../../config/discovery.ts"
import { Paths } from "../../config/Paths.ts"
import { print } from "../output.ts"
import { Where } from "../services.ts"

/** `claudex config path`: every place that is looked at, the strongest first, `+` before the files that take part. */
export const handle = Effect.gen(function* () {
  const anchor = yield* Where
  const places = yield* Paths
  const { files } = yield* find(anchor, places)
  const all = pathsOf(candidatesOf(anchor, places, yield* Path.Path))
  const lines = all.map((path) => {
    const used = files.find((file) => file.path === path)
    return used === undefined ? `  ${path}` : `+ ${path} (${used.layer})`
  })
  yield* print(lines.join("\n"))
})
