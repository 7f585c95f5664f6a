/** How the laws drive the translators: policies, contexts of requests, streams played chunk by chunk. */
import { Either } from "effect"
import { decodeRequest } from "../../../../src/protocol/anthropic/request.ts"
import { type Policy, genericPolicy, type Protocol } from "../../../../src/protocol/policy.ts"
import { type ChatExchange, encodeRequest } from "../../../../src/protocol/chat/request.ts"
import { encodeFor } from "../../../../src/protocol/encode.ts"
import type { TurnContext } from "../../../../src/protocol/context.ts"
import type { GatewayError } from "../../../../src/protocol/errors.ts"
import { turnStream, wholeAnswer } from "../../../../src/protocol/translate.ts"
import { type ChatStyle, renderChatStream } from "../../../../src/testing/chatRender.ts"
import { scriptStops, scriptTools, type TurnScript } from "../../../../src/testing/chatScript.ts"
import { type Json, type JsonObject } from "../../../../src/testing/json.ts"
import { type Chunking, cut, frame, type Framing, type StreamRecord } from "../../../../src/testing/sseBytes.ts"

/** A first-party service of many abilities. */
export const richPolicy: Policy = {
  ...genericPolicy,
  kind: "rich",
  systemRole: "developer",
  systemPlacement: "inline",
  maxTokensField: "max_completion_tokens",
  strictTools: true,
  pdf: "file",
  effort: "reasoning_effort",
  efforts: ["low", "medium", "high"],
  thinkTags: false,
  cacheKey: true
}

/** A local server that can do little. */
export const poorPolicy: Policy = {
  ...genericPolicy,
  kind: "poor",
  systemPlacement: "hoist",
  streamUsage: false,
  maxStop: 1,
  sampling: [],
  toolChoice: "none",
  parallelFlag: false,
  emptyContent: "string",
  emptyResult: "(no output)",
  imageUrls: "data-only",
  vision: false,
  structuredOutput: "prompt",
  prefill: "note"
}

/** A server that takes images in results and wants reasoning back. */
export const replayPolicy: Policy = {
  ...genericPolicy,
  kind: "replay",
  toolChoice: "words",
  resultMedia: "inline-parts",
  structuredOutput: "json_object",
  reasoningReplay: "reasoning_content",
  reasoningFallback: " ",
  sampling: ["temperature", "top_p", "top_k"]
}

/** A server with ids of nine letters that takes reasoning back among its content, and searches the web by a tool. */
export const partsPolicy: Policy = {
  ...genericPolicy,
  kind: "parts",
  idPattern: /^[a-zA-Z0-9]{9}$/,
  emptyContent: "string",
  prefill: "prefix",
  reasoningReplay: "parts",
  thinkingSwitch: "thinking",
  webSearch: "web_search_tool"
}

/** A server that wants its signatures back, is asked for effort in an object and for searches by a plugin. */
export const signedPolicy: Policy = {
  ...genericPolicy,
  kind: "signed",
  schemaLevel: "gemini",
  namePattern: /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/,
  reasoningReplay: "thought_signature",
  effort: "reasoning",
  efforts: ["none", "low", "medium", "high"],
  webSearch: "plugins"
}

export const policies: ReadonlyArray<Policy> = [
  genericPolicy,
  richPolicy,
  poorPolicy,
  replayPolicy,
  partsPolicy,
  signedPolicy
]

export const upstreamModel = "upstream-model"

/** Anthropic body → Chat exchange, both steps. */
export const toChat = (body: unknown, policy: Policy): Either.Either<ChatExchange, GatewayError> =>
  decodeRequest(body).pipe(
    Either.flatMap((conversation) => encodeRequest(conversation, { model: upstreamModel, policy }))
  )

/** The exchange of a request that has to be accepted; a refusal fails the test with its reason. */
export const accepted = (body: unknown, policy: Policy): ChatExchange =>
  Either.getOrThrowWith(toChat(body, policy), (error) => new Error(`refused: ${error.status} ${error.message}`))

