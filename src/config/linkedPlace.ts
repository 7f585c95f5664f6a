/** Where a file comes to be that is not there yet. */
import { FileSystem, Path } from "@effect/platform"
import { Data, Effect, Option } from "effect"

/** A symbolic link through which nothing can be written. */
export class LeadsNowhere extends Data.TaggedError("LeadsNowhere")<{ readonly reason: string }> {}

/** As many links as the system itself follows, one behind the other. */
const most = 40

/**
 * The place to which the symbolic links at `file` lead, which may lead to nothing; `file` itself where there are none. A
 * folder is not made for a link: it may be on a disk that is not there now.
 */
export const linkedPlace = (file: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    let place = file
    for (let followed = 0; followed <= most; followed++) {
      const link = yield* Effect.option(fs.readLink(place))
      const folder = path.dirname(place)
      if (Option.isSome(link)) {
        const from = yield* Effect.orElseSucceed(fs.realPath(folder), () => folder)
        place = path.resolve(from, link.value)
      } else if (place === file || (yield* Effect.orElseSucceed(fs.exists(folder), () => false))) {
        return place
      } else {
        return yield* new LeadsNowhere({ reason: `is a symbolic link to ${place}, and there is no folder ${folder}` })
      }
    }
    return yield* new LeadsNowhere({ reason: "is a symbolic link that leads to itself" })
  })
