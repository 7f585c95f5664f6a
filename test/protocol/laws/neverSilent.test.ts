/**
 * Never silent: whatever of a request is not found again in what the provider is sent has a record, at its place or
 * above it. Each probe looks for one kind of thing in the client's body and in the provider's.
 */
import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { decodeRequest } from "../../../src/protocol/anthropic/request.ts"
import { encodeFor } from "../../../src/protocol/encode.ts"
import type { Loss } from "../../../src/protocol/loss.ts"
import type { Policy, Protocol } from "../../../src/protocol/policy.ts"
import type { Encoded } from "../../../src/protocol/target.ts"
import { anthropicRequest } from "../../../src/testing/anthropicRequests.ts"
import { isJsonObject, type Json, type JsonObject } from "../../../src/testing/json.ts"
import { runs } from "../../support/runs.ts"
import { policies, upstreamModel } from "./support/exchange.ts"
import { ownSignature } from "./support/signatures.ts"
import { holds } from "../../support/holds.ts"

/** One thing that the client asked for, and whether the provider is asked for it as well. */
interface Probe {
  readonly path: string
  /** A record at this place explains it as well. */
  readonly or?: string
  readonly carried: boolean
}

const list = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])
const objects = (value: Json | undefined): ReadonlyArray<JsonObject> => list(value).filter(isJsonObject)
const string = (value: Json | undefined): string => (typeof value === "string" ? value : "")
const field = (value: Json | undefined, key: string): Json | undefined => (isJsonObject(value) ? value[key] : undefined)
const said = (value: Json | undefined): boolean => value !== undefined && value !== null

/** Fields that every protocol has under some name, and those that say who asks. */
const common = ["model", "messages", "system", "tools", "stream", "max_tokens", "stop_sequences", "tool_choice"]
const own = ["temperature", "top_p", "top_k", "thinking", "output_config", "output_format", "speed", "cache_control"]

const fieldProbes = (asked: JsonObject, sent: JsonObject): ReadonlyArray<Probe> => {
  const same = (key: string): Probe => ({ path: key, carried: !said(asked[key]) || sent[key] === asked[key] })
  const limits = ["max_tokens", "max_completion_tokens", "max_output_tokens"].map((key) => sent[key])
  const stops = list(asked["stop_sequences"]).filter((stop) => stop !== "")
  const format = field(asked["output_config"], "format") ?? asked["output_format"]
  const wire = JSON.stringify(sent["response_format"] ?? sent["text"] ?? {})
  const names = objects(sent["tools"]).map((tool) => string(tool["name"]) || string(field(tool["function"], "name")))
  const choice = string(field(asked["tool_choice"], "type"))
  const searches = said(sent["plugins"]) || objects(sent["tools"]).some((tool) => tool["type"] === "web_search")
  return [
    ...["temperature", "top_p", "top_k"].map(same),
    { path: "max_tokens", carried: !said(asked["max_tokens"]) || limits.includes(asked["max_tokens"]) },
    { path: "stop_sequences", carried: stops.every((stop) => list(sent["stop"]).includes(stop)) },
    { path: "speed", carried: asked["speed"] !== "fast" || sent["service_tier"] === "priority" },
    { path: "output_config.format", carried: !said(format) || wire.includes('"json_schema"') },
    {
      path: "tool_choice",
      carried: !["any", "none", "tool"].includes(choice) || names.length === 0 || said(sent["tool_choice"])
    },
    {
      path: "tool_choice.disable_parallel_tool_use",
      carried:
        field(asked["tool_choice"], "disable_parallel_tool_use") !== true ||
        sent["parallel_tool_calls"] === false ||
        sent["tools"] === undefined
    },
    ...objects(asked["tools"]).map((tool, i) => ({
      path: `tools[${i}]`,
      // showing fewer tools is how some providers are told the choice
      or: "tool_choice",
      carried: names.includes(string(tool["name"])) || (/^web_search_\d/.test(string(tool["type"])) && searches)
    })),
    ...Object.keys(asked)
      .filter((key) => ![...common, ...own].includes(key) && said(asked[key]))
      .map((key) => ({ path: key, carried: false }))
  ]
}

const effortProbe = (asked: JsonObject, sent: JsonObject): ReadonlyArray<Probe> => {
  const effort = field(asked["output_config"], "effort")
  const kind = string(field(asked["thinking"], "type"))
  const told = string(sent["reasoning_effort"]) || string(field(sent["reasoning"], "effort"))
  const switched = string(field(sent["thinking"], "type"))
  const off = told === "none" || switched === "disabled" || field(sent["reasoning"], "enabled") === false
  if (kind === "disabled") return [{ path: "thinking", carried: off }]
  if (typeof effort === "string") return [{ path: "output_config.effort", carried: told === effort }]
  const budget = field(asked["thinking"], "budget_tokens")
  return [{ path: "thinking", carried: kind !== "enabled" || field(sent["reasoning"], "max_tokens") === budget }]
}

