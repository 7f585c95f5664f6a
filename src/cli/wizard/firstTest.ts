/** A profile that was just added is asked for its models, as `claudex profile test` would: that costs nothing. */
import { Effect, Either, Layer, Option } from "effect"
import { Config } from "../../config/Config.ts"
import { Environment } from "../../config/Environment.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { providerOf } from "../../provider/quirks.ts"
import { layer as upstream } from "../../upstream/undici.node.ts"
import { testAll } from "../handlers/profileTest.ts"
import { outWidth, print } from "../output.ts"
import { profileTests } from "../profileTest.ts"
import { prepare } from "../reachability/look.ts"
import { Where } from "../services.ts"

/** Prints how it does. False where it cannot be used yet: it fails, lacks its key, or the configuration has other faults. */
export const firstTest = (name: string) =>
  Effect.gen(function* () {
    const { settings } = yield* (yield* Config).load(yield* Where, "again")
    const profile = settings.profiles.find((one) => one.name === name)
    if (profile === undefined) return false
    const { asks, key } = yield* prepare(profile, yield* Environment, (yield* SecretStore).get)
    const hasKey = Option.isSome(Option.flatten(Either.getRight(key)))
    // a provider on the internet tells nobody anything without a key
    if (!asks || (!hasKey && providerOf(profile.baseUrl, profile.dialect).host !== undefined)) return false
    const tests = yield* testAll([profile], settings)
    yield* print(profileTests(tests, yield* outWidth).join("\n"))
    return tests.ok
  }).pipe(
    // what is wrong with the configuration is told afterwards in any case
    Effect.orElseSucceed(() => false),
    Effect.provide(Layer.merge(upstream, SecretStore.layer))
  )
