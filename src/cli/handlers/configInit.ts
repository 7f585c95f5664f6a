import { readFile } from "node:fs/promises"
import { FileSystem, Path } from "@effect/platform"
import { Effect } from "effect"
import { find } from "../../config/discovery.ts"
import { formats } from "../../config/formats.ts"
import { linkedPlace } from "../../config/linkedPlace.ts"
import { Paths } from "../../config/Paths.ts"
import { writePrivateFile } from "../../machine/privateFile.ts"
import { refusedWhy } from "../../machine/refused.ts"
import { alone } from "../editing.ts"
import { Failure, print } from "../output.ts"
import { Where } from "../services.ts"

/** Beside the built program, and beside the sources. */
const places = ["../../config.example.toml", "../../../config.example.toml"]

/** For an editor, wherever the file stands: the schema beside the example, which an update replaces. */
const withSchema = (text: string, example: URL): string =>
  text.replace(/^#:schema (\S+)$/m, (_, schema: string) => `#:schema ${new URL(schema, example).href}`)

const example: Effect.Effect<string, Failure> = Effect.firstSuccessOf(
  places.map((place) => {
    const url = new URL(place, import.meta.url)
    return Effect.map(
      Effect.tryPromise(() => readFile(url, "utf8")),
      (text) => withSchema(text, url)
    )
  })
).pipe(
  Effect.mapError(
    () => new Failure({ message: "The example of a configuration is not where it was installed.", code: 1 })
  )
)

/** Every setting stands there and none is set: what is not changed follows the defaults of later versions. */
export const asTemplate = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line === "" || line.startsWith("#") ? line : `#${line}`))
    .join("\n")

const there = (file: string): Failure =>
  new Failure({
    message: `There is a configuration already: ${file}. Nothing was written.`,
    next: "claudex config show",
    code: 1
  })

/** `claudex config init`: a file to begin with, in the working directory or for the user; never over another one. */
export const handle = ({ global }: { readonly global: boolean }) =>
  alone(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const { cwd } = yield* Where
      const { globalConfigFiles } = yield* Paths
      const { files } = yield* find(yield* Where, yield* Paths)
      const own = files.find(({ layer }) => layer === "global")
      if (global && own !== undefined) return yield* there(own.path)
      const file = global ? (globalConfigFiles[0] ?? "") : path.join(cwd, "claudex.toml")
      // beside one of YAML it would take its place
      for (const format of formats) {
        const other = file.replace(/toml$/, format)
        if (yield* Effect.orElseSucceed(fs.exists(other), () => false)) return yield* there(other)
      }
      const unwritten = (why: string) => new Failure({ message: `${file} ${why}.`, code: 1 })
      const place = yield* Effect.mapError(linkedPlace(file), ({ reason }) => unwritten(reason))
      yield* Effect.mapError(writePrivateFile(place, asTemplate(yield* example)), (error) =>
        unwritten(`cannot be written: ${refusedWhy(error)}`)
      )
      yield* print(
        `${file} holds every setting, each behind a "#": take away those of the lines that you want to change.`
      )
    })
  )
