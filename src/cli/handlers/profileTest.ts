import { Duration, Effect, Layer, Schema } from "effect"
import { Config } from "../../config/Config.ts"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { Environment, type EnvironmentRecord } from "../../config/Environment.ts"
import type { KeyLookup } from "../../credentials/ApiKey.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import type { Profile } from "../../domain/Profile.ts"
import { UnknownProfile } from "../../launcher/profiles.ts"
import { withoutAliases } from "../../provider/models.ts"
import { layer as upstream } from "../../upstream/undici.node.ts"
import { failureOf } from "../failures.ts"
import { ConfigOption, Ended, outWidth, print, remark, tableWidth, withConfigIn } from "../output.ts"
import { type ProfileTest, ProfileTests, profileTests, testOf, testsOf } from "../profileTest.ts"
import { countPatiently } from "../progress.ts"
import { concurrency, isAsked, reach } from "../reachability/look.ts"
import { Where } from "../services.ts"

/** A list of models may be long. Seconds. */
const patience = 10

/** Every enabled profile, or the one that is named, whether it is enabled or not. */
const chosen = (profiles: ReadonlyArray<Profile>, name: string) => {
  const found = name === "all" ? profiles.filter(({ enabled }) => enabled) : profiles.filter((one) => one.name === name)
  if (name === "all" || found.length > 0) return Effect.succeed(found)
  const known = profiles.map((profile) => profile.name)
  return Effect.fail(new UnknownProfile({ name, known, command: "profile test" }))
}

/** Asks the provider of one profile, and takes the time. */
const test = (profile: Profile, environment: EnvironmentRecord, keys: KeyLookup) =>
  Effect.map(Effect.timed(reach(profile, environment, keys, { patience, list: true })), ([took, reached]) =>
    testOf(profile, reached, Duration.toMillis(took))
  )

/** With the file of `--config` in what there is to type. */
const remedied = (one: ProfileTest, config: string | undefined): ProfileTest => ({
  ...withConfigIn(one, config),
  ...(one.capabilities === undefined
    ? {}
    : { capabilities: one.capabilities.map((capability) => withConfigIn(capability, config)) })
})

/** Asks the providers of all these profiles at the same time. */
const each = <E, R>(profiles: ReadonlyArray<Profile>, ask: (profile: Profile) => Effect.Effect<ProfileTest, E, R>) => {
  const [only, ...others] = profiles.map(({ name }) => name)
  const whom = others.length === 0 && only !== undefined ? `the provider of ${only}` : "the providers"
  const asking = countPatiently(profiles.length, `Asking ${whom}`, (counted) =>
    Effect.forEach(profiles, (one) => counted(ask(one)), { concurrency })
  )
  return Effect.flatMap(asking, (tests) =>
    Effect.map(ConfigOption, (config) => testsOf(tests.map((one) => remedied(one, config))))
  )
}

/** Asks the providers of all these profiles for their lists of models. */
export const testAll = (profiles: ReadonlyArray<Profile>, { modelAliases }: Pick<ConfigFile, "modelAliases">) =>
  Effect.gen(function* () {
    const environment = yield* Environment
    const keys = (yield* SecretStore).get
    return yield* each(profiles, (one) => test(withoutAliases(one, modelAliases), environment, keys))
  })

/** Said beforehand. */
const costs = "each provider is asked for one small answer, which costs a few tokens"

/** Asks the providers of all these profiles for a small answer, and says that it costs something. */
const testDeep = (profiles: ReadonlyArray<Profile>, settings: ConfigFile) =>
  Effect.gen(function* () {
    if (profiles.some(isAsked)) yield* remark(costs)
    // the gateway's own code, which no other command needs
    const { deepTest } = yield* Effect.promise(() => import("../deep/test.ts"))
    return yield* each(profiles, (one) => deepTest(one, settings))
  })

const encode = Schema.encodeSync(Schema.parseJson(ProfileTests, { space: 2 }))

/** `claudex profile test`: exit code 1 when one fails. Asks for lists of models, which costs nothing, unless it is `deep`. */
export const handle = (options: { readonly deep: boolean; readonly json: boolean; readonly profile: string }) =>
  Effect.gen(function* () {
    const { settings } = yield* (yield* Config).load(yield* Where)
    const profiles = yield* chosen(settings.profiles, options.profile)
    const tests = yield* options.deep ? testDeep(profiles, settings) : testAll(profiles, settings)
    yield* print(options.json ? encode(tests) : profileTests(tests, yield* outWidth, yield* tableWidth).join("\n"))
    if (!tests.ok) return yield* new Ended({ code: 1 })
  }).pipe(
    Effect.provide(upstream),
    Effect.mapError(failureOf),
    Effect.provide(Layer.merge(Config.layer, SecretStore.layer))
  )
