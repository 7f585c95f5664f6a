import { Duration, Effect, Either, Layer, Redacted, Schema } from "effect"
import { Config } from "../../config/Config.ts"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { Environment, type EnvironmentRecord, variable } from "../../config/Environment.ts"
import { isTemplate } from "../../config/interpolation.ts"
import { keyPath } from "../../config/keyPath.ts"
import type { LoadedConfig } from "../../config/LoadedConfig.ts"
import { noFiles } from "../../config/noFile.ts"
import { Paths } from "../../config/Paths.ts"
import { ClientToken } from "../../credentials/ClientToken.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { isCompatible } from "../../daemon/ensureGateway.ts"
import { gatewayOrder } from "../../daemon/order.ts"
import { presence, type Presence } from "../../daemon/presence.ts"
import { fingerprintOf } from "../../daemon/token.ts"
import type { Profile } from "../../domain/Profile.ts"
import { version } from "../../domain/version.ts"
import { findExecutable } from "../../launcher/executable.ts"
import { isOffline } from "../../provider/endpoint.ts"
import { layer as upstream } from "../../upstream/undici.node.ts"
import { type Check, Diagnosis, diagnosis, fail, warn } from "../doctor/check.ts"
import { gatewayCheck, type GatewayFacts, portCheck } from "../doctor/gateway.ts"
import { caFile, converse, openMode, patience, portState, refusedPlace, versionOf } from "../doctor/looks.ts"
import { loopbackCheck } from "../doctor/loopback.ts"
import {
  caChecks,
  claudeCheck,
  configChecks,
  nodeCheck,
  noFileChecks,
  proxyChecks,
  stateCheck
} from "../doctor/machine.ts"
import {
  clockCheck,
  keyCheck,
  openFileCheck,
  providerCheck,
  unusedKeyChecks,
  variableCheck
} from "../doctor/providers.ts"
import { doctorReport } from "../doctor/report.ts"
import { loopbackHttp } from "../loopback.ts"
import { ConfigOption, Ended, outWidth, print, withConfigIn } from "../output.ts"
import { countPatiently, patiently } from "../progress.ts"
import { concurrency, reach } from "../reachability/look.ts"
import type { Look } from "../reachability/verdict.ts"
import { Where } from "../services.ts"

const present = <A>(value: A | undefined): value is A => value !== undefined

const ofClaude = (program: string, environment: EnvironmentRecord) =>
  Effect.gen(function* () {
    const { home } = yield* Paths
    const { cwd } = yield* Where
    const found = yield* Effect.either(findExecutable(program, { environment, home, cwd }))
    if (Either.isLeft(found)) return claudeCheck({ _tag: "Missing", error: found.left })
    return claudeCheck({ _tag: "Found", path: found.right, version: yield* versionOf(found.right, environment) })
  })

/** Whether the gateway that runs was started with the token that we would show. */
const ofToken = (now: Presence) =>
  Effect.gen(function* () {
    if (now._tag !== "Running") return undefined
    // only now: the layer makes a token where there is none
    const token = yield* Effect.either(Effect.provide(ClientToken, ClientToken.layer))
    if (Either.isLeft(token)) return "unusable"
    return fingerprintOf(token.right) === now.state.token_fingerprint ? "same" : "other"
  })

const ofPort = (now: Presence, settings: ConfigFile) =>
  Effect.gen(function* () {
    const order = yield* Effect.either(gatewayOrder(settings, {}))
    if (Either.isLeft(order)) {
      return fail(
        { check: "port" },
        `proxy_host = "${settings.proxyHost}" would open the gateway to other machines`,
        'Set proxy_host = "127.0.0.1", or allow_remote = true if that is wanted.'
      )
    }
    const { host, port } = order.right
    const isOwn = now._tag !== "Absent" && now.state.port === port
    const state = isOwn ? "own" : yield* portState(host, port)
    return portCheck({ host, port, state, runs: now._tag !== "Absent" })
  })

const ofGateway = (settings: ConfigFile | undefined) =>
  Effect.gen(function* () {
    const now = yield* presence
    const facts: GatewayFacts = {
      presence: now,
      version,
      compatible: now._tag !== "Running" || isCompatible(now.health.version, version),
      token: yield* ofToken(now)
    }
    return [gatewayCheck(facts), ...(settings === undefined ? [] : [yield* ofPort(now, settings)])]
  }).pipe(Effect.provide(loopbackHttp))

interface Looked {
  readonly profile: Profile
  readonly look: Look | undefined
  readonly checks: ReadonlyArray<Check>
}

const ofProfile = (profile: Profile, environment: EnvironmentRecord) =>
  Effect.gen(function* () {
    const { key, look, resolved } = yield* reach(profile, environment, (yield* SecretStore).get, {
      patience,
      list: false
    })
    const ready = Either.isRight(resolved) && Either.isRight(key)
    const checks = [variableCheck(resolved), keyCheck(profile, key), providerCheck(profile, look, ready)]
    return { profile, look, checks: checks.filter(present) } satisfies Looked
  })

