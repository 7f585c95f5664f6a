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

/**
 * `key=value` lines; what a client or a provider sent cannot break out of its line. Not by `console.error`, which
 * formats once more and asks whether the terminal has colours: it cost more than the rest of a line.
 */
const lines = Logger.make<unknown, void>((entry) => {
  process.stderr.write(`${Logger.logfmtLogger.log(entry)}\n`)
})

const ignore = () => {}

/** Whoever read our lines may be gone: that is no reason to end. */
const unheard = Layer.scopedDiscard(
  Effect.acquireRelease(
    Effect.sync(() => process.stderr.on("error", ignore)),
    () => Effect.sync(() => process.stderr.off("error", ignore))
  )
)

/** Logs to stderr. Provided within itself it changes the level and nothing else. */
export const logging = (level: Level): Layer.Layer<never> =>
  Layer.mergeAll(unheard, Logger.replace(Logger.defaultLogger, lines), Logger.minimumLogLevel(levels[level]))
