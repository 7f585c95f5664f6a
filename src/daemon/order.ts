/** Where the configuration wants the gateway to listen. */
import { Data, Effect } from "effect"
import type { ConfigFile } from "../config/ConfigFile.ts"
import type { GatewayOrder } from "./spawnGateway.ts"

/** The gateway would be open to other machines, and the configuration does not say that this is wanted. */
export class RemoteNotAllowed extends Data.TaggedError("RemoteNotAllowed")<{ readonly host: string }> {
  override get message(): string {
    return `proxy_host = "${this.host}" opens the gateway to other machines, whose users could spend your keys if they learn the client token. Set allow_remote = true beside it if that is wanted.`
  }
}

/** What is listened on: an address stands in brackets in URLs only. */
const bare = (host: string): string => host.replace(/^\[(.*)\]$/, "$1")

const isLoopback = (host: string): boolean => /^(localhost|::1|127(\.\d{1,3}){3})$/i.test(host)

/** A background gateway may take another port when the configured one is in use; one asked for by number may not. */
export const gatewayOrder = (
  settings: ConfigFile,
  options: { readonly port?: number | undefined; readonly config?: string | undefined }
): Effect.Effect<GatewayOrder, RemoteNotAllowed> => {
  const host = bare(settings.proxyHost)
  if (!isLoopback(host) && !settings.allowRemote) return Effect.fail(new RemoteNotAllowed({ host }))
  return Effect.succeed({
    host,
    port: options.port ?? settings.proxyPort,
    any_port: options.port === undefined,
    allow_remote: settings.allowRemote,
    log_level: settings.logLevel,
    ...(options.config === undefined ? {} : { config: options.config })
  })
}
