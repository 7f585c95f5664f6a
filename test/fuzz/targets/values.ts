/** What providers say of failures, and what clients say of their tools. */
import { fromErrorObject, fromUpstream, rateLimitHeaders, type UpstreamFailure } from "../../../src/protocol/errors.ts"
import { isDeeperThan } from "../../../src/protocol/json.ts"
import { adaptSchema } from "../../../src/protocol/jsonSchema.ts"
import type { Dice } from "../../../src/testing/json.ts"
import { say, type Wrong } from "../../../src/testing/judge.ts"
import { providers } from "../../protocol/upstreamErrors/providers/index.ts"
import { levels, refusals } from "../../protocol/schemaLevels.ts"
import type { FuzzTarget } from "../engine.ts"
import { anySchema } from "../material.ts"
import { spoiltBytes, spoiltJson } from "../mutate.ts"
import { errorWrongs, parse } from "../oracles.ts"

const secret = "sk-fuzz-0123456789abcdef0123456789abcdef"

/** Bodies that real providers send with a failure; some repeat the key. */
const bodies: ReadonlyArray<string> = providers.flatMap(({ cases }) =>
  cases.map(({ given }) => ("inside" in given ? JSON.stringify(given.inside) : given.response.body))
)

const bodyOf = (random: Dice): string => {
  const body = bodies[random.roll(bodies.length)] ?? ""
  return random.roll(4) === 0 ? body.replace(/"([^"]* [^"]*)"/, `"$1 ${secret} $1"`) : body
}

const waits = [
  "1",
  "0",
  "-3",
  "1e9",
  "NaN",
  "",
  "6m0s",
  "120ms",
  "Wed, 21 Oct 2026 07:28:00 GMT",
  "99999999999999999999",
  "1,5"
]
const waitHeaders = [
  "retry-after",
  "retry-after-ms",
  "x-ratelimit-reset-requests",
  "x-ratelimit-reset-tokens",
  "x-ratelimit-limit-requests",
  "x-ratelimit-remaining-requests",
  "x-codex-primary-reset-at",
  "x-ratelimit-reset"
]

const headersOf = (random: Dice): UpstreamFailure["headers"] =>
  Object.fromEntries(
    waitHeaders.filter(() => random.roll(4) === 0).map((name) => [name, waits[random.roll(waits.length)] ?? ""])
  )

const statuses = [
  200, 301, 400, 401, 402, 403, 404, 405, 408, 409, 413, 418, 422, 429, 499, 500, 501, 502, 503, 504, 529, 599
]

const errorWrongsOf = (input: Uint8Array, random: Dice): Wrong => {
  const body = new TextDecoder().decode(input)
  const about = {
    provider: "acme",
    model: "acme-1",
    secrets: [secret],
    now: Date.UTC(2026, 0, 1),
    ...(random.roll(2) === 0 ? {} : { estimate: 100_000, window: 128_000, maxTokens: 32_000, host: "api.acme.example" })
  }
  const headers = headersOf(random)
  const status = statuses[random.roll(statuses.length)] ?? 500
  const errors = [fromUpstream({ status, headers, body }, about), fromErrorObject(parse(body) ?? body, about)]
  const limits = Object.entries(rateLimitHeaders(headers, about.now))
  return [
    ...errors.flatMap(errorWrongs),
    ...say(
      errors.every(({ message }) => !message.includes(secret)),
      "the key in a message"
    ),
    ...limits.flatMap(([name, value]) => say(/^[\x20-\x7e]+$/.test(value), `header ${name}: ${JSON.stringify(value)}`))
  ]
}

const schemaWrongs = (input: Uint8Array, random: Dice): Wrong => {
  const schema = parse(new TextDecoder().decode(input))
  const level = random.pick(["base", ...levels] as const)
  const before = isDeeperThan(2000, schema) ? undefined : JSON.stringify(schema)
  const adapted = adaptSchema(schema, level)
  const text = JSON.stringify(adapted)
  return [
    ...say(adapted["type"] === "object", `the root is of type ${JSON.stringify(adapted["type"])}`),
    ...say(JSON.stringify(adaptSchema(parse(text), level)) === text, `not the same when adapted twice to ${level}`),
    ...refusals(level, adapted).map((what) => `${level} refuses ${what}`),
    ...say(before === undefined || JSON.stringify(schema) === before, "the client's schema was changed")
  ].slice(0, 3)
}

export const valueTargets: ReadonlyArray<FuzzTarget> = [
  { name: "error", cases: 1000, make: spoiltBytes(bodyOf), judge: errorWrongsOf },
  { name: "schema", cases: 800, make: spoiltJson(anySchema), judge: schemaWrongs }
]
