/** What tests of programs that use claudex need: fake upstreams as layers, generators, scripted answers. */

/** Chat Completions answers by meaning: stream records to be mixed freely, whole turns, errors. */
export * as ChatScript from "./upstreamChat.ts"
/** Answers of a scripted upstream as explicit steps: write, wait, end, destroy, stall. */
export * as UpstreamScript from "./upstreamScript.ts"
/** A real HTTP server on 127.0.0.1 that answers by script and remembers what it was asked. */
export { ScriptedUpstream, type Fallback, type Outcome, type RecordedRequest } from "./upstream.node.ts"
