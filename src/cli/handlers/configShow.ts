import { FileSystem } from "@effect/platform"
import { Effect, Either } from "effect"
import { Config } from "../../config/Config.ts"
import { isYaml } from "../../config/formats.ts"
import type { LoadedConfig, Origin } from "../../config/LoadedConfig.ts"
import { readSettingPath } from "../../config/settingPath.ts"
import { shellWord } from "../../launcher/shell.ts"
import { failureOf } from "../failures.ts"
import { Failure, print, remark } from "../output.ts"
import { tellPassedOver } from "../passedOver.ts"
import { maskFile } from "../raw/mask.ts"
import { mayReveal } from "../reveal.ts"
import { Where } from "../services.ts"
import { notThere } from "../settingHint.ts"
import { namesOf, secretsOf, settingsView, type Shown, viewAt, type Written, writtenIn } from "../settingsView.ts"

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

/** The text of a file that takes part. */
const fileText = ({ settings }: LoadedConfig, file: string, secrets: "masked" | "clear") =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const found = yield* Effect.mapError(
      fs.readFileString(file),
      ({ message }) => new Failure({ message: `${file} cannot be read: ${message}`, code: 1 })
    )
    if (secrets === "clear") return found
    const secretsIn = isYaml(file)
      ? (yield* Effect.promise(() => import("../raw/yaml.ts"))).secretsInYaml
      : (yield* Effect.promise(() => import("../raw/toml.ts"))).secretsInToml
    return yield* Effect.mapError(
      Effect.try(() => maskFile(found, secretsIn(found), secretsOf(settings), namesOf(settings))),
      () => new Failure({ message: `${file} was changed meanwhile.`, next: "claudex config show --raw", code: 1 })
    )
  })

/** All files as they are, the weakest first; each behind its name where there are several. */
const rawText = (found: LoadedConfig, secrets: "masked" | "clear") =>
  Effect.map(
    Effect.forEach(found.files, ({ path }) =>
      Effect.map(fileText(found, path, secrets), (written) => ({
        path,
        written: written.replaceAll("\r\n", "\n").replace(/\n$/, "")
      }))
    ),
    (texts) => texts.map(({ path, written }) => (texts.length === 1 ? written : `# ${path}\n${written}`)).join("\n\n")
  )

interface Showing {
  readonly json: boolean
  readonly raw: boolean
  readonly reveal: boolean
}

const clarity = (reveal: boolean, what: string, command: string) =>
  reveal
    ? Effect.map(mayReveal(what, command), (may) => (may ? ("clear" as const) : ("masked" as const)))
    : Effect.succeed("masked" as const)

/** `claudex config show`: what is set, and where; with `--json` every setting, defaults too; with `--raw` the files. */
export const show = ({ json, raw, reveal }: Showing) =>
  Effect.gen(function* () {
    if (json && raw) {
      return yield* new Failure({
        message: "--json and --raw ask for two things; expected one of them.",
        next: "claudex config show --json",
        code: 2
      })
    }
    const found = yield* loaded
    const form = json ? " --json" : raw ? " --raw" : ""
    const secrets = yield* clarity(reveal, "the configuration", `claudex config show${form}`)
    if (json) yield* print(JSON.stringify(settingsView(found.settings, secrets), null, 2))
    else if (!raw) yield* print(report(writtenIn(found, secrets)))
    else if (found.files.length > 0) yield* print(yield* rawText(found, secrets))
    else yield* remark("There is no configuration file yet; everything has its default.")
    yield* tellPassedOver(found.passedOver)
  })

const text = (value: Shown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2))

/** `claudex config get KEY`: the value that holds, whoever set it. */
export const get = ({
  json,
  key,
  reveal
}: {
  readonly json: boolean
  readonly key: string
  readonly reveal: boolean
}) =>
  Effect.gen(function* () {
    const path = readSettingPath(key)
    if (Either.isLeft(path)) return yield* new Failure({ message: `"${key}" ${path.left}.`, code: 2 })
    const { settings } = yield* loaded
    const isThere = viewAt(settingsView(settings), path.right) !== undefined
    if (!isThere) {
      const profiles = settings.profiles.map(({ name }) => name)
      return yield* notThere(path.right, profiles, "claudex config get")
    }
    const secrets = yield* clarity(reveal, key, `claudex config get ${shellWord(key)}`)
    const value = viewAt(settingsView(settings, secrets), path.right) ?? null
    yield* print(json ? JSON.stringify(value, null, 2) : text(value))
  })
