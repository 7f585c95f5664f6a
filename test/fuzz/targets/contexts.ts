/** The requests that fuzzed answers belong to. */
import type { TurnContext } from "../../../src/protocol/context.ts"
import { makeNameMap } from "../../../src/protocol/names.ts"

/** A request that left everything to the provider. */
export const plain: TurnContext = {
  model: "claude-test[1m]",
  names: makeNameMap(["Read", "Bash", "mcp__srv__find", "web_search"]),
  seenIds: new Set(["call_0"]),
  stopSequences: ["STOP"],
  enforceStop: [],
  estimate: 40,
  thinkTags: false,
  provider: "acme",
  secrets: [],
  kind: "generic",
  upstreamModel: "acme-1",
  protocol: "chat",
  reasoningExtra: false,
  citations: "none"
}

const stops = ["STOP", "a", "lorem"]

/** What requests may have asked for, and what providers are known for. */
export const contexts: readonly [TurnContext, ...ReadonlyArray<TurnContext>] = [
  plain,
  plain,
  { ...plain, stopSequences: stops, enforceStop: stops, thinkTags: true, citations: "text" },
  { ...plain, search: "what was asked", reasoningExtra: true, seenIds: new Set() },
  { ...plain, thinkTags: true, optionalTexts: new Map([["Read", new Set(["file_path", "pages"])]]) }
]
