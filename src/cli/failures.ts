/** The one place where errors become what the user reads: a sentence, the next command, an exit code. */
import type { ConfigError } from "../config/errors.ts"
import { keyPath } from "../config/keyPath.ts"
import type { TrustStoreError } from "../config/Trust.ts"
import type { MissingKey } from "../credentials/ApiKey.ts"
import type { ClientTokenError } from "../credentials/ClientToken.ts"
import type { SecretStoreError } from "../credentials/secretFile.ts"
import type { MissingVariable } from "../credentials/resolveProfile.ts"
import type {
  AddressTaken,
  CannotListen,
  GatewayAlreadyRuns,
  GatewayForeignToken,
  GatewayIncompatible,
  GatewayNotStarted,
  GatewaySilent
} from "../daemon/errors.ts"
import type { RemoteNotAllowed } from "../daemon/order.ts"
import type { MissingExecutable } from "../launcher/executable.ts"
import type { SpawnError } from "../launcher/foreground.ts"
import type { CannotLend } from "../launcher/lend.ts"
import type { DisabledProfile, NeedsGateway, NoProfile, UnknownProfile } from "../launcher/profiles.ts"
import { shellWord } from "../launcher/shell.ts"
import { Ended, Failure } from "./output.ts"

type Known =
  | AddressTaken
  | CannotLend
  | CannotListen
  | ClientTokenError
  | ConfigError
  | DisabledProfile
  | Ended
  | GatewayAlreadyRuns
  | GatewayForeignToken
  | GatewayIncompatible
  | GatewayNotStarted
  | GatewaySilent
  | MissingExecutable
  | MissingKey
  | MissingVariable
  | NeedsGateway
  | NoProfile
  | RemoteNotAllowed
  | SecretStoreError
  | SpawnError
  | TrustStoreError
  | UnknownProfile

/** How to say it; `Ended` has nothing to say and stays. */
export const failureOf = (error: Known): Failure | Ended => {
  switch (error._tag) {
    case "Ended":
      return error
    case "ConfigError":
      return new Failure({
        message: `The configuration is not usable:\n${error.message}`,
        next: mendBy(error),
        code: 2
      })
    case "DisabledProfile": {
      const key = keyPath(["profiles", error.name, "enabled"])
      return new Failure({ message: error.message, next: `claudex config set ${shellWord(key)} true`, code: 2 })
    }
    case "RemoteNotAllowed":
      return new Failure({ message: error.message, next: "claudex config set proxy_host 127.0.0.1", code: 2 })
    case "MissingKey":
    case "MissingVariable":
      return new Failure({ message: error.message, code: 2 })
    case "MissingExecutable":
      if (error.toCorrect) {
        const message = `${error.message} Correct claude_binary in the configuration.`
        return new Failure({ message, next: "claudex config set claude_binary PATH", code: 1 })
      }
      return new Failure({
        message: `${error.message} Install it, or set claude_binary in the configuration.`,
        next: "npm install -g @anthropic-ai/claude-code",
        code: 1
      })
    case "NeedsGateway":
    case "NoProfile":
      return new Failure({ message: error.message, next: error.next, code: 2 })
    case "SpawnError":
    case "TrustStoreError":
      return new Failure({ message: error.message, code: 1 })
    default:
      return new Failure({ message: error.message, next: error.next, code: 1 })
  }
}

/** The command that leads to a usable configuration. What an editor opens is none of the files that are to be named anew. */
export const mendBy = (error: ConfigError): string => {
  const says = (words: string) => error.faults.some(({ message }) => message.includes(words))
  if (says("config trust")) return "claudex config trust"
  const [first, ...others] = [...new Set(error.faults.map(({ source }) => source))]
  if (first?.startsWith("CLAUDEX_") === true && others.length === 0) return `unset ${first}`
  const isElsewhere = says("there is no such file") || says("this is a folder")
  return isElsewhere ? "claudex config path" : "claudex config edit"
}
