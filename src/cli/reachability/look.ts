/** One look at a profile's provider: its list of models, asked for as the gateway's health checker does. Costs no tokens. */
import { Clock, Duration, Effect, Either, type Option } from "effect"
import type { EnvironmentRecord } from "../../config/Environment.ts"
import { type KeyLookup, type MissingKey, resolveApiKey } from "../../credentials/ApiKey.ts"
import { type MissingVariable, resolveProfile } from "../../credentials/resolveProfile.ts"
import { type Profile, usesClaudeLogin } from "../../domain/Profile.ts"
import { probeOf } from "../../gateway/probe.ts"
import { parseJson } from "../../protocol/json.ts"
import { isOffline } from "../../provider/endpoint.ts"
import { describesModel, listedNames, unlistedModels } from "../../provider/listed.ts"
import { look } from "../../resilience/HealthChecker.ts"
import { collect } from "../../upstream/collect.ts"
import { bodyOf, UpstreamHttp, type UpstreamRequest } from "../../upstream/UpstreamHttp.ts"
import type { Look } from "./verdict.ts"

/** How many providers are asked at a time. */
export const concurrency = 16

export interface HowToLook {
  /** Seconds until the look ends without an answer. */
  readonly patience: number
  /** Whether the list is read too. */
  readonly list: boolean
  /** Only the list: models of the profile that are not in it are not asked for by their names. */
  readonly only?: true
}

/** OpenRouter's list, one of the longest, has about a megabyte. */
const longestList = 16_000_000

/** What the `Date` header of an answer says, against the middle of the time it took. Epoch milliseconds. */
export const aheadOf = (date: string | undefined, sent: number, received: number): number | undefined => {
  const theirs = date === undefined ? Number.NaN : Date.parse(date)
  if (Number.isNaN(theirs)) return undefined
  // cut off to the whole second
  return Math.round((sent + received) / 2) - (theirs + 500)
}

const text = new TextDecoder()

/** How long the question about one model may take, in seconds. */
const patienceForOne = 3

/** Whether the provider knows a model that its list does not have: some lists are not whole. `request` is the list's. */
const knows = (http: typeof UpstreamHttp.Service, request: UpstreamRequest, model: string): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const url = new URL(request.url)
    url.pathname += `/${model.split("/").map(encodeURIComponent).join("/")}`
    const { body, status } = yield* http.send({ ...request, url: url.href })
    return status === 200 && describesModel(text.decode(yield* collect(body, longestList)))
  }).pipe(
    Effect.scoped,
    Effect.orElseSucceed(() => false),
    Effect.timeoutTo({
      duration: Duration.seconds(patienceForOne),
      onSuccess: (known) => known,
      onTimeout: () => false
    })
  )

/** The names of a list, with the models of the profile that are not in it and known all the same. */
const completed = (
  http: typeof UpstreamHttp.Service,
  request: UpstreamRequest,
  profile: Profile,
  names: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(
    Effect.filter(unlistedModels(profile, names), ({ model }) => knows(http, request, model), {
      concurrency: "unbounded"
    }),
    (known) => [...names, ...known.map(({ model }) => model)]
  )

/** Asks a profile's provider for its models, and notes what came by. */
export const lookAt = (
  profile: Profile,
  environment: EnvironmentRecord,
  keys: KeyLookup,
  { list, only, patience }: HowToLook
): Effect.Effect<Look, never, UpstreamHttp> =>
  Effect.gen(function* () {
    const http = yield* UpstreamHttp
    const filled = Either.getOrElse(resolveProfile(profile, environment), () => profile)
    let seen: Omit<Look, "sight"> = {}
    const watched = UpstreamHttp.of({
      send: (request) =>
        Effect.gen(function* () {
          const sent = yield* Clock.currentTimeMillis
          const answer = yield* http.send(request)
          const received = yield* Clock.currentTimeMillis
          seen = { status: answer.status, ahead: aheadOf(answer.headers["date"], sent, received) }
          if (!list || answer.status !== 200) return answer
          const bytes = yield* collect(answer.body, longestList)
          const words = text.decode(bytes)
          if (parseJson(words) === undefined) seen = { ...seen, noJson: true }
          const names = listedNames(words)
          if (names !== undefined) {
            seen = { ...seen, listed: only === true ? names : yield* completed(http, request, filled, names) }
          }
          return { ...answer, body: bodyOf(bytes) }
        }).pipe(Effect.tapError(({ kind }) => Effect.sync(() => (seen = { ...seen, failure: kind }))))
    })
    const sight = yield* look(watched, probeOf(profile, environment, keys), patience)
    return { sight, ...seen }
  })

/** Whether somebody is asked over the network for the profile, by claudex. */
export const isAsked = (profile: Profile): boolean => !isOffline(profile) && !usesClaudeLogin(profile)

/** What a profile needs to be asked. */
export interface Prepared {
  readonly resolved: Either.Either<Profile, MissingVariable>
  readonly key: Either.Either<Option.Option<unknown>, MissingKey>
  /** Nothing is missing, and somebody is to be asked. */
  readonly asks: boolean
}

/** What a profile needs to be asked, and how that went. */
export interface Reached extends Omit<Prepared, "asks"> {
  /** Undefined when nobody was asked: something is missing, or nobody is to be asked. */
  readonly look: Look | undefined
}

export const prepare = (profile: Profile, environment: EnvironmentRecord, keys: KeyLookup): Effect.Effect<Prepared> =>
  Effect.map(Effect.either(resolveApiKey(profile, environment, keys)), (key) => {
    const resolved = resolveProfile(profile, environment)
    return { resolved, key, asks: Either.isRight(resolved) && Either.isRight(key) && isAsked(profile) }
  })

export const reach = (
  profile: Profile,
  environment: EnvironmentRecord,
  keys: KeyLookup,
  how: HowToLook
): Effect.Effect<Reached, never, UpstreamHttp> =>
  Effect.gen(function* () {
    const { asks, key, resolved } = yield* prepare(profile, environment, keys)
    return { resolved, key, look: asks ? yield* lookAt(profile, environment, keys, how) : undefined }
  })
