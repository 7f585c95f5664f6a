/** What a gateway process logs: one line per event on stderr, which in the background is the log file. */
import { Layer, Logger, LogLevel } from "effect"
import type { LogLevel as Level } from "../config/ConfigFile.ts"

const levels: Readonly<Record<Level, LogLevel.LogLevel>> = {
  off: LogLevel.None,
  error: LogLevel.Error,
  warn: LogLevel.Warning,
  info: LogLevel.Info,
  debug: LogLevel.Debug,
  trace: LogLevel.Trace
}

/** `key=value` lines; what a client or a provider sent cannot break out of its line. */
const lines = Logger.withConsoleError(Logger.logfmtLogger)

/** Logs to stderr. Provided within itself it changes the level and nothing else. */
export const logging = (level: Level): Layer.Layer<never> =>
  Layer.merge(Logger.replace(Logger.defaultLogger, lines), Logger.minimumLogLevel(levels[level]))
