/** The configuration that the gateway of the chaos suite runs with. */
import type { FaultyWire } from "../../src/testing/faults.ts"

const types: { readonly [protocol in FaultyWire]: string } = {
  chat: "OpenAICompatible",
  responses: "OpenAIResponses",
  anthropic: "DirectAnthropic"
}
export const protocols: ReadonlyArray<FaultyWire> = ["chat", "responses", "anthropic"]

const profile = (name: string, protocol: FaultyWire, address: string, more = "") => `
[[profiles]]
name = "${name}"
provider_type = "${types[protocol]}"
base_url = "${address}/${name}"
api_key = "key"
default_model = "m"
${more}`

/** A busy machine is no fault of a provider that never fails. */
const patient = "timeouts = { first_byte_seconds = 60, idle_seconds = 60 }"

/** Each protocol alone, and with backups; one that nobody listens for, one that always fails, one that never does. */
export const config = (upstream: string, nowhere: string) => `
proxy_port = 0
[timeouts]
connect_seconds = 2
first_byte_seconds = 2
idle_seconds = 1
[resilience]
open_seconds = 0.2
max_open_seconds = 0.5
[journal]
max_mb = 4096
[health]
# its looks would be counted among what is left behind
enabled = false
${protocols.map((one) => profile(`alone-${one}`, one, upstream)).join("")}
${protocols.map((one) => profile(`backed-${one}`, one, upstream, `backup_providers = ["alone-chat", "steady-${one}"]`)).join("")}
${protocols.map((one) => profile(`steady-${one}`, one, upstream, patient)).join("")}
${profile("dead", "chat", upstream, "resilience = { open_seconds = 600, max_open_seconds = 600 }")}
${profile("refusing", "responses", nowhere, 'backup_providers = ["steady-chat"]')}
`

/** Whom clients ask. */
export const asked = [
  ...protocols.flatMap((one) => [`alone-${one}`, `backed-${one}`, `steady-${one}`]),
  "dead",
  "refusing"
]
