/** What tests of programs that use claudex need: fake upstreams as layers, generators, scripted answers. */

/** Chat Completions answers by meaning: stream records to be mixed freely, whole turns, errors. */
export * as ChatScript from "./upstreamChat.ts"
/** Responses answers of the same turns. */
export * as ResponsesScript from "./upstreamResponses.ts"
/** Anthropic answers of the same turns. */
export * as AnthropicScript from "./upstreamAnthropic.ts"
/** Answers of a scripted upstream as explicit steps: write, wait, end, destroy, stall. */
export * as UpstreamScript from "./upstreamScript.ts"
/** A real HTTP server on 127.0.0.1 that answers by script and remembers what it was asked. */
export { ScriptedUpstream, type Fallback, type Outcome, type RecordedRequest } from "./upstream.node.ts"

/** JSON values for tests, ways to break them, and choices that a seed decides. */
export * as JsonSamples from "./json.ts"
/** Texts, tool names and call ids, with the ones that break translators. */
export * as TextSamples from "./text.ts"
/** Anthropic requests: proper ones that reach every normalisation step, and broken ones. */
export * as AnthropicRequests from "./anthropicRequests.ts"
/** Content blocks of Anthropic requests, kind by kind. */
export * as AnthropicBlocks from "./anthropicBlocks.ts"
/** Tool definitions, tool choices and the JSON Schemas inside them. */
export * as AnthropicTools from "./anthropicTools.ts"
/** A strict judge of Anthropic event streams. */
export * as AnthropicGrammar from "./anthropicGrammar.ts"
/** What a client keeps of an Anthropic stream, and a judge of whole messages. */
export * as AnthropicMessages from "./anthropicMessage.ts"
/** A strict judge of Chat Completions requests. */
export * as ChatBodies from "./chatBody.ts"
/** A strict judge of Responses requests. */
export * as ResponsesBodies from "./responsesBody.ts"
/** A strict judge of Anthropic requests, as the API is one. */
export * as AnthropicBodies from "./anthropicBody.ts"
/** Chat Completions answers as what they mean: arbitrary turns with their ends. */
export * as ChatTurns from "./chatScript.ts"
/** The ways in which servers spread tool calls over stream deltas. */
export * as ChatCalls from "./chatCalls.ts"
/** Writes a turn down as a stream or a whole body, in the styles of real servers. */
export * as ChatRendering from "./chatRender.ts"
/** What a client must get from a turn: the oracle for a translator. */
export * as ChatMeaning from "./chatMeaning.ts"
/** The ways in which servers write Responses answers down. */
export * as ResponsesStyles from "./responsesStyle.ts"
/** Writes a turn down as Responses records or a whole Responses body, in the styles of real servers. */
export * as ResponsesRendering from "./responsesRender.ts"
/** Frames records as server-sent events, cuts and damages bytes. */
export * as SseBytes from "./sseBytes.ts"
/** The ways in which providers fail, each as the script of one answer. */
export * as Faults from "./faults.ts"
/** A provider on 127.0.0.1 that fails in all those ways. */
export { type FaultyRequest, type FaultyUpstream, makeFaultyUpstream } from "./faultyUpstream.node.ts"
