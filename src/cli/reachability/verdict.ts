/** What a look at a provider means: whether it can be asked, why not, and what to do about it. Pure, and without secrets. */
import { Schema } from "effect"
import { nearest } from "../../config/suggest.ts"
import { setKeyCommand } from "../../credentials/ApiKey.ts"
import { type Profile, usesClaudeLogin } from "../../domain/Profile.ts"
import { shellWord } from "../../launcher/shell.ts"
import type { TransportFailure } from "../../protocol/errors.ts"
import { isOffline } from "../../provider/endpoint.ts"
import { ownModels } from "../../provider/models.ts"
import { type UnlistedModel, unlistedModels } from "../../provider/listed.ts"
import type { Sight } from "../../resilience/HealthBoard.ts"
import { clip } from "../text.ts"

/** How one look at a provider went. */
export interface Look {
  readonly sight: Sight
  /** The HTTP status of the answer, if one came. */
  readonly status?: number | undefined
  /** Why none came, or no whole one, where the connection told. */
  readonly failure?: TransportFailure["kind"] | undefined
  /** How far this machine's clock is ahead of the provider's, in milliseconds. */
  readonly ahead?: number | undefined
  /** The names of its models, where all of them were read and understood. */
  readonly listed?: ReadonlyArray<string> | undefined
  /** What was read in the place of a list is no JSON, such as a page for people. */
  readonly noJson?: true
}

/** What is wrong with a profile or its provider, in one word. */
export const Reason = Schema.Literal(
  /** A variable that the profile refers to is not set. */
  "variable",
  /** The key is not there. */
  "key",
  /** The profile cannot make a request. */
  "settings",
  "dns",
  /** Refused, or no way to the host. */
  "connect",
  "tls",
  /** The connection broke, or what came was no HTTP. */
  "broken",
  "timeout",
  /** HTTP 401. */
  "unauthorized",
  /** HTTP 403. */
  "forbidden",
  /** HTTP 500 and above. */
  "server",
  /** It has no list of models, or does not show it. */
  "no-list",
  /** Its list does not have a model of the profile, or it does not know it. */
  "model",
  /** The account does not pay. */
  "billing",
  /** HTTP 429. */
  "limited",
  /** HTTP 404, and not for the model. */
  "path",
  /** It refuses the request, and says something of none of the following. */
  "refused",
  /** What it answers is no message of its protocol. */
  "garbage",
  /** It answers as a whole where a stream was asked for. */
  "stream",
  /** No call of a tool came, or a wrong one. */
  "tools",
  /** It does not count tokens. */
  "usage",
  /** It does not say why an answer ended, or wrongly. */
  "stop",
  /** Nothing is seen of the thinking that is asked for. */
  "thinking"
)
export type Reason = typeof Reason.Type

export type Verdict =
  | { readonly status: "ok"; readonly message: string }
  | {
      readonly status: "warn" | "fail"
      readonly reason: Reason
      readonly message: string
      readonly remedy: string
    }

export const nameKey = "Name the environment variable that holds a key or token in the profile: api_key_env"

interface Explanation {
  readonly reason: Reason
  readonly say: string
  readonly remedy: string
}

export const wait = "Try again later."
export const creditRemedy = "Add credit to your account at the provider."
const network = "Check the network and the proxy."

const failures: { readonly [kind in TransportFailure["kind"]]: Explanation } = {
  connect: {
    reason: "connect",
    say: "could not connect",
    remedy: "Start the server if it is yours, else check base_url, the network and the proxy."
  },
  dns: { reason: "dns", say: "the host is not known", remedy: "Check base_url, and the network." },
  tls: {
    reason: "tls",
    say: "no secure connection",
    remedy: "If the network reads TLS, name its CA: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem"
  },
  reset: {
    reason: "broken",
    say: "the connection broke",
    remedy: "Check base_url (http or https, and the port) and the proxy."
  },
  "connect-timeout": { reason: "timeout", say: "could not connect in time", remedy: network },
  "first-byte-timeout": { reason: "timeout", say: "no answer in time", remedy: wait },
  "idle-timeout": { reason: "timeout", say: "no whole answer in time", remedy: wait },
  "no-progress": { reason: "timeout", say: "no answer in time, only keep-alives", remedy: wait },
  "ended-early": { reason: "broken", say: "the answer broke off", remedy: wait },
  exhausted: {
    reason: "connect",
    say: "this machine allows no further connection",
    remedy: "Close some programs, or raise the limit of open files: ulimit -n"
  }
}

/** Where the words of a failure say more. */
const betterRemedies: ReadonlyArray<readonly [RegExp, string]> = [
  [/the proxy .* HTTP 407/, "Put a name and a password into it: export HTTPS_PROXY=http://name:password@host:port"],
  [/the proxy /, "Check HTTPS_PROXY, or name the host in NO_PROXY where it needs no proxy."],
  [/WRONG_VERSION|EPROTO|PACKET_LENGTH|HTTP_REQUEST/, "Check base_url: http:// or https://, and the port."],
  [/ALTNAME|HOSTNAME_MISMATCH/, "Check the host in base_url: the certificate is for another one."],
  [/EXPIRED|NOT_YET_VALID/, "Check this machine's clock; else the provider has to renew its certificate."]
]

