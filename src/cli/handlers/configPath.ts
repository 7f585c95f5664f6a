import { Path } from "@effect/platform"
import { Effect } from "effect"
import { candidatesOf, find, pathsOf } from "../../config/discovery.ts"
import { Paths } from "../../config/Paths.ts"
import { print } from "../output.ts"
import { Where } from "../services.ts"

// a YAML file has a place of its own only to be refused when it exists
const isYaml = (path: string): boolean => /\.ya?ml$/i.test(path)

/** `claudex config path`: every place that is looked at, the strongest first, `+` before the files that take part. */
export const handle = Effect.gen(function* () {
  const anchor = yield* Where
  const places = yield* Paths
  const { files } = yield* find(anchor, places)
  const all = pathsOf(candidatesOf(anchor, places, yield* Path.Path))
  const lines = all.flatMap((path) => {
    const used = files.find((file) => file.path === path)
    if (used !== undefined) return [`+ ${path} (${used.layer})`]
    return isYaml(path) ? [] : [`  ${path}`]
  })
  yield* print(lines.join("\n"))
})
