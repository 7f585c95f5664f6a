import { Path } from "@effect/platform"
import { Effect } from "effect"
import { candidatesOf, find, pathsOf } from "../../config/discovery.ts"
import { isYaml } from "../../config/formats.ts"
import { Paths } from "../../config/Paths.ts"
import { print } from "../output.ts"
import { tellPassedOver } from "../passedOver.ts"
import { Where } from "../services.ts"

/** `claudex config path`: every place that is looked at, the strongest first, `+` before the files that take part. */
export const handle = Effect.gen(function* () {
  const anchor = yield* Where
  const places = yield* Paths
  const { files, passedOver } = yield* find(anchor, places)
  const all = pathsOf(candidatesOf(anchor, places, yield* Path.Path))
  const lines = all.flatMap((path) => {
    const used = files.find((file) => file.path === path)
    if (used !== undefined) return [`+ ${path} (${used.layer})`]
    // each place may hold YAML as well, which is worth a line only where one is
    return isYaml(path) ? [] : [`  ${path}`]
  })
  yield* print(lines.join("\n"))
  yield* tellPassedOver(passedOver)
})
