import { Effect, Option, Schema } from "effect"
import { Config } from "../../config/Config.ts"
import { nearest } from "../../config/suggest.ts"
import { type Wanted, wantedLines } from "../../daemon/logLines.ts"
import { followLines, hasLog, lastLines } from "../../daemon/logReader.ts"
import { gatewayFiles } from "../../daemon/State.ts"
import { LogLine, logLine } from "../logLine.ts"
import { Failure, print, remark } from "../output.ts"
import { Where } from "../services.ts"

const noLog = (file: string): string =>
  `There is no log yet: ${file} is written by the gateway that runs in the background; one in the foreground logs to its terminal.`

const encode = Schema.encodeSync(Schema.parseJson(LogLine))

const show = (json: boolean) => (lines: ReadonlyArray<string>) =>
  lines.length === 0 ? Effect.void : print(lines.map((line) => (json ? encode(logLine(line)) : line)).join("\n"))

/** A profile that is gone may still be in the log; one that never was is a mistake in its name. */
const nothing = (profile: Option.Option<string>) =>
  Effect.gen(function* () {
    if (Option.isNone(profile)) return yield* remark("Nothing in the log is of that kind.")
    const loaded = yield* Effect.option((yield* Config).load(yield* Where))
    const known = Option.match(loaded, {
      onNone: (): ReadonlyArray<string> => [],
      onSome: ({ settings }) => settings.profiles.map(({ name }) => name)
    })
    const close = known.includes(profile.value) ? undefined : nearest(profile.value, known)
    yield* remark(
      `Nothing in the log is of that kind and of the profile "${profile.value}".${close === undefined ? "" : ` Did you mean "${close}"?`}`
    )
  }).pipe(Effect.provide(Config.layer))

/** `claudex logs`: exit code 1 when there is none and none is waited for. */
export const handle = (options: {
  readonly follow: boolean
  readonly profile: Option.Option<string>
  readonly level: Wanted
  readonly lines: number
  readonly json: boolean
}) =>
  Effect.gen(function* () {
    const tell = show(options.json)
    const { log } = yield* gatewayFiles
    const isWanted = wantedLines({ level: options.level, profile: Option.getOrUndefined(options.profile) })
    if (!(yield* hasLog(log))) {
      if (!options.follow) return yield* new Failure({ message: noLog(log), next: "claudex proxy start -d", code: 1 })
      yield* remark(noLog(log))
    }
    const { lines, place } = yield* lastLines(log, options.lines, isWanted)
    yield* tell(lines)
    if (options.follow) return yield* followLines(log, place, isWanted, tell)
    if (lines.length === 0 && options.lines > 0) yield* nothing(options.profile)
  })
