/**
 * People clear the state folder away to begin anew, and some tools to tidy up. A gateway whose state is gone would be found
 * by nobody: it could not be stopped, and would keep the port that the next one wants.
 */
import { FileSystem } from "@effect/platform"
import { Effect, type Redacted, Schedule } from "effect"
import { restoreToken } from "../credentials/ClientToken.ts"
import { gatewayFiles, type GatewayState, restoreState } from "./State.ts"

const looks = Schedule.spaced("2 seconds")

/** For ever puts back, with the client's token, the state of this gateway where there is none. That of another one stays. */
export const stayKnown = (state: GatewayState, token: Redacted.Redacted<string>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const files = yield* gatewayFiles
    if ((yield* fs.exists(files.state)) || !(yield* restoreToken(token))) return
    if (yield* restoreState(state)) yield* Effect.logWarning(`${files.state} was gone, and has been put back`)
  }).pipe(Effect.ignore, Effect.repeat(looks))
