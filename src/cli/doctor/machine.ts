/** What the machine and its environment bring along: Node, Claude Code, the configuration, proxies, certificates. */
import { ConfigError, type ConfigFault } from "../../config/errors.ts"
import { type EnvironmentRecord, variable } from "../../config/Environment.ts"
import type { LoadedConfig } from "../../config/LoadedConfig.ts"
import type { NoFile } from "../../config/noFile.ts"
import { reservedVariables } from "../../config/overrides.ts"
import type { MissingExecutable } from "../../launcher/executable.ts"
import { shellWord } from "../../launcher/shell.ts"
import { noFileFact, noFileRemedy, passedOverFact, passedOverRemedy } from "../passedOver.ts"
import { clip } from "../text.ts"
import { type Check, fail, ok, warn } from "./check.ts"

/** As `engines` in package.json says. */
export const oldestNode = 20

/** `version` without a "v". */
export const nodeCheck = (version: string): Check =>
  Number(version.split(".")[0]) >= oldestNode
    ? ok({ check: "node" }, version)
    : fail(
        { check: "node" },
        `${version}, and claudex needs ${oldestNode} or newer`,
        "Install a newer one from https://nodejs.org"
      )

/** What a program that was run came to. */
export type Run =
  | { readonly _tag: "Told"; readonly text: string }
  | { readonly _tag: "Failed"; readonly reason: string }
  | { readonly _tag: "Silent"; readonly seconds: number }

export type Claude =
  | { readonly _tag: "Missing"; readonly error: MissingExecutable }
  /** `version` is what `--version` came to. */
  | { readonly _tag: "Found"; readonly path: string; readonly version: Run }

export const claudeCheck = (claude: Claude): Check => {
  const subject = { check: "claude" } as const
  if (claude._tag === "Missing") {
    const { message, toCorrect } = claude.error
    return fail(
      subject,
      message,
      toCorrect ? "Correct claude_binary in the configuration." : "npm install -g @anthropic-ai/claude-code"
    )
  }
  const { path, version } = claude
  switch (version._tag) {
    case "Told":
      return ok(subject, `${clip(version.text.split("\n")[0] || "tells no version", 40)}, ${path}`)
    case "Failed":
      return fail(subject, `${path} does not run: ${version.reason}`, `${shellWord(path)} --version`)
    case "Silent":
      return warn(
        subject,
        `${path} did not tell its version within ${version.seconds} s`,
        `${shellWord(path)} --version`
      )
  }
}

const faultText = (fault: ConfigFault): string => new ConfigError({ faults: [fault] }).message

/** The variables that set something, by name: their values may be anybody's. */
const settingVariables = (environment: EnvironmentRecord): ReadonlyArray<string> =>
  Object.keys(environment)
    .filter((name) => name.startsWith("CLAUDEX_") && !reservedVariables.includes(name))
    .filter((name) => variable(environment, name) !== undefined)
    .sort()

/** Where the configuration comes from, or each of its faults. */
export const configChecks = (
  loaded: LoadedConfig | ConfigError,
  environment: EnvironmentRecord
): ReadonlyArray<Check> => {
  const subject = { check: "config" } as const
  if ("faults" in loaded) {
    return loaded.faults.map((fault) =>
      fail(
        subject,
        faultText(fault),
        fault.message.includes("config trust") ? "claudex config trust" : "Correct it, then: claudex config validate"
      )
    )
  }
  const files = loaded.files.toReversed().map(({ layer, path }) => `${path} (${layer})`)
  const places = [...settingVariables(environment), ...files]
  return [
    ok(subject, places.length === 0 ? "no file, only the built-in settings" : places.join(", ")),
    ...(loaded.passedOver ?? []).map((file) => warn(subject, passedOverFact(file), passedOverRemedy(file)))
  ]
}

/** What one might take for a file of it. */
export const noFileChecks = (found: ReadonlyArray<NoFile>): ReadonlyArray<Check> =>
  found.map((one) => warn({ check: "config" }, noFileFact(one), noFileRemedy(one)))

/** Where the gateway's files, the client token and stored keys go. */
export const stateCheck = (
  folder: string,
  refused: { readonly place: string; readonly why: string } | undefined
): Check =>
  refused === undefined
    ? ok({ check: "state" }, folder)
    : fail(
        { check: "state" },
        `nothing can be kept in ${folder}, for ${refused.place} ${refused.why}`,
        "Change who may write there, or have another place: export XDG_STATE_HOME=/path/to/a/folder"
      )

/** In the order in which the upstream client asks for them: the first that is set counts. */
const proxyNames = [
  ["https_proxy", "HTTPS_PROXY"],
  ["http_proxy", "HTTP_PROXY"],
  ["no_proxy", "NO_PROXY"]
] as const

const proxySchemes = new Set(["http:", "https:", "socks5:", "socks:"])

/** A proxy's address without the name and password in it; undefined when it is none. */
export const maskedProxy = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (!proxySchemes.has(url.protocol) || url.hostname === "") return undefined
  const credentials = url.username === "" && url.password === "" ? "" : "[masked]@"
  return `${url.protocol}//${credentials}${url.host}`
}

const proxyCheck = (name: string, value: string): Check => {
  const subject = { check: "proxy" } as const
  if (/^no_proxy$/i.test(name)) return ok(subject, `${name} = ${value}`)
  const masked = maskedProxy(value)
  return masked === undefined
    ? fail(subject, `${name} is no address of a proxy`, `export ${name}=http://host:port`)
    : ok(subject, `${name} = ${masked}`)
}

export const proxyChecks = (environment: EnvironmentRecord): ReadonlyArray<Check> => {
  const subject = { check: "proxy" } as const
  const found = proxyNames.flatMap((names) => {
    const name = names.find((one) => variable(environment, one) !== undefined)
    return name === undefined ? [] : [proxyCheck(name, variable(environment, name) ?? "")]
  })
  const all = ["all_proxy", "ALL_PROXY"].find((name) => variable(environment, name) !== undefined)
  const asked = ["https_proxy", "HTTPS_PROXY"].some((name) => variable(environment, name) !== undefined)
  const unused =
    all === undefined || asked
      ? []
      : [warn(subject, `${all} is set, which claudex does not use`, "Set HTTPS_PROXY to the same.")]
  const checks = [...found, ...unused]
  return checks.length === 0 ? [ok(subject, "none named in the environment")] : checks
}

/** What is in the file that NODE_EXTRA_CA_CERTS names. */
export type CaFile = "certificates" | "nothing" | "unreadable"

const caVariable = "NODE_EXTRA_CA_CERTS"
const laxVariable = "NODE_TLS_REJECT_UNAUTHORIZED"

export const caChecks = (environment: EnvironmentRecord, content: CaFile): ReadonlyArray<Check> => {
  const subject = { check: "ca" } as const
  const file = variable(environment, caVariable)
  const wrong = { nothing: "holds no certificate", unreadable: "cannot be read" }
  const named =
    file === undefined
      ? ok(subject, "those of Node, no other named in the environment")
      : content === "certificates"
        ? ok(subject, `${caVariable} = ${file}`)
        : warn(subject, `${caVariable} = ${file}, which ${wrong[content]}`, `export ${caVariable}=/path/to/ca.pem`)
  const lax =
    variable(environment, laxVariable) === "0"
      ? [
          warn(
            subject,
            `${laxVariable}=0: whoever is in between can read your keys`,
            `unset ${laxVariable}, and name your CA's file in ${caVariable}`
          )
        ]
      : []
  return [named, ...lax]
}