const mediaData = (block: JsonObject): string => {
  const source = block["source"]
  return string(field(source, "data")) || string(field(source, "url"))
}

/** What has no place in any other protocol: only a record can be found of it. A server tool's result goes with its use. */
const foreign = new Set(["search_result", "container_upload", "tool_reference", "server_tool_use"])

const blockProbes = (block: JsonObject, path: string, wire: string): ReadonlyArray<Probe> => {
  const type = string(block["type"])
  const inner = type === "tool_result" ? objects(block["content"]) : []
  const nested = inner.flatMap((one, i) => blockProbes(one, `${path}.content[${i}]`, wire))
  if (type === "image" || type === "document") {
    const data = mediaData(block)
    return [{ path, carried: data !== "" && wire.includes(JSON.stringify(data).slice(1, -1)) }]
  }
  if (type === "tool_result" && block["is_error"] === true) return [{ path, carried: false }, ...nested]
  if (type === "thinking" || type === "redacted_thinking") {
    const opaque = string(block["signature"]) || string(block["data"])
    return opaque.startsWith("cdx1.") ? [] : [{ path, carried: false }]
  }
  return foreign.has(type) ? [{ path, carried: false }, ...nested] : nested
}

const messageProbes = (asked: JsonObject, sent: JsonObject): ReadonlyArray<Probe> => {
  const wire = JSON.stringify(sent)
  return objects(asked["messages"]).flatMap((message, i) => {
    const path = `messages[${i}]`
    return objects(message["content"]).flatMap((block, j) => blockProbes(block, `${path}.content[${j}]`, wire))
  })
}

/** A record counts for everything below its place; one for several tools counts for each. */
const covers = ({ path }: Loss, place: string): boolean =>
  path === place ||
  place.startsWith(`${path}.`) ||
  place.startsWith(`${path}[`) ||
  path.startsWith(`${place}.`) ||
  (path === "output_config.effort" && place === "thinking")

const unexplained = (asked: JsonObject, { body, losses }: Encoded): ReadonlyArray<string> => {
  const sent: JsonObject = JSON.parse(JSON.stringify(body))
  return [...fieldProbes(asked, sent), ...effortProbe(asked, sent), ...messageProbes(asked, sent)]
    .filter(({ carried, or = "-", path }) => !carried && !losses.some((loss) => covers(loss, path) || loss.path === or))
    .map(({ path }) => path)
}

const encoded = (body: JsonObject, protocol: Protocol, policy: Policy): Encoded =>
  decodeRequest(body).pipe(
    Either.flatMap((conversation) => encodeFor(protocol, conversation, { model: upstreamModel, policy })),
    Either.getOrThrowWith((error) => new Error(error.message))
  )

describe("never silent", () => {
  it("whatever the provider is not sent has a record", async () => {
    await holds(
      fc.property(
        anthropicRequest({ signature: ownSignature }),
        fc.constantFrom<Protocol>("chat", "responses"),
        fc.constantFrom(...policies),
        (body, protocol, policy) => {
          const exchange = encoded(body, protocol, policy)
          fc.pre(exchange.local === undefined)
          expect(unexplained(body, exchange)).toEqual([])
        }
      ),
      { numRuns: runs * 2 }
    )
  })

  it("records hold nothing of what was said", async () => {
    const secret = "correct-horse-battery-staple"
    const planted = (value: Json): Json =>
      typeof value === "string" && value.length > 3 && !/^[a-z_0-9]+$/.test(value)
        ? secret
        : Array.isArray(value)
          ? value.map(planted)
          : isJsonObject(value)
            ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, planted(inner)]))
            : value
    await holds(
      fc.property(
        anthropicRequest(),
        fc.constantFrom<Protocol>("chat", "responses"),
        fc.constantFrom(...policies),
        (body, protocol, policy) => {
          const messages = planted(body["messages"] ?? [])
          const decoded = decodeRequest({ ...body, messages })
          const exchange = Either.flatMap(decoded, (conversation) =>
            encodeFor(protocol, conversation, { model: upstreamModel, policy })
          )
          fc.pre(Either.isRight(exchange))
          expect(JSON.stringify(Either.getOrUndefined(exchange)?.losses)).not.toContain(secret)
        }
      ),
      { numRuns: runs }
    )
  })
})
