/** Requests of clients, and what becomes of them for every provider of the table. */
import { Either } from "effect"
import { decodeRequest as fromAnthropic } from "../../../src/protocol/anthropic/request.ts"
import { encodeRequest as toAnthropic } from "../../../src/protocol/anthropic/requestEncoder.ts"
import { decodeRequest as fromChat } from "../../../src/protocol/chat/request.ts"
import type { Conversation } from "../../../src/protocol/conversation.ts"
import { encodeFor } from "../../../src/protocol/encode.ts"
import type { GatewayError } from "../../../src/protocol/errors.ts"
import type { Policy, Protocol } from "../../../src/protocol/policy.ts"
import { decodeRequest as fromResponses } from "../../../src/protocol/responses/requestDecoder.ts"
import { policyFor } from "../../../src/provider/quirks.ts"
import { generic, providers } from "../../../src/provider/table/index.ts"
import { chatBodyViolations } from "../../../src/testing/chatBody.ts"
import type { Dice } from "../../../src/testing/json.ts"
import { say, type Wrong } from "../../../src/testing/judge.ts"
import { responsesBodyViolations } from "../../../src/testing/responsesBody.ts"
import type { FuzzTarget } from "../engine.ts"
import { anthropicRequests } from "../material.ts"
import { spoiltJson } from "../mutate.ts"
import { errorWrongs, parse } from "../oracles.ts"

interface Provider {
  readonly protocol: Protocol
  readonly model: string
  readonly policy: Policy
}

/** Every provider with each of its kinds of models, over both protocols. */
const everyone: ReadonlyArray<Provider> = [...providers, generic].flatMap((row) =>
  ["some-model", ...(row.models ?? []).map(({ example }) => example)].flatMap((model) =>
    (["chat", "responses"] as const).map((protocol) => ({
      protocol,
      model,
      policy: policyFor({ baseUrl: row.example, dialect: row.kind }, model, protocol)
    }))
  )
)

const judges = { chat: chatBodyViolations, responses: responsesBodyViolations }

/** A refusal of the client's own making, which says where the fault is. */
const refusalWrongs = (error: GatewayError): Wrong => [
  ...errorWrongs(error),
  ...say(error.status === 400 && error.type === "invalid_request_error", `refused with ${error.status} ${error.type}`),
  ...say(/^[a-z_]+(?:\[\d+\]|\.[A-Za-z_]+)*:? /.test(error.message), `a refusal without a path: ${error.message}`)
]

const sentWrongs = (conversation: Conversation, { model, policy, protocol }: Provider): Wrong =>
  Either.match(encodeFor(protocol, conversation, { model, policy }), {
    onLeft: refusalWrongs,
    onRight: (encoded) => {
      if (encoded.local !== undefined) return []
      const body: unknown = JSON.parse(JSON.stringify(encoded.body))
      return judges[protocol](body, policy)
        .slice(0, 3)
        .map((text) => `${policy.kind}, ${protocol}, ${model}: ${text}`)
    }
  })

const some = (random: Dice): ReadonlyArray<Provider> =>
  Array.from({ length: 2 }, () => everyone[random.roll(everyone.length)]).filter((one) => one !== undefined)

type Decode = (body: unknown) => Either.Either<Conversation, GatewayError>

const decoded =
  (decode: Decode, rest: (conversation: Conversation, random: Dice) => Wrong): FuzzTarget["judge"] =>
  (input, random) => {
    const body = parse(new TextDecoder().decode(input))
    return body === undefined
      ? []
      : Either.match(decode(body), { onLeft: refusalWrongs, onRight: (conversation) => rest(conversation, random) })
  }

const forSome = (conversation: Conversation, random: Dice): Wrong =>
  some(random).flatMap((provider) => sentWrongs(conversation, provider))

/** A request in OpenAI's words: what Chat or Responses makes of a client's request, before it is spoilt. */
const translated =
  (protocol: Protocol) =>
  (random: Dice): string => {
    const providersOf = everyone.filter((one) => one.protocol === protocol)
    const provider = providersOf[random.roll(providersOf.length)]
    const sent = Either.flatMap(fromAnthropic(parse(anthropicRequests(random))), (conversation) =>
      provider === undefined
        ? Either.left(undefined)
        : Either.mapLeft(encodeFor(protocol, conversation, provider), () => undefined)
    )
    return Either.match(sent, { onLeft: () => "{}", onRight: ({ body }) => JSON.stringify(body) })
  }

export const requestTargets: ReadonlyArray<FuzzTarget> = [
  {
    name: "request",
    cases: 350,
    make: spoiltJson(anthropicRequests),
    judge: decoded(fromAnthropic, (conversation, random) => {
      JSON.stringify(toAnthropic(conversation))
      return forSome(conversation, random)
    })
  },
  {
    name: "chat-request",
    cases: 250,
    make: spoiltJson(translated("chat")),
    judge: decoded(fromChat, forSome)
  },
  {
    name: "responses-request",
    cases: 250,
    make: spoiltJson(translated("responses")),
    judge: decoded((body) => fromResponses(body), forSome)
  }
]
