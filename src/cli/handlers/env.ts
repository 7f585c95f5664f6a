import { Effect, Layer, type Option, Redacted, Schema } from "effect"
import { Config } from "../../config/Config.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { urlOf } from "../../daemon/address.ts"
import { gatewayOrder } from "../../daemon/order.ts"
import { presence } from "../../daemon/presence.ts"
import { childEnvironment } from "../../launcher/childEnvironment.ts"
import { joinGateway, planSession, requireKey, type Session } from "../../launcher/session.ts"
import { fish, posix, type ShellDialect } from "../../launcher/shell.ts"
import { EnvDocument, envDocument, type EnvFacts, envReport, shellScript } from "../envReport.ts"
import { failureOf } from "../failures.ts"
import { loopbackHttp } from "../loopback.ts"
import { Failure, outWidth, print, remark } from "../output.ts"
import { patiently } from "../progress.ts"
import { Where } from "../services.ts"

/** Where the gateway answers, or else would be started. */
const foreseen = ({ settings }: Session) =>
  Effect.gen(function* () {
    const now = yield* presence
    if (now._tag === "Running") return { url: now.url, running: true }
    const { host, port } = yield* gatewayOrder(settings, {})
    return { url: urlOf(host, port), running: false }
  })

const factsOf = (session: Session) =>
  Effect.gen(function* () {
    const { facts, model, plan } = session
    const gateway = session.needsGateway ? yield* foreseen(session) : undefined
    // the token is not shown, so none is made either
    const access = gateway === undefined ? undefined : { url: gateway.url, token: Redacted.make("") }
    const changes = childEnvironment({ ...facts, gateway: access })
    const shown: EnvFacts = { profile: facts.profile.name, model, gateway, changes, added: plan.added }
    return shown
  })

/** Everything that can be wrong is found before the gateway is started, as for `run`. */
const forShell = (session: Session, explain: boolean, shell: ShellDialect) =>
  Effect.gen(function* () {
    yield* requireKey(session)
    const gateway = session.needsGateway ? yield* patiently(joinGateway(session), "Starting the gateway") : undefined
    const { lines, impossible } = shellScript(childEnvironment({ ...session.facts, gateway }), explain, shell)
    for (const name of impossible) yield* remark(`left out: a shell cannot set the variable "${name}" of extra_env`)
    const { added } = session.plan
    if (added.length > 0) {
      const reasons = added.map(({ reason }) => reason).join("; ")
      const typed = [session.settings.claudeBinary, ...added.map(({ argument }) => argument)].join(" ")
      yield* remark(`start Claude Code with: ${typed} (${reasons})`)
    }
    if (lines.length > 0) yield* print(lines.join("\n"))
  })

const encode = Schema.encodeSync(Schema.parseJson(EnvDocument, { space: 2 }))

/** `claudex env`: what `claudex run` would change for Claude Code. Only `--shell` starts anything. */
export const handle = (options: {
  readonly profile: string
  readonly model: Option.Option<string>
  readonly explain: boolean
  readonly shell: boolean
  readonly fish: boolean
  readonly json: boolean
}) =>
  Effect.gen(function* () {
    const { explain, fish: forFish, json, model, profile, shell } = options
    const forms = [...(shell ? ["--shell"] : []), ...(forFish ? ["--fish"] : []), ...(json ? ["--json"] : [])]
    if (forms.length > 1) {
      return yield* new Failure({
        message: `${forms.join(" and ")} are forms of one answer: choose one.`,
        next: "claudex env --help",
        code: 2
      })
    }
    const session = yield* planSession({
      profile,
      model,
      child: [],
      anchor: yield* Where,
      direct: false,
      command: "env"
    })
    if (shell || forFish) return yield* forShell(session, explain, forFish ? fish : posix)
    yield* Effect.catchAll(requireKey(session), (error) => remark(error.message))
    const facts = yield* factsOf(session)
    yield* print(json ? encode(envDocument(facts)) : envReport(facts, explain, yield* outWidth).join("\n"))
  }).pipe(
    Effect.mapError((error) => (error._tag === "Failure" ? error : failureOf(error))),
    Effect.provide(Layer.mergeAll(Config.layer, SecretStore.layer, loopbackHttp))
  )
