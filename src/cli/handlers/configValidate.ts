import { Effect, Either, Layer, Schema } from "effect"
import { Config } from "../../config/Config.ts"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { layer as upstream } from "../../upstream/undici.node.ts"
import { failureOf } from "../failures.ts"
import { Ended, outWidth, print, tableWidth } from "../output.ts"
import { tellNoFiles, tellPassedOver } from "../passedOver.ts"
import { Where } from "../services.ts"
import { invalid, Validation, validation, validationReport } from "../validation.ts"
import { testAll } from "./profileTest.ts"

/** How the providers of all enabled profiles do. */
const asked = (settings: ConfigFile) =>
  testAll(
    settings.profiles.filter((profile) => profile.enabled),
    settings
  ).pipe(Effect.provide(Layer.merge(upstream, SecretStore.layer)))

const encode = Schema.encodeSync(Schema.parseJson(Validation, { space: 2 }))

/** `claudex config validate`: all faults at once, exit code 2; else what was found, exit code 1 when a provider fails. */
export const handle = (options: { readonly connectivity: boolean; readonly json: boolean }) =>
  Effect.gen(function* () {
    const anchor = yield* Where
    const loaded = yield* Effect.either((yield* Config).load(anchor))
    if (Either.isLeft(loaded)) {
      if (!options.json) return yield* failureOf(loaded.left)
      yield* print(encode(invalid(loaded.left)))
      return yield* new Ended({ code: 2 })
    }
    const tests = options.connectivity ? yield* asked(loaded.right.settings) : undefined
    const found = validation(loaded.right, tests)
    yield* print(options.json ? encode(found) : validationReport(found, yield* outWidth, yield* tableWidth).join("\n"))
    yield* tellPassedOver(loaded.right.passedOver)
    yield* tellNoFiles(anchor)
    if (!found.ok) return yield* new Ended({ code: 1 })
  }).pipe(Effect.provide(Config.layer))
