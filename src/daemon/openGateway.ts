/** The gateway's server as the life of a gateway process needs it. */
import { type FileSystem, HttpServer, type Path } from "@effect/platform"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { type Anchor, Config } from "../config/Config.ts"
import { JournalSettings, Telemetry } from "../config/ConfigFile.ts"
import { Environment, variable } from "../config/Environment.ts"
import type { Paths } from "../config/Paths.ts"
import { ClientToken } from "../credentials/ClientToken.ts"
import { SecretStore } from "../credentials/SecretStore.ts"
import { version } from "../domain/version.ts"
import * as GatewayServer from "../gateway/GatewayServer.node.ts"
import { GatewaySettings } from "../gateway/GatewaySettings.ts"
import { Journal } from "../gateway/Journal.ts"
import { layer as journalFiles } from "../gateway/journalFiles.ts"
import { LentEnvironment } from "../gateway/LentEnvironment.ts"
import { Lifecycle } from "../gateway/Lifecycle.ts"
import { endpointVariable } from "../telemetry/otlpTarget.ts"
import { AddressTaken, CannotListen } from "./errors.ts"
import type { OpenGateway } from "./serve.ts"

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown"

const reasons: Readonly<Record<string, string>> = {
  EACCES: "the system does not allow this port",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no host of this name"
}

const megabyte = 1024 * 1024
const day = 24 * 60 * 60 * 1000

const usual = {
  journal: Schema.decodeSync(JournalSettings)({}),
  telemetry: Schema.decodeSync(Telemetry)({})
}

/** The journal as the gateway's own configuration wants it; as usual where that has faults. */
const journalAt = (anchor: Anchor, identity: typeof GatewaySettings.Service.identity) =>
  Effect.gen(function* () {
    const loaded = yield* Effect.option(Effect.flatMap(Config, (config) => config.load(anchor)))
    const { journal, telemetry } = Option.match(loaded, { onNone: () => usual, onSome: ({ settings }) => settings })
    const kept = journal.enabled
      ? journalFiles({ bytes: journal.size * megabyte, age: journal.days * day })
      : Journal.layerMemory
    const environment = yield* Environment
    if (telemetry.otlpEndpoint === "" && variable(environment, endpointVariable) === undefined) return kept
    const { exporting } = yield* Effect.promise(() => import("./exportTelemetry.ts"))
    return exporting(telemetry.otlpEndpoint, environment, identity)(kept)
  })

/** Opens the gateway; `anchor` is where clients that say nothing have their configuration discovered. */
export const openGateway =
  (
    anchor: Anchor
  ): OpenGateway<SecretStore | ClientToken | Config | Environment | FileSystem.FileSystem | Path.Path | Paths> =>
  ({ allowRemote, host, instance, port }) =>
    Effect.gen(function* () {
      const identity = { instance, version, pid: process.pid }
      const settings = Layer.succeed(GatewaySettings, {
        token: yield* ClientToken,
        identity,
        anchor,
        host,
        allowRemote,
        keys: yield* SecretStore
      })
      const journal = yield* journalAt(anchor, identity)
      const gateway = GatewayServer.layer(port).pipe(
        Layer.provideMerge(Layer.mergeAll(settings, LentEnvironment.layer, Lifecycle.layer, journal))
      )
      const services = yield* Layer.build(gateway)
      const { address } = Context.get(services, HttpServer.HttpServer)
      const { shutdownRequested: shutdown, yieldIfIdle: leave } = Context.get(services, Lifecycle)
      const at = address._tag === "UnixAddress" ? { host, port } : { host: address.hostname, port: address.port }
      return { ...at, shutdown, leave }
    }).pipe(
      Effect.mapError(({ cause }) => {
        const code = codeOf(cause)
        return code === "EADDRINUSE"
          ? new AddressTaken({ host, port })
          : new CannotListen({ host, port, reason: reasons[code] ?? code })
      })
    )
