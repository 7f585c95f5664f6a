/**
 * The demo model: a pure function from a Chat Completions request to one turn. It is deterministic (the same request
 * gives the same turn, identifiers included), honest about what it cannot do, and keeps the request's limits.
 */
import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex } from "@noble/hashes/utils"
import { Either } from "effect"
import { planOf, type Offer, type Step } from "./plan.ts"
import { readRequest, type DemoRequest } from "./request.ts"
import { sample } from "./sample.ts"
import { wishesOf } from "./skills.ts"
import { announcement, report, smallTalkFor, thoughts, titleOf } from "./speech.ts"
import { sampleArguments } from "./tools.ts"

/** One call; the pieces of its arguments are JSON text once they are joined. */
export interface TurnCall {
  readonly id: string
  readonly name: string
  readonly args: ReadonlyArray<string>
}

/** What the model says, cut into the pieces in which it is streamed. One piece is one token. */
export interface DemoTurn {
  readonly id: string
  readonly model: string
  readonly reasoning: ReadonlyArray<string>
  readonly text: ReadonlyArray<string>
  readonly calls: ReadonlyArray<TurnCall>
  readonly finish: "stop" | "tool_calls" | "length"
  /** The stop sequence that ended the text. */
  readonly stopSequence: string | undefined
  readonly usage: {
    readonly promptTokens: number
    readonly cachedTokens: number
    readonly completionTokens: number
    readonly reasoningTokens: number
  }
  readonly stream: boolean
  readonly streamUsage: boolean
}

/** With fewer tokens than this the model does not spend any on reasoning. */
const thriftBelow = 64

const utf8 = new TextEncoder()
const hashOf = (text: string): string => bytesToHex(sha256(utf8.encode(text))).slice(0, 24)

/** Pieces of about a word; never cut inside a character, joined they are the text. */
const piecesOf = (text: string): ReadonlyArray<string> => text.match(/\s*\S{1,12}|\s+$/gu) ?? []

interface Draft {
  readonly reasoning: string
  readonly text: string
  readonly offers: ReadonlyArray<Offer>
}

const mayCall = (offer: Offer, request: DemoRequest): boolean =>
  typeof request.toolChoice === "object" ? offer.tool.name === request.toolChoice.name : request.toolChoice !== "none"

/** The call that `tool_choice` insists on although nothing in the prompt asks for it. */
const forced = ({ toolChoice, tools }: DemoRequest): ReadonlyArray<Offer> => {
  const tool =
    typeof toolChoice === "object"
      ? tools.find((one) => one.name === toolChoice.name)
      : toolChoice === "required"
        ? tools[0]
        : undefined
  return tool === undefined ? [] : [{ tool, args: sampleArguments(tool) }]
}

const answerText = (steps: ReadonlyArray<Step>, request: DemoRequest): string => {
  const { format } = request
  if (format.type === "schema") return JSON.stringify(sample(format.schema, titleOf(request.prompt)))
  const text = steps.length > 0 ? report(steps, request) : smallTalkFor(request)
  return format.type === "json" ? JSON.stringify({ answer: text }) : text
}

const draftOf = (request: DemoRequest): Draft => {
  const steps = planOf(wishesOf(request.prompt), request)
  const pending = steps.flatMap((step) => (step.state === "pending" && mayCall(step.offer, request) ? [step] : []))
  const now = request.parallel ? pending : pending.slice(0, 1)
  const offers = now.length > 0 ? now.map((step) => step.offer) : forced(request)
  const names = offers.map((offer) => offer.tool.name)
  return {
    reasoning: thoughts(offers.length > 0 ? now : steps, names, request),
    text: now.length > 0 ? announcement(now) : offers.length > 0 ? "" : answerText(steps, request),
    offers
  }
}

/** The text up to the first stop sequence in it. */
const stopAt = (text: string, stops: ReadonlyArray<string>): { text: string; sequence: string | undefined } => {
  const [first] = stops
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at)
  return first === undefined
    ? { text, sequence: undefined }
    : { text: text.slice(0, first.at), sequence: first.sequence }
}

/** Hands out at most `limit` pieces over all parts of a turn, in order. */
const budget = (limit: number) => {
  let left = limit
  return {
    take: (pieces: ReadonlyArray<string>): ReadonlyArray<string> => {
      const taken = pieces.slice(0, Math.max(0, left))
      left -= pieces.length
      return taken
    },
    spent: () => left < 0,
    empty: () => left <= 0
  }
}

const turnOf = (request: DemoRequest, seed: string): DemoTurn => {
  const draft = draftOf(request)
  const limit = request.maxTokens ?? Number.POSITIVE_INFINITY
  const tokens = budget(limit)
  const stopped = stopAt(draft.text, request.stop)
  const reasoning = tokens.take(limit < thriftBelow ? [] : piecesOf(draft.reasoning))
  const text = tokens.take(piecesOf(stopped.text))
  const calls: Array<TurnCall> = []
  for (const [index, { args, tool }] of (stopped.sequence === undefined ? draft.offers : []).entries()) {
    // a call costs at least one token: without any left it was never begun
    const cut = tokens.empty()
    const pieces = tokens.take(piecesOf(JSON.stringify(args)))
    if (!cut) calls.push({ id: `call_${hashOf(`${seed}:${index}`)}`, name: tool.name, args: pieces })
  }
  const spoken = reasoning.length + text.length + calls.reduce((sum, call) => sum + call.args.length, 0)
  return {
    id: `chatcmpl-${seed}`,
    model: request.model,
    reasoning,
    text,
    calls,
    finish: tokens.spent() ? "length" : calls.length > 0 ? "tool_calls" : "stop",
    stopSequence: tokens.spent() ? undefined : stopped.sequence,
    usage: {
      promptTokens: request.promptTokens,
      cachedTokens: request.cachedTokens,
      completionTokens: spoken,
      reasoningTokens: reasoning.length
    },
    stream: request.stream,
    streamUsage: request.streamUsage
  }
}

/** The turn that answers a request body; Left holds what is wrong with the body. */
export const demoTurn = (body: unknown): Either.Either<DemoTurn, string> =>
  Either.map(readRequest(body), (request) => turnOf(request, hashOf(JSON.stringify(body))))
