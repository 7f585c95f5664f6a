import { Effect } from "effect"
import { Config } from "../../config/Config.ts"
import { findProfile } from "../../launcher/profiles.ts"
import { edit, notUsableYet } from "../editing.ts"
import { failureOf } from "../failures.ts"
import { print, remark } from "../output.ts"
import { Where } from "../services.ts"

/** `claudex profile use`: what `claudex run` takes from now on where no profile is named. */
export const handle = ({ profile: name }: { readonly profile: string }) =>
  Effect.gen(function* () {
    const config = yield* Config
    const anchor = yield* Where
    yield* findProfile(yield* config.load(anchor), name, "profile use")
    const { file } = yield* edit({ path: ["default_profile"], value: name }, undefined)
    yield* print(`claudex run takes the profile "${name}" where none is named: default_profile is set in ${file}.`)
    const loaded = yield* Effect.either(config.load(anchor, "again"))
    if (loaded._tag === "Left") return yield* notUsableYet(loaded.left)
    const origin = loaded.right.origin("default_profile")
    if (loaded.right.settings.defaultProfile !== name && "variable" in origin) {
      yield* remark(`${origin.variable} names another one, which counts more.`)
    }
  }).pipe(
    Effect.mapError((error) => (error._tag === "Failure" ? error : failureOf(error))),
    Effect.provide(Config.layer)
  )
