/** A client of the running gateway's admin API, derived from its description. Import it when it is needed: HttpApi is large. */
import { HttpApiClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { Option, type Redacted } from "effect"
import type { Anchor } from "../config/Config.ts"
import { Admin } from "../gateway/admin/api.ts"
import { configHeader, workspaceHeader } from "../gateway/contract.ts"

export const adminClient = (url: string, token: Redacted.Redacted<string>) =>
  HttpApiClient.make(Admin, {
    baseUrl: url,
    transformClient: (client) =>
      client.pipe(HttpClient.withTracerPropagation(false), HttpClient.mapRequest(HttpClientRequest.bearerToken(token)))
  })

/** The headers that have the configuration discovered from `anchor`, whose paths must be absolute. */
export const placeHeaders = ({ cwd, explicit }: Anchor) => ({
  [workspaceHeader]: encodeURIComponent(cwd),
  [configHeader]: Option.match(explicit, { onNone: () => undefined, onSome: encodeURIComponent })
})
