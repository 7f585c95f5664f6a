import { Path } from "@effect/platform"
import { Effect, Schema } from "effect"
import { candidatesOf, find, pathsOf } from "../../config/discovery.ts"
import { isYaml } from "../../config/formats.ts"
import { Paths } from "../../config/Paths.ts"
import { print } from "../output.ts"
import { tellNoFiles, tellPassedOver } from "../passedOver.ts"
import { PlaceList, placeList } from "../placeList.ts"
import { Where } from "../services.ts"

const encode = Schema.encodeSync(Schema.parseJson(PlaceList, { space: 2 }))

/** `claudex config path`: every place that is looked at, the strongest first. */
export const handle = ({ json }: { readonly json: boolean }) =>
  Effect.gen(function* () {
    const anchor = yield* Where
    const paths = yield* Paths
    const { files, passedOver } = yield* find(anchor, paths)
    const all = pathsOf(candidatesOf(anchor, paths, yield* Path.Path))
    const places = all.flatMap((path): PlaceList["places"] => {
      const used = files.find((file) => file.path === path)
      if (used !== undefined) return [{ path, used: true, layer: used.layer }]
      // each place may hold YAML as well, which is worth a line only where one is
      return isYaml(path) ? [] : [{ path, used: false }]
    })
    yield* print(json ? encode({ places }) : placeList({ places }).join("\n"))
    yield* tellPassedOver(passedOver)
    yield* tellNoFiles(anchor)
  })
