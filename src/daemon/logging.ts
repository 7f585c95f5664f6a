/** What a gateway process logs: one line per event on stderr, which in the background is the log file. */
import { Effect, Layer, Logger, LogLevel } from "effect"
import type { LogLevel as Level } from "../config/ConfigFile.ts"

const levels: Readonly<Record<Level, LogLevel.LogLevel>> = {
  off: LogLevel.None,
  error: LogLevel.Error,
  warn: LogLevel.Warning,
  info: LogLevel.Info,
  debug: LogLevel.Debug,
  trace: LogLevel.Trace
}

/** How much is logged, changed while the process runs. */
export interface LevelDial {
  readonly level: LogLevel.LogLevel
  readonly set: (level: Level) => void
}

/**
 * Fibers inherit the level when they begin, and the server's fibers began long ago. So they inherit one value whose ordinal,
 * by which levels are compared, follows the dial.
 */
export const levelDial = (initial: Level): LevelDial => {
  let current = levels[initial]
  return {
    level: {
      ...LogLevel.Info,
      get ordinal() {
        return current.ordinal
      }
    },
    set: (level) => {
      current = levels[level]
    }
  }
}

/** Writes to stderr. Not by `console.error`, which formats once more and asks whether the terminal has colours. */
export const toStderr = (text: string): void => {
  process.stderr.write(text)
}

/** `key=value` lines; what a client or a provider sent cannot break out of its line. */
const lines = (write: (line: string) => void) =>
  Logger.make<unknown, void>((entry) => write(`${Logger.logfmtLogger.log(entry)}\n`))

const ignore = () => {}

/** Whoever read our lines may be gone: that is no reason to end. */
const unheard = Layer.scopedDiscard(
  Effect.acquireRelease(
    Effect.sync(() => process.stderr.on("error", ignore)),
    () => Effect.sync(() => process.stderr.off("error", ignore))
  )
)

/** Logs to stderr, or by `write`. Provided within itself it changes the level and nothing else. */
export const logging = (level: Level | LevelDial, write: (line: string) => void = toStderr): Layer.Layer<never> =>
  Layer.mergeAll(
    unheard,
    Logger.replace(Logger.defaultLogger, lines(write)),
    Logger.minimumLogLevel(typeof level === "string" ? levels[level] : level.level)
  )
