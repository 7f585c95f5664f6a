import { Effect, Layer, Schema } from "effect"
import { Config } from "../../config/Config.ts"
import { Environment } from "../../config/Environment.ts"
import { Paths } from "../../config/Paths.ts"
import { keyState } from "../../credentials/keyState.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { failureOf } from "../failures.ts"
import { ConfigOption, print, tableWidth, withConfig } from "../output.ts"
import { listedProfile, ProfileList, profileList } from "../profileList.ts"
import { Where } from "../services.ts"

const encode = Schema.encodeSync(Schema.parseJson(ProfileList, { space: 2 }))

/** `claudex profile list`: every profile, those that are disabled too. Asks nobody. */
export const handle = ({ json }: { readonly json: boolean }) =>
  Effect.gen(function* () {
    const environment = yield* Environment
    const { home } = yield* Paths
    const keys = (yield* SecretStore).get
    const { origin, settings } = yield* (yield* Config).load(yield* Where)
    // together, for a keyring that is locked takes its time with each
    const profiles = yield* Effect.forEach(
      settings.profiles,
      (profile) =>
        Effect.map(keyState(profile, environment, keys), (key) => listedProfile(profile, key, environment, origin)),
      { concurrency: "unbounded" }
    )
    const add = withConfig("claudex profile add", yield* ConfigOption)
    yield* print(json ? encode({ profiles }) : profileList({ profiles }, home, add, yield* tableWidth).join("\n"))
  }).pipe(Effect.mapError(failureOf), Effect.provide(Layer.merge(Config.layer, SecretStore.layer)))
