/**
 * Where telemetry is sent: claudex's own setting, else the standard variables
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Pure.
 */
import type { Target } from "./Exporter.ts"

type Variables = Readonly<Record<string, string | undefined>>

export const endpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT"

/** `name=value` pairs between commas, the values percent-encoded, as in a `baggage` header. */
const pairsOf = (text: string | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (text ?? "").split(",").flatMap((pair) => {
      const at = pair.indexOf("=")
      const name = pair.slice(0, at).trim()
      return at < 0 || name === "" ? [] : [[name, decoded(pair.slice(at + 1).trim())]]
    })
  )

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // not percent-encoded
  }
}

/**
 * Undefined when nothing is to be sent anywhere; a text when what is set cannot be used, which says why and nothing of the
 * endpoint: it may hold a password.
 */
export const targetOf = (
  setting: string,
  variables: Variables,
  identity: { readonly instance: string; readonly version: string; readonly pid: number }
): Target | string | undefined => {
  const standard = variables[endpointVariable] ?? ""
  const endpoint = setting === "" ? standard : setting
  if (endpoint === "" || variables["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return undefined
  const source = setting === "" ? endpointVariable : "[telemetry] otlp_endpoint"
  if (setting === "" && variables["OTEL_EXPORTER_OTLP_PROTOCOL"] === "grpc") {
    return `${source} is for gRPC, which claudex does not speak; set [telemetry] otlp_endpoint to an address for HTTP`
  }
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    return `${source} is no address that begins with http:// or https://`
  }
  return {
    endpoint: endpoint.replace(/\/+$/, ""),
    headers: pairsOf(variables["OTEL_EXPORTER_OTLP_HEADERS"]),
    version: identity.version,
    resource: {
      "service.name": "claudex",
      "service.version": identity.version,
      "service.instance.id": identity.instance,
      "process.pid": identity.pid,
      ...pairsOf(variables["OTEL_RESOURCE_ATTRIBUTES"]),
      ...(variables["OTEL_SERVICE_NAME"] ? { "service.name": variables["OTEL_SERVICE_NAME"] } : {})
    }
  }
}
