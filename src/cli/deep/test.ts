/** A profile asked for one small answer, by way of the gateway's own code, and for its list of models. Costs a few tokens. */
import { Duration, Effect, Either, Option } from "effect"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { Environment } from "../../config/Environment.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import type { Profile } from "../../domain/Profile.ts"
import { modelInfoAt } from "../../provider/modelInfo.ts"
import { resolveModel, withoutAliases } from "../../provider/models.ts"
import { deepTestOf, testOf } from "../profileTest.ts"
import { type HowToLook, lookAt, prepare } from "../reachability/look.ts"
import { type Look, verdictOf } from "../reachability/verdict.ts"
import { type Capability, fails } from "./check.ts"
import { exchange } from "./exchange.ts"
import { findings } from "./findings.ts"
import { question } from "./question.ts"

/** As long as without an answer. Seconds. */
const how: HowToLook = { patience: 10, list: true }

/** The same, with what the list of models says: names that may be meant, and models of the profile that were not asked. */
const withList = (found: ReadonlyArray<Capability>, profile: Profile, { listed, ...look }: Look) => {
  const [row] = found.filter(({ check }) => check === "model")
  if (row === undefined || listed === undefined) return found
  // a model that answers is known, whatever the list says
  const known = row.status === "ok" ? [...listed, profile.defaultModel] : listed
  const verdict = verdictOf(profile, { ...look, listed: known })
  if (verdict.status === "ok" || verdict.reason !== "model") return found
  const better =
    row.status === "ok" ? fails("model", "model", verdict.message, verdict.remedy) : { ...row, remedy: verdict.remedy }
  return found.map((one) => (one === row ? better : one))
}

/** How the profile does; `settings` are those of its configuration. Asks nobody where something is missing. */
export const deepTest = (profile: Profile, settings: ConfigFile) =>
  Effect.gen(function* () {
    const keys = yield* SecretStore
    const environment = yield* Environment
    const { asks, key, resolved } = yield* prepare(profile, environment, keys.get)
    if (!asks || Either.isLeft(resolved)) return testOf(profile, { resolved, key, look: undefined }, 0)
    const filled = resolved.right
    const model = resolveModel(filled.defaultModel, filled, settings.modelAliases)
    const info = modelInfoAt(filled, model, settings.modelInfo)
    const asked = question({ model, info, isHandedOn: filled.providerType === "DirectAnthropic" })
    const [took, exchanged] = yield* Effect.timed(exchange(profile, settings, keys, asked))
    const hasKey = Option.isSome(Option.flatten(Either.getRight(key)))
    const found = findings(exchanged, { profile: filled, model, info, hasKey })
    // afterwards, and only where it matters: some providers take one request at a time
    const look = found.some(({ check }) => check === "model")
      ? yield* lookAt(withoutAliases(profile, settings.modelAliases), environment, keys.get, how)
      : undefined
    const all = look === undefined ? found : withList(found, withoutAliases(filled, settings.modelAliases), look)
    return deepTestOf(profile, model, all, Duration.toMillis(took))
  })
