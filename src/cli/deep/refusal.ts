/** What it means that no answer came, or none that could be understood: the capability at fault, and what to do. Pure. */
import type { Profile } from "../../domain/Profile.ts"
import type { AttemptRecord } from "../../domain/RequestRecord.ts"
import { shellWord } from "../../launcher/shell.ts"
import type { TransportError } from "../../upstream/TransportError.ts"
import { creditRemedy, type Look, type Reason, redirects, verdictOf, wait } from "../reachability/verdict.ts"
import { clip } from "../text.ts"
import { type Capability, fails, type Word } from "./check.ts"
import type { Seen } from "./exchange.ts"

/** How an attempt failed, as the gateway has recorded it. */
export type Failure = NonNullable<AttemptRecord["error"]>

const protocols: { readonly [type in Profile["providerType"]]: string } = {
  DirectAnthropic: "Anthropic Messages",
  OpenAICompatible: "Chat Completions",
  OpenAIResponses: "Responses"
}

/** For an address that answers, but not as the profile expects. */
export const speakRemedy = ({ providerType }: Profile): string =>
  `Check base_url and provider_type: the server does not speak ${protocols[providerType]} at this address.`

export const toolRemedy =
  "Set default_model to a model that calls tools. A server of your own may need an option for it, such as vLLM's --enable-auto-tool-choice and --tool-call-parser."
export const streamRemedy =
  "Turn on streaming at the server, or at the proxy in front of it. Without it you see nothing of an answer until it is complete, and a long one may run into first_byte_seconds."

export const thinkingRemedy = ({ providerType }: Profile): string =>
  providerType === "DirectAnthropic"
    ? "Set efforts in [model_info] to those that the model takes; [] if it does not think."
    : "Set effort, efforts or thinking_switch in [profiles.quirks] to what the server takes."

interface Subject {
  readonly words: RegExp
  readonly check: Word & Reason
  readonly say: (model: string) => string
  readonly remedy: (profile: Profile) => string
}

const unknownModel: Subject = {
  words:
    /\bmodel\b.{0,60}\b(?:not (?:found|available|exist)|unknown|invalid|unavailable)|\b(?:unknown|invalid|no such|not a valid) model\b/i,
  check: "model",
  say: (model) => `does not know ${model}`,
  remedy: () => "Correct default_model."
}

/** What a request is refused for, by the words of the refusal without the model's name; the first that fits. */
const subjects: ReadonlyArray<Subject> = [
  unknownModel,
  {
    words: /\btools?\b|\btool[_-]|function[_ -]?call/i,
    check: "tools",
    say: () => "refuses a request with tools",
    remedy: () => toolRemedy
  },
  {
    words: /\bstream(?:ing|ed)?\b/i,
    check: "stream",
    say: () => "refuses a request for a stream",
    remedy: () => streamRemedy
  },
  {
    words: /\bthinking|\breasoning|\befforts?\b/i,
    check: "thinking",
    say: () => "refuses a request to think",
    remedy: thinkingRemedy
  }
]

/** Where the path is not known the words are seldom about a model. */
const missing = (words: string, model: string): Subject | undefined =>
  words.includes(model) || /\bmodel\b/i.test(words) ? unknownModel : undefined

/** The same as a look at the provider with this outcome would mean. */
const asLook = (check: Word, profile: Profile, error: string, look: Omit<Look, "sight">): Capability => {
  const verdict = verdictOf(profile, { sight: { status: "down", error }, ...look })
  return verdict.status === "ok"
    ? fails(check, "broken", error, wait)
    : fails(check, verdict.reason, verdict.message, verdict.remedy)
}

/** The connection failed, before an answer or in the middle of it. */
export const broken = (check: Word, profile: Profile, { kind, message }: TransportError): Capability =>
  asLook(check, profile, message, { failure: kind })

/** The provider's words, without what the gateway puts before and behind them. */
const wordsOf = ({ name }: Profile, { message }: Failure): string => {
  const own = message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message
  return clip(own.replace(/ (?:Asked for model|Check the API key of) [^]*$/, ""), 300)
}

/** No request could be made. */
export const unsent = (profile: Profile, error: Failure | undefined): Capability =>
  fails(
    "reach",
    "settings",
    `cannot be asked: ${error === undefined ? "nothing was sent" : wordsOf(profile, error)}`,
    `claudex profile show ${shellWord(profile.name)}`
  )

/** A request that the provider did not answer, or not with a message. `model` is that which was asked for. */
export const refusal = (profile: Profile, model: string, { failure, status = 0 }: Seen, error: Failure): Capability => {
  const words = wordsOf(profile, error)
  const said = (what: string) => `${what}${/^HTTP \d/.test(words) ? "" : ` (HTTP ${status})`}: ${words}`
  const refused = ({ check, remedy, say }: Subject) => fails(check, check, said(say(model)), remedy(profile))
  const about = subjects.find((subject) => subject.words.test(words.replaceAll(model, "")))
  if (status >= 300 && status < 400) {
    const { message, remedy } = redirects(status)
    return fails("answer", "path", message, remedy)
  }
  switch (error.type) {
    case "authentication_error":
      return asLook("key", profile, said("the key is not accepted"), { status: 401 })
    case "permission_error":
      return asLook("key", profile, said("the key may not do this"), { status: 403 })
    case "billing_error":
      return fails("key", "billing", said("there is no credit left"), creditRemedy)
    case "not_found_error": {
      const subject = about ?? missing(words, model)
      return subject === undefined
        ? fails("answer", "path", said("has nothing at this address"), speakRemedy(profile))
        : refused(subject)
    }
    case "invalid_request_error":
      return about === undefined
        ? fails("answer", "refused", said("refuses the request"), `claudex profile show ${shellWord(profile.name)}`)
        : refused(about)
    case "rate_limit_error":
      return fails("answer", "limited", said("takes no more requests at the moment"), wait)
    case "timeout_error":
      return fails("answer", "timeout", words, wait)
    default:
      if (failure !== undefined) return broken("answer", profile, failure)
      return status < 400
        ? fails("answer", "garbage", said("the answer cannot be understood"), speakRemedy(profile))
        : fails("answer", "server", said("the server failed"), wait)
  }
}
