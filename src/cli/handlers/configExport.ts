import { FileSystem, Path } from "@effect/platform"
import { Effect, Option } from "effect"
import { Config } from "../../config/Config.ts"
import type { LoadedConfig } from "../../config/LoadedConfig.ts"
import { shellWord } from "../../launcher/shell.ts"
import { createPrivateFile, writePrivateFile } from "../../machine/privateFile.ts"
import { refusedWhy } from "../../machine/refused.ts"
import { type ExportFormat, exportOf, exportText } from "../configExport.ts"
import { failureOf } from "../failures.ts"
import { Failure, print, remark } from "../output.ts"
import { tellPassedOver } from "../passedOver.ts"
import { mayReveal, mayWrite } from "../reveal.ts"
import { Where } from "../services.ts"

interface Options {
  readonly format: Option.Option<ExportFormat>
  readonly output: Option.Option<string>
  readonly force: boolean
  readonly reveal: boolean
}

const formatOf = ({ format, output }: Options): ExportFormat =>
  Option.getOrElse(format, () =>
    Option.exists(output, (file) => file.toLowerCase().endsWith(".toml")) ? "toml" : "json"
  )

/** The command again, without `--reveal`. */
const again = ({ format, output }: Options, ...more: ReadonlyArray<string>): string =>
  [
    "claudex config export",
    ...Option.toArray(Option.map(format, (one) => `--format ${one}`)),
    ...Option.toArray(Option.map(output, (file) => `-o ${shellWord(file)}`)),
    ...more
  ].join(" ")

const unwritten = (file: string, message: string, next?: string): Failure =>
  new Failure({ message: `${file} ${message} Nothing was written.`, next, code: 1 })

const refusal = (file: string, options: Options, why: string, there: boolean) =>
  there
    ? unwritten(file, "is there already.", again(options, "--force"))
    : unwritten(file, `cannot be written: ${why}.`)

/** What stands in the way of writing the file, found before anybody is asked anything. */
const canWrite = (file: string, options: Options) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const there = yield* Effect.option(fs.stat(file))
    if (Option.isNone(there)) return
    if (there.value.type !== "File") return yield* unwritten(file, "is no file.")
    if (!options.force) return yield* refusal(file, options, "", true)
  })

/** Whether it is a file that the configuration is read from, by whatever name. */
const takesPart = (file: string, { files }: LoadedConfig) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const real = (path: string) => Effect.orElseSucceed(fs.realPath(path), () => path)
    const target = yield* real(file)
    return yield* Effect.exists(files, ({ path }) => Effect.map(real(path), (one) => one === target))
  })

const put = (file: string, text: string, options: Options) =>
  (options.force ? writePrivateFile(file, text) : createPrivateFile(file, text)).pipe(
    Effect.mapError((error) =>
      refusal(file, options, refusedWhy(error), error._tag === "SystemError" && error.reason === "AlreadyExists")
    )
  )

const tellMasked = (masked: ReadonlyArray<string>): Effect.Effect<void> =>
  masked.length === 0
    ? Effect.void
    : remark(`Masked, and to be written in before it is used as a configuration: ${masked.join(", ")}`)

/** `claudex config export`: what holds, as a document that can be a configuration file again. */
export const handle = (options: Options) =>
  Effect.gen(function* () {
    const { cwd, ...anchor } = yield* Where
    const path = yield* Path.Path
    const file = Option.getOrUndefined(Option.map(options.output, (name) => path.resolve(cwd, name)))
    const loaded = yield* Effect.mapError((yield* Config).load({ cwd, ...anchor }), failureOf)
    if (file !== undefined) yield* canWrite(file, options)
    const leave =
      file === undefined ? mayReveal("all profiles", again(options)) : mayWrite("all profiles", file, again(options))
    const inClear = options.reveal && (yield* leave)
    const { document, masked } = exportOf(loaded, inClear ? "clear" : "masked")
    const text = exportText(document, formatOf(options))
    if (file === undefined) yield* print(text.trimEnd())
    else {
      if (masked.length > 0 && (yield* takesPart(file, loaded))) {
        return yield* unwritten(file, "is a part of this configuration, and would lose its secrets.")
      }
      yield* put(file, text, options)
      yield* print(`${file} holds the configuration.`)
    }
    yield* tellMasked(masked)
    yield* tellPassedOver(loaded.passedOver)
  }).pipe(Effect.provide(Config.layer))
