import { Effect, Option, Schema } from "effect"
import { type Wanted, wantedLines } from "../../daemon/logLines.ts"
import { followLines, hasLog, lastLines } from "../../daemon/logReader.ts"
import { gatewayFiles } from "../../daemon/State.ts"
import { LogLine, logLine } from "../logLine.ts"
import { Failure, print, remark } from "../output.ts"

const noLog = (file: string): string =>
  `There is no log yet: ${file} is written by the gateway that runs in the background; one in the foreground logs to its terminal.`

const encode = Schema.encodeSync(Schema.parseJson(LogLine))

const show = (json: boolean) => (lines: ReadonlyArray<string>) =>
  lines.length === 0 ? Effect.void : print(lines.map((line) => (json ? encode(logLine(line)) : line)).join("\n"))

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
    if (lines.length === 0 && options.lines > 0) yield* remark("Nothing in the log is of that kind.")
  })