const keyRemedy = (profile: Profile): string => {
  const { apiKey, apiKeyEnv, apiKeyKeyring } = profile
  if (apiKeyEnv !== undefined) return `export ${apiKeyEnv}=... with a valid key`
  if (apiKeyKeyring !== undefined) return `${setKeyCommand(profile)} with a valid key`
  return apiKey === undefined ? nameKey : "Put a valid key where the profile says it is."
}

/** Why a provider is down. */
const explain = (profile: Profile, { failure, status }: Look, error: string): Explanation => {
  if (status === 401) return { reason: "unauthorized", say: error, remedy: keyRemedy(profile) }
  if (status === 403) {
    return { reason: "forbidden", say: error, remedy: `${keyRemedy(profile)}, or see what the provider allows it.` }
  }
  if (failure !== undefined) {
    const { reason, remedy, say } = failures[failure]
    const better = betterRemedies.find(([words]) => words.test(error))?.[1]
    return { reason, say: `${say} (${error})`, remedy: better ?? remedy }
  }
  return status !== undefined && status >= 500
    ? { reason: "server", say: error, remedy: wait }
    : { reason: "timeout", say: error, remedy: network }
}

/** A few names of a list, for those who look for the right one. */
const someOf = (names: ReadonlyArray<string>): string =>
  names
    .slice(0, 3)
    .map((name) => clip(name, 40))
    .join(", ") + (names.length > 3 ? ", …" : "")

const modelsMissing = (unlisted: ReadonlyArray<UnlistedModel>, names: ReadonlyArray<string>): Explanation => {
  const said = unlisted.map(({ keys, model }) => `"${clip(model, 60)}" (${keys.join(", ")})`)
  const meant = unlisted.map(({ keys, model }) => ({ keys, near: nearest(model, names) }))
  const corrections = meant.map(({ keys, near }) =>
    near === undefined
      ? `correct ${keys.join(", ")}: there are ${someOf(names)}`
      : `set ${keys.join(", ")} to "${near}"`
  )
  const [first = "", ...others] = corrections
  return {
    reason: "model",
    say: `answers, and does not list ${said.join(", ")}`,
    remedy: `${[first.charAt(0).toUpperCase() + first.slice(1), ...others].join("; ")}.`
  }
}

export const redirects = (status: number) => ({
  message: `sends elsewhere (HTTP ${status}), where claudex does not follow with a key`,
  remedy: "Write the address it leads to into base_url."
})

const pathRemedy = "Check the path of base_url if requests fail too."

const untold = (status: number) => ({
  message: `answers HTTP ${status} when asked for its models, which some do not tell`,
  remedy: pathRemedy
})

/** Answers that tell more than that there is no list to see. */
const warnings: ReadonlyMap<number, Explanation> = new Map([
  [402, { reason: "billing", say: "answers HTTP 402: there is no credit left", remedy: creditRemedy }],
  [429, { reason: "limited", say: "answers HTTP 429: it takes no more requests at the moment", remedy: wait }]
])

/** What a profile's provider is like that was asked, or is not to be. `profile` with its variables filled in. */
export const verdictOf = (profile: Profile, look: Look | undefined): Verdict => {
  const failed = ({ reason, remedy, say }: Explanation): Verdict => ({ status: "fail", reason, message: say, remedy })
  if (isOffline(profile)) return { status: "ok", message: "answers inside claudex, without a network" }
  if (usesClaudeLogin(profile)) return { status: "ok", message: "Anthropic, asked by Claude Code itself" }
  if (look === undefined) {
    return failed({
      reason: "settings",
      say: "was not asked",
      remedy: `claudex profile show ${shellWord(profile.name)}`
    })
  }
  const { listed, sight, status = 200 } = look
  switch (sight.status) {
    case "unknown":
      return failed({
        reason: "settings",
        say: `cannot be asked: ${sight.error}`,
        remedy: `claudex profile show ${shellWord(profile.name)}`
      })
    case "down":
      return failed(explain(profile, look, sight.error))
    case "up": {
      const unlisted = listed === undefined ? [] : unlistedModels(profile, listed)
      if (listed !== undefined && unlisted.length > 0) return failed(modelsMissing(unlisted, listed))
      if (status < 300 && look.noJson === true) {
        return {
          status: "warn",
          reason: "no-list",
          message: "answers with something else than JSON when asked for its models",
          remedy: pathRemedy
        }
      }
      if (status < 300) {
        const has = listed === undefined ? "" : ` and has ${ownModels(profile).join(", ")}`
        return { status: "ok", message: `answers${has}` }
      }
      const known = warnings.get(status)
      if (known !== undefined) return { status: "warn", reason: known.reason, message: known.say, remedy: known.remedy }
      const warning = status < 400 ? redirects : untold
      return { status: "warn", reason: "no-list", ...warning(status) }
    }
  }
}