/** Upstream messages of an exchange as plain JSON, as they go over the wire. */
export const wireMessages = (exchange: ChatExchange): ReadonlyArray<JsonObject> => {
  const { messages }: { messages: ReadonlyArray<JsonObject> } = JSON.parse(JSON.stringify(exchange.body))
  return messages
}

/** What the request that a script answers looks like. */
export interface ContextOptions {
  readonly policy?: Policy
  readonly tools?: ReadonlyArray<string>
  readonly stopSequences?: ReadonlyArray<string>
  readonly protocol?: Protocol
}

/** The context of a small request that offers tools. */
export const contextFor = (options: ContextOptions = {}): TurnContext => {
  const body = {
    model: "client-model[1m]",
    max_tokens: 1000,
    stream: true,
    messages: [{ role: "user", content: "hello" }],
    stop_sequences: options.stopSequences ?? scriptStops,
    tools: (options.tools ?? scriptTools).map((name) => ({ name, input_schema: { type: "object" } }))
  }
  const target = { model: upstreamModel, policy: options.policy ?? richPolicy }
  const encoded = decodeRequest(body).pipe(
    Either.flatMap((conversation) => encodeFor(options.protocol ?? "chat", conversation, target))
  )
  return Either.getOrThrowWith(encoded, (error) => new Error(`refused: ${error.status} ${error.message}`)).context
}

/** What a client sees of one stream. */
export interface Played {
  /** All SSE text, in the pieces in which it was produced. */
  readonly pieces: ReadonlyArray<string>
  readonly sse: string
  readonly failure: GatewayError | undefined
  readonly usage: unknown
}

/** Plays network chunks through a fresh stream as the gateway does: until it is done, else to the clean end. */
export const play = (context: TurnContext, chunks: ReadonlyArray<Uint8Array>): Played => {
  const stream = turnStream(context)
  const pieces: Array<string> = []
  for (const chunk of chunks) {
    if (stream.phase() === "done") break
    pieces.push(stream.push(chunk))
  }
  if (stream.phase() !== "done") pieces.push(stream.end())
  return { pieces, sse: pieces.join(""), failure: stream.failure(), usage: stream.usage() }
}

/** A way to write a script down and to send it. */
export interface Manner {
  readonly style: ChatStyle
  readonly framing: Framing
  readonly chunking: Chunking
}

export const records = (script: TurnScript, manner: Pick<Manner, "style">): ReadonlyArray<StreamRecord> =>
  renderChatStream(script, manner.style)

export const send = (script: TurnScript, { style, framing, chunking }: Manner): ReadonlyArray<Uint8Array> =>
  cut(frame(renderChatStream(script, style), framing).bytes, chunking)

export const playScript = (context: TurnContext, script: TurnScript, manner: Manner): Played =>
  play(context, send(script, manner))

/** A whole answer as plain JSON, or the failure. */
export const playWhole = (
  context: TurnContext,
  body: Json
): { readonly message?: JsonObject; readonly failure?: GatewayError } =>
  Either.match(wholeAnswer(context, JSON.stringify(body)), {
    onLeft: (failure) => ({ failure }),
    onRight: ({ message }) => {
      const plain: JsonObject = JSON.parse(JSON.stringify(message))
      return { message: plain }
    }
  })

const generatedCall = /^toolu_[0-9A-Za-z]{24}$/
const generatedMessage = /"msg_[0-9A-Za-z]{24}"/g

/** SSE text without the ids that are random. */
export const withoutRandomIds = (sse: string): string =>
  sse.replace(generatedMessage, '"msg_*"').replace(/"id":"toolu_[0-9A-Za-z]{24}"/g, '"id":"toolu_*"')

export const isGenerated = (id: string): boolean => generatedCall.test(id)
