/** What a running process takes over from edits of its configuration by itself: how much it logs, and how much of it is kept. */
import { Effect, Option, Schedule } from "effect"
import { type Anchor, Config } from "../config/Config.ts"
import type { ConfigFile } from "../config/ConfigFile.ts"
import type { LevelDial } from "./logging.ts"

const looks = Schedule.spaced("2 seconds")

/**
 * Calls `apply` with the settings that hold at the place: at once, and whenever they changed. Faulty ones are left alone: the
 * gateway says what is wrong.
 */
export const followSettings = (anchor: Anchor, apply: (settings: ConfigFile) => void) =>
  Effect.gen(function* () {
    const config = yield* Config
    let before: ConfigFile | undefined
    const look = Effect.map(Effect.option(config.load(anchor)), (loaded) => {
      if (Option.isNone(loaded) || loaded.value.settings === before) return
      before = loaded.value.settings
      apply(before)
    })
    yield* look
    yield* Effect.forkScoped(Effect.repeat(look, looks))
  })

/** Who started the process said how much to log; an edit of the configuration after that says better. */
export const followLevel = (dial: LevelDial) => {
  let known: ConfigFile["logLevel"] | undefined
  return ({ logLevel }: ConfigFile): void => {
    if (known !== undefined && known !== logLevel) dial.set(logLevel)
    known = logLevel
  }
}
