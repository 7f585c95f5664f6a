import { Effect, Either } from "effect"
import { Config } from "../../config/Config.ts"
import type { Origin } from "../../config/LoadedConfig.ts"
import { readSettingPath } from "../../config/settingPath.ts"
import { failureOf } from "../failures.ts"
import { Failure, print } from "../output.ts"
import { tellPassedOver } from "../passedOver.ts"
import { Where } from "../services.ts"
import { notThere } from "../settingHint.ts"
import { settingsView, type Shown, viewAt, type Written, writtenIn } from "../settingsView.ts"

const sourceOf = (origin: Origin): string =>
  "file" in origin ? origin.file : "variable" in origin ? origin.variable : "built-in settings"

const lineOf = ({ origin, path, value }: Written): string =>
  `${("line" in origin ? String(origin.line) : "").padStart(6)}  ${path} = ${JSON.stringify(value)}`

/** By the files and variables they stand in, the weakest first. */
const report = (written: ReadonlyArray<Written>): string => {
  const sources = [...new Set(written.map(({ origin }) => sourceOf(origin)))]
  const blocks = sources.map((source) =>
    [source, ...written.filter(({ origin }) => sourceOf(origin) === source).map(lineOf)].join("\n")
  )
  return blocks.length === 0 ? "Nothing is set; everything has its default." : blocks.join("\n\n")
}

const loaded = Effect.gen(function* () {
  return yield* (yield* Config).load(yield* Where)
}).pipe(Effect.mapError(failureOf), Effect.provide(Config.layer))

/** `claudex config show`: what is set, and where; with `--json` every setting, defaults too. Secrets are masked. */
export const show = ({ json }: { readonly json: boolean }) =>
  Effect.flatMap(loaded, (found) =>
    Effect.zipRight(
      print(json ? JSON.stringify(settingsView(found.settings), null, 2) : report(writtenIn(found))),
      tellPassedOver(found.passedOver)
    )
  )

const text = (value: Shown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2))

/** `claudex config get KEY`: the value that holds, whoever set it. */
export const get = ({ json, key }: { readonly json: boolean; readonly key: string }) =>
  Effect.gen(function* () {
    const path = readSettingPath(key)
    if (Either.isLeft(path)) return yield* new Failure({ message: `"${key}" ${path.left}.`, code: 2 })
    const { settings } = yield* loaded
    const value = viewAt(settingsView(settings), path.right)
    if (value === undefined) {
      const profiles = settings.profiles.map(({ name }) => name)
      return yield* notThere(path.right, profiles, "claudex config get")
    }
    yield* print(json ? JSON.stringify(value, null, 2) : text(value))
  })
