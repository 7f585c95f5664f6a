/**
 * Who may answer a request, in order, each with everything an attempt needs: the client's profile, its backups as they are
 * listed, and where the user allows it all other profiles by their priority.
 */
import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex } from "@noble/hashes/utils"
import { Effect, Either } from "effect"
import type { ConfigFile } from "../config/ConfigFile.ts"
import type { EnvironmentRecord } from "../config/Environment.ts"
import { type KeyLookup, resolveApiKey } from "../credentials/ApiKey.ts"
import type { Price } from "../domain/Cost.ts"
import { longestPrompt } from "../domain/ModelInfo.ts"
import { type Profile, usesClaudeLogin } from "../domain/Profile.ts"
import type { Resilience } from "../domain/Resilience.ts"
import type { ErrorType } from "../protocol/errors.ts"
import type { Target } from "../protocol/target.ts"
import type { Protocol } from "../protocol/policy.ts"
import {
  anthropicEndpoint,
  type AnthropicEndpoint,
  chatEndpoint,
  type Endpoint,
  type EndpointFault,
  isAnthropicApi,
  isOffline,
  responsesEndpoint
} from "../provider/endpoint.ts"
import { modelInfoAt, policyAt } from "../provider/modelInfo.ts"
import { resolveModel, servingProfile, standInModel } from "../provider/models.ts"
import { strippedParams } from "../provider/quirks.ts"
import type { KeptKeys } from "./KeptKeys.ts"
import { refuse, type Refused } from "./Refused.ts"
import { profileNamed } from "./world.ts"

interface Candidacy {
  readonly profile: Profile
  /** The provider's own name of the model. */
  readonly model: string
  /** Why it stands here, for the record. */
  readonly reason: string
  /** Tells accounts at the provider apart without showing what opens them; never told. */
  readonly credentials: string
  /** Milliseconds; the pace in bytes a second, 0 for none. */
  readonly timeouts: {
    readonly connect: number
    readonly firstByte: number
    readonly idle: number
    readonly progress: number
    readonly minimumPace: number
  }
  readonly resilience: Resilience
  /** The longest prompt in tokens, when it is known. */
  readonly window: number | undefined
  readonly price: Price | undefined
}

/** Speaks a protocol of OpenAI: request and answer are translated. */
export interface TranslatedCandidate extends Candidacy {
  readonly _tag: "translated"
  readonly protocol: Protocol
  readonly target: Target
  readonly endpoint: Endpoint
}

/** Speaks Anthropic Messages itself: request and answer pass as they are. */
export interface PassCandidate extends Candidacy {
  readonly _tag: "pass"
  readonly endpoint: AnthropicEndpoint
  /** Reasoning without a signature cannot be the provider's own. */
  readonly signsReasoning: boolean
}

export type Candidate = TranslatedCandidate | PassCandidate

/** Stands in the list, but cannot be asked as it is configured: its key is missing, or it is disabled. */
export interface Unusable {
  readonly _tag: "unusable"
  readonly name: string
  readonly model: string
  readonly reason: string
  readonly refused: Refused
}

/** At least one. */
export type Candidates = readonly [Candidate | Unusable, ...ReadonlyArray<Candidate | Unusable>]

const milliseconds = (seconds: number): number => Math.ceil(seconds * 1000)

const timeoutsOf = (profile: Profile, settings: ConfigFile): Candidacy["timeouts"] => {
  const { connect, firstByte, idle, minimumPace, progress } = { ...settings.timeouts, ...profile.timeouts }
  return {
    connect: milliseconds(connect),
    firstByte: milliseconds(firstByte),
    idle: milliseconds(idle),
    progress: milliseconds(progress),
    minimumPace
  }
}

/** Whoever asks for such a profile hears why, and that asking again is no use. */
const unserved = (type: ErrorType, message: string) => refuse(type, message, { shouldRetry: false })

const usable = <A>(endpoint: Either.Either<A, EndpointFault>): Effect.Effect<A, Refused> =>
  Either.isRight(endpoint) ? Effect.succeed(endpoint.right) : unserved("api_error", endpoint.left.message)

/** The protocols that are translated to, by provider type, and where they are spoken. */
const translated = {
  OpenAICompatible: { protocol: "chat", endpointOf: chatEndpoint },
  OpenAIResponses: { protocol: "responses", endpointOf: responsesEndpoint }
} as const

/** 8 hex digits. */
const fingerprintOf = (secrets: ReadonlyArray<string>): string =>
  bytesToHex(sha256(JSON.stringify(secrets)).subarray(0, 4))