/** Where nobody can tell, the profiles say why. */
const ofUnusedKeys = (profiles: ReadonlyArray<Profile>) =>
  Effect.gen(function* () {
    const stored = yield* Effect.orElseSucceed((yield* SecretStore).accounts, () => [])
    return unusedKeyChecks(stored, profiles)
  })

/** Of each file in which keys stand in clear, the names of their profiles. */
const filesWithKeys = ({ origin, settings }: LoadedConfig): ReadonlyMap<string, ReadonlyArray<string>> => {
  const found = new Map<string, ReadonlyArray<string>>()
  for (const { apiKey, name } of settings.profiles) {
    if (apiKey === undefined || Redacted.value(apiKey) === "" || isTemplate(Redacted.value(apiKey))) continue
    const from = origin(keyPath(["profiles", name, "api_key"]))
    if ("file" in from) found.set(from.file, [...(found.get(from.file) ?? []), name])
  }
  return found
}

const ofOpenFiles = (loaded: LoadedConfig) =>
  Effect.map(
    Effect.forEach(filesWithKeys(loaded), ([file, names]) =>
      Effect.map(openMode(file), (mode) => (mode === undefined ? undefined : openFileCheck(file, mode, names)))
    ),
    (checks) => checks.filter(present)
  )

/** Says of one look of many that it is over. */
type Counted = <A, E, R>(look: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

const isLookedAt = ({ enabled }: Profile): boolean => enabled

const ofProfiles = (settings: ConfigFile | undefined, environment: EnvironmentRecord, counted: Counted) =>
  Effect.gen(function* () {
    if (settings === undefined) {
      const message = "none was looked at, nor the port, as the configuration is not usable"
      return [warn({ check: "profile" }, message, "Correct the configuration, then: claudex doctor")]
    }
    const enabled = settings.profiles.filter(isLookedAt)
    const looked = yield* Effect.forEach(enabled, (profile) => counted(ofProfile(profile, environment)), {
      concurrency
    })
    const clock = clockCheck(
      looked.flatMap(({ look, profile }) => (look === undefined ? [] : [[profile.name, look] as const]))
    )
    return [
      ...[clock].filter(present),
      ...(enabled.some((profile) => !isOffline(profile))
        ? []
        : [warn({ check: "profile" }, "none that is yours is enabled", "claudex profile add")]),
      ...looked.flatMap(({ checks }) => checks),
      ...(yield* ofUnusedKeys(settings.profiles))
    ]
  }).pipe(Effect.provide(upstream))

/** Asked for, and of use only where Claude Code and a configuration are there. */
const ofLoopback = (wanted: boolean, environment: EnvironmentRecord) =>
  Effect.gen(function* () {
    if (!wanted) return []
    const { explicit } = yield* Where
    const asking = patiently(converse(environment, explicit), "Claude Code asks the demo, which takes some seconds")
    const [took, run] = yield* Effect.timed(asking)
    return [loopbackCheck(run, Duration.toMillis(took))]
  })

/** All checks, in the order in which they are told. */
const examine = (loopback: boolean) =>
  Effect.gen(function* () {
    const environment = yield* Environment
    const loaded = yield* Effect.merge((yield* Config).load(yield* Where))
    const settings = "faults" in loaded ? undefined : loaded.settings
    const extraCa = variable(environment, "NODE_EXTRA_CA_CERTS")
    const looks = 2 + (settings?.profiles.filter(isLookedAt).length ?? 0)
    const [claude, gateway, ca, profiles] = yield* countPatiently(looks, "Looking at all that is needed", (counted) =>
      Effect.all(
        [
          counted(ofClaude(settings?.claudeBinary ?? "claude", environment)),
          counted(ofGateway(settings)),
          extraCa === undefined ? Effect.succeed("nothing" as const) : caFile(extraCa),
          ofProfiles(settings, environment, counted)
        ],
        { concurrency: "unbounded" }
      )
    )
    const config = yield* ConfigOption
    const { stateDir } = yield* Paths
    const checks = [
      nodeCheck(process.versions.node),
      claude,
      ...configChecks(loaded, environment),
      ...noFileChecks(yield* noFiles(yield* Where)),
      stateCheck(stateDir, yield* refusedPlace(stateDir)),
      ...gateway,
      ...proxyChecks(environment),
      ...caChecks(environment, ca),
      ...profiles,
      ...("faults" in loaded ? [] : yield* ofOpenFiles(loaded)),
      ...(yield* ofLoopback(loopback && settings !== undefined && claude.status !== "fail", environment))
    ]
    return diagnosis(
      version,
      checks.map((check) => withConfigIn(check, config))
    )
  })

const encode = Schema.encodeSync(Schema.parseJson(Diagnosis, { space: 2 }))

/** `claudex doctor`: exit code 1 when a check fails. Changes nothing, but that `loopback` leaves a gateway running. */
export const handle = ({ json, loopback }: { readonly json: boolean; readonly loopback: boolean }) =>
  Effect.gen(function* () {
    const found = yield* examine(loopback)
    yield* print(json ? encode(found) : doctorReport(found, yield* outWidth).join("\n"))
    if (!found.ok) return yield* new Ended({ code: 1 })
  }).pipe(Effect.provide(Layer.merge(Config.layer, SecretStore.layer)))
