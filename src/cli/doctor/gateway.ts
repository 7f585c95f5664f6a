/** The gateway, and the port that the configuration gives it. */
import { clientTokenVariable } from "../../credentials/ClientToken.ts"
import type { Presence } from "../../daemon/presence.ts"
import { type Check, fail, ok, warn } from "./check.ts"

export interface GatewayFacts {
  readonly presence: Presence
  /** Our own version. */
  readonly version: string
  /** The one that runs is of a version with which this one shares its contract. */
  readonly compatible: boolean
  /** Whether it knows our client token; undefined where no gateway runs. */
  readonly token: "same" | "other" | "unusable" | undefined
}

const subject = { check: "gateway" } as const

export const gatewayCheck = ({ compatible, presence, token, version }: GatewayFacts): Check => {
  switch (presence._tag) {
    case "Silent": {
      const { pid } = presence.state
      return presence.suspended
        ? fail(subject, `process ${pid} is suspended, as by Ctrl-Z in its terminal`, `kill -CONT ${pid}`)
        : fail(subject, `process ${pid} lives and does not answer`, "claudex proxy stop")
    }
    case "Absent":
      return presence.leftover._tag === "None" || presence.leftover.value.ended !== undefined
        ? ok(subject, "does not run; claudex run starts it when it is needed")
        : warn(subject, "the last one ended without tidying up; the next one starts all the same", "claudex logs")
  }
  const { health, url } = presence
  const where = `${url}, process ${health.pid}, claudex ${health.version}`
  if (!compatible) return fail(subject, `${where}, and this is ${version}`, "claudex proxy stop")
  if (token === "other") {
    return fail(
      subject,
      `${where}, started with another client token`,
      `Give the same ${clientTokenVariable}, or type: claudex proxy stop`
    )
  }
  if (token === "unusable") return fail(subject, `${where}; the client token cannot be used`, "claudex proxy token")
  return health.version === version
    ? ok(subject, where)
    : warn(
        subject,
        `${where}, and this is ${version}`,
        "Nothing: the next claudex run replaces it once it answers nobody."
      )
}

export interface PortFacts {
  readonly host: string
  readonly port: number
  /** `free`, `own` when the gateway listens there, else why nobody can, as an error code of the system. */
  readonly state: string
  /** A gateway runs, wherever. */
  readonly runs: boolean
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "the system does not allow it",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no host of this name"
}

export const portCheck = ({ host, port, runs, state }: PortFacts): Check => {
  const at = { check: "port" } as const
  const place = `${port} on ${host}`
  switch (state) {
    case "own":
      return ok(at, `${place}, the gateway's`)
    case "free":
      return ok(at, port === 0 ? "any free one, as proxy_port = 0 says" : `${place} is free`)
    case "EADDRINUSE":
      return warn(
        at,
        `${place} is used by another program; the gateway ${runs ? "took" : "takes"} another one`,
        "Set proxy_port to a port of its own where other clients have to know it."
      )
    default:
      return fail(
        at,
        `the gateway cannot listen on ${place}: ${reasons[state] ?? state}`,
        "Correct proxy_host and proxy_port in the configuration."
      )
  }
}