const candidateOf = (
  profile: Profile,
  model: string,
  reason: string,
  settings: ConfigFile,
  environment: EnvironmentRecord,
  keys: KeyLookup
): Effect.Effect<Candidate, Refused> =>
  Effect.gen(function* () {
    if (usesClaudeLogin(profile)) {
      const message = `the profile "${profile.name}" is for Claude Code with its own login; the gateway does not serve it`
      return yield* unserved("invalid_request_error", message)
    }
    const key = yield* Effect.catchTag(resolveApiKey(profile, environment, keys), "MissingKey", (error) =>
      unserved("authentication_error", error.message)
    )
    const info = modelInfoAt(profile, model, settings.modelInfo)
    const candidacy: Omit<Candidacy, "credentials"> = {
      profile,
      model,
      reason,
      timeouts: timeoutsOf(profile, settings),
      resilience: { ...settings.resilience, ...profile.resilience },
      window: longestPrompt(info),
      price: info.price
    }
    if (profile.providerType === "DirectAnthropic") {
      const endpoint = yield* usable(anthropicEndpoint(profile, key))
      const credentials = fingerprintOf(endpoint.secrets)
      return { _tag: "pass", ...candidacy, credentials, endpoint, signsReasoning: isAnthropicApi(profile) }
    }
    const { endpointOf, protocol } = translated[profile.providerType]
    const endpoint = yield* usable(endpointOf(profile, key))
    return {
      _tag: "translated",
      ...candidacy,
      credentials: fingerprintOf(endpoint.secrets),
      protocol,
      target: {
        model,
        policy: policyAt(profile, model, settings.modelInfo, protocol),
        provider: profile.name,
        secrets: endpoint.secrets,
        strip: strippedParams(profile),
        ...(info.outputLimit === undefined ? {} : { maxTokens: info.outputLimit })
      },
      endpoint
    }
  })

/** Who stands behind a profile, and why, without the profiles that are not there and those that are already asked. */
const backupsOf = (
  profile: Profile,
  settings: ConfigFile
): ReadonlyArray<{ readonly name: string; readonly reason: string }> => {
  const { profiles, resilience } = settings
  const listed = profile.backupProviders.filter((name) =>
    profiles.some((other) => other.name === name && other.enabled)
  )
  const others = resilience.anyProfile
    ? profiles
        .filter((other) => other.enabled && !isOffline(other) && !usesClaudeLogin(other))
        .toSorted((left, right) => left.priority - right.priority)
    : []
  const all = [
    ...listed.map((name) => ({ name, reason: `backup of ${profile.name}` })),
    ...others.map(({ name }) => ({ name, reason: "any profile, by its priority" }))
  ]
  return all.filter(
    ({ name }, at) => name !== profile.name && all.findIndex((candidate) => candidate.name === name) === at
  )
}

const resolved = (
  name: string,
  asked: string,
  settings: ConfigFile,
  environment: EnvironmentRecord,
  keys: KeyLookup
): Effect.Effect<Candidates, Refused> =>
  Effect.gen(function* () {
    const serving = servingProfile(asked, name)
    const orUnusable = (profileName: string, model: string, reason: string) =>
      Effect.catchAll((refused: Refused) =>
        Effect.succeed<Unusable>({ _tag: "unusable", name: profileName, model, reason, refused })
      )
    const profile = yield* profileNamed(serving, settings, environment)
    const model = resolveModel(asked, profile, settings.modelAliases)
    const reason = serving === name ? "the client's profile" : "picked by the client"
    const first = yield* candidateOf(profile, model, reason, settings, environment, keys).pipe(
      orUnusable(profile.name, model, reason)
    )
    const backups = yield* Effect.forEach(backupsOf(profile, settings), (backup) =>
      Effect.flatMap(profileNamed(backup.name, settings, environment), (standIn) => {
        const its = standInModel(asked, profile, standIn, settings.modelAliases)
        return candidateOf(standIn, its, backup.reason, settings, environment, keys)
      }).pipe(orUnusable(backup.name, "", backup.reason))
    )
    return [first, ...backups] as const
  })

/** Clients name a handful of models; a stranger with the token must not fill the memory with others, nor with long ones. */
const capacity = 256
const longestName = 512

/** By the variables, the configuration, and what was asked for. */
type Known = WeakMap<EnvironmentRecord, WeakMap<ConfigFile, Map<string, Candidates>>>

/** What was remembered for these variables and this configuration, to be added to. */
const rememberedIn = (known: Known, environment: EnvironmentRecord, settings: ConfigFile): Map<string, Candidates> => {
  const ofVariables = known.get(environment) ?? new WeakMap<ConfigFile, Map<string, Candidates>>()
  known.set(environment, ofVariables)
  const remembered = ofVariables.get(settings) ?? new Map<string, Candidates>()
  ofVariables.set(settings, remembered)
  return remembered
}

/**
 * The candidates for a model name that came in for a profile. Remembered for as long as the same keys hold, for each
 * configuration and the variables of each session: working them out costs as much as a small request. `finished` adds what
 * is the gateway's own.
 */
export const makeCandidates = (keys: KeptKeys, finished: <C extends Candidate | Unusable>(candidate: C) => C) => {
  let known: Known = new WeakMap()
  let keyring = keys.generation()

  return (
    name: string,
    asked: string,
    settings: ConfigFile,
    environment: EnvironmentRecord
  ): Effect.Effect<Candidates, Refused> => {
    if (keyring !== keys.generation()) known = new WeakMap()
    keyring = keys.generation()
    const remembered = rememberedIn(known, environment, settings)
    const key = `${name}\0${asked}`
    const found = remembered.get(key)
    if (found !== undefined) return Effect.succeed(found)
    return Effect.map(resolved(name, asked, settings, environment, keys.get), ([first, ...backups]) => {
      const candidates: Candidates = [finished(first), ...backups.map(finished)]
      if (remembered.size < capacity && key.length <= longestName) remembered.set(key, candidates)
      return candidates
    })
  }
}
