/**
 * Anthropic Messages requests as a client could send them. Every normalisation step N1-N16 of the wire specification is
 * reachable: attribution header, system text in the middle, runs of one role, blank texts, results that are missing,
 * doubled, out of order or of no call, server tools in the history, file sources, tool references, prefill.
 *
 * `anthropicRequest` is always to be accepted; `brokenRequest` may be refused but never crash anything.
 */
import { FastCheck as fc } from "effect"
import {
  documentBlock,
  foreignSignature,
  imageBlock,
  redactedBlock,
  result,
  serverToolBlocks,
  textBlock,
  thinkingBlock,
  toolUse,
  unreadableImage,
  userBlock
} from "./anthropicBlocks.ts"
import { inputSchema, partial, toolChoice, tools, wrongChoice } from "./anthropicTools.ts"
import { broken, dice, type Json, type JsonObject, jsonObject, jsonValue, oneOf, seed, seldom } from "./json.ts"
import { anyText, callId, text } from "./text.ts"

/** What may be steered from outside. */
export interface RequestOptions {
  /** Signatures for thinking and redacted blocks; by default none of ours. */
  readonly signature?: fc.Arbitrary<string>
  /** Whether each call has its own id in the whole conversation (default true). */
  readonly uniqueIds?: boolean
}

const billing = "x-anthropic-billing-header: cc_version=2.1.330.000; cc_entrypoint=cli;"

const system: fc.Arbitrary<Json> = oneOf<Json>(
  { weight: 2, arbitrary: anyText },
  { weight: 3, arbitrary: fc.array(textBlock, { maxLength: 3 }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(billing, `\n${billing}\n`), fc.array(textBlock, { maxLength: 2 }))
      .map(([header, blocks]) => [{ type: "text", text: header }, ...blocks])
  },
  { weight: 1, arbitrary: text.map((rest) => `${billing}\n${rest}`) },
  { weight: 1, arbitrary: text.map((rest) => `${rest}\n${billing}`) }
)

const systemMessage: fc.Arbitrary<JsonObject> = partial(
  {
    role: fc.constant("system"),
    content: oneOf<Json>(anyText, fc.array(textBlock, { maxLength: 2 }))
  },
  { clear_at: fc.constant("end"), output_config: fc.constant({ effort: "low" }) }
)

/** One user turn and the assistant turn that answers it, with a plan for the results of its calls. */
interface Round {
  readonly user: ReadonlyArray<JsonObject>
  readonly assistant: ReadonlyArray<JsonObject>
  /** Results for the calls in order, used as `answers` says. */
  readonly results: ReadonlyArray<JsonObject>
  readonly answers: ReadonlyArray<"once" | "twice" | "never">
  readonly orphan: { readonly id: string; readonly result: JsonObject } | undefined
  readonly system: JsonObject | undefined
  readonly layout: number
}

const assistantBlocks = (signature: fc.Arbitrary<string>): fc.Arbitrary<ReadonlyArray<JsonObject>> =>
  fc
    .array(
      oneOf<ReadonlyArray<JsonObject>>(
        { weight: 5, arbitrary: textBlock.map((block) => [block]) },
        { weight: 6, arbitrary: toolUse.map((block) => [block]) },
        { weight: 2, arbitrary: thinkingBlock(signature).map((block) => [block]) },
        { weight: 1, arbitrary: redactedBlock(signature).map((block) => [block]) },
        { weight: 1, arbitrary: serverToolBlocks }
      ),
      { maxLength: 4 }
    )
    .map((groups) => groups.flat())

const round = (signature: fc.Arbitrary<string>): fc.Arbitrary<Round> =>
  fc.record({
    user: fc.array(userBlock, { maxLength: 3 }),
    assistant: assistantBlocks(signature),
    results: fc.array(result, { minLength: 4, maxLength: 4 }),
    answers: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.constant<"once">("once") },
        { weight: 1, arbitrary: fc.constantFrom<"twice" | "never">("twice", "never") }
      ),
      { minLength: 4, maxLength: 4 }
    ),
    orphan: seldom(fc.record({ id: callId, result }), 6),
    system: seldom(systemMessage, 3),
    layout: seed
  })

const withId = (block: JsonObject, id: Json): JsonObject => ({ ...block, tool_use_id: id })

/** A message of these blocks; a lone text block may be written as a plain string. */
const message = (role: string, blocks: ReadonlyArray<JsonObject>, asString: boolean): JsonObject => {
  const [only] = blocks
  const plain = asString && blocks.length === 1 && only?.["type"] === "text" ? only["text"] : undefined
  return { role, content: plain ?? blocks }
}

/** Lays one round out as messages: results shuffled, user turn split, system text in between, as `layout` rolls. */
const layOut = (pending: ReadonlyArray<JsonObject>, next: Round): ReadonlyArray<JsonObject> => {
  const { roll } = dice(next.layout)
  const shuffled = [...pending]
  if (roll(3) === 1) shuffled.reverse()
  if (roll(4) === 1) shuffled.sort((a, b) => JSON.stringify(a).length - JSON.stringify(b).length)
  const before = roll(4) === 1 ? next.user.slice(0, 1) : []
  const user = [...before, ...shuffled, ...next.user.slice(before.length)]
  const at = roll(3) === 1 ? roll(user.length + 1) : user.length
  const halves = [user.slice(0, at), user.slice(at)].filter((half, index) => index === 0 || half.length > 0)
  const users = halves.map((half) => message("user", half, roll(2) === 1))
  const systems = next.system === undefined ? [] : [next.system]
  const between = roll(3) === 1
  const [first, ...rest] = users
  const start = first === undefined ? [] : [first]
  const opening = between ? [...systems, ...start, ...rest] : [...start, ...systems, ...rest]
  const assistantAt = roll(4) === 1 ? roll(next.assistant.length + 1) : next.assistant.length
  return [
    ...opening,
    message("assistant", next.assistant.slice(0, assistantAt), roll(2) === 1),
    ...(assistantAt < next.assistant.length
      ? [message("assistant", next.assistant.slice(assistantAt), roll(2) === 1)]
      : [])
  ]
}

/** The results that answer a round's calls. */
const answer = (done: Round): ReadonlyArray<JsonObject> => {
  const calls = done.assistant.filter((block) => block["type"] === "tool_use")
  const results = calls.flatMap((call, index) => {
    const own = withId(done.results[index % done.results.length] ?? { type: "tool_result" }, call["id"] ?? "")
    const plan = done.answers[index % done.answers.length]
    return plan === "never" ? [] : plan === "twice" ? [own, own] : [own]
  })
  return done.orphan === undefined ? results : [...results, withId(done.orphan.result, done.orphan.id)]
}

const layOutAll = (rounds: ReadonlyArray<Round>, last: Round, prefill: boolean): ReadonlyArray<JsonObject> => {
  const messages: Array<JsonObject> = []
  let pending: ReadonlyArray<JsonObject> = []
  for (const next of rounds) {
    messages.push(...layOut(pending, next))
    pending = answer(next)
  }
  const ending = layOut(
    pending,
    prefill
      ? { ...last, assistant: last.assistant.filter((b) => b["type"] !== "tool_use") }
      : { ...last, assistant: [] }
  )
  messages.push(
    ...ending.filter((m) => m["role"] !== "assistant" || (Array.isArray(m["content"]) ? m["content"].length > 0 : true))
  )
  return messages
}

/** Gives every call of the conversation its own id by numbering the repeats. */
const renumber = (rounds: ReadonlyArray<Round>): ReadonlyArray<Round> => {
  const seen = new Set<string>()
  const fresh = (id: Json | undefined): string => {
    let candidate = typeof id === "string" ? id : ""
    for (let copy = 2; seen.has(candidate); copy++)
      candidate = `${typeof id === "string" ? id.slice(0, 190) : ""}_${copy}`
    seen.add(candidate)
    return candidate
  }
  return rounds.map((item) => ({
    ...item,
    assistant: item.assistant.map((block) =>
      block["type"] === "tool_use" ? { ...block, id: fresh(block["id"]) } : block
    ),
    orphan: item.orphan === undefined ? undefined : { ...item.orphan, id: `orphan_${item.orphan.id}`.slice(0, 200) }
  }))
}

/** The messages alone. The first is never empty, so that something is left to send. */
export const anthropicMessages = (options: RequestOptions = {}): fc.Arbitrary<ReadonlyArray<JsonObject>> => {
  const signature = options.signature ?? foreignSignature
  return fc
    .record({
      opening: text,
      rounds: fc.array(round(signature), { maxLength: 2 }),
      last: round(signature),
      prefill: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) })
    })
    .map(({ opening, rounds, last, prefill }) => {
      const [first = last, ...rest] = options.uniqueIds === false ? [...rounds, last] : renumber([...rounds, last])
      const start: Round = { ...first, user: [{ type: "text", text: opening }, ...first.user] }
      const all = [start, ...rest]
      return layOutAll(all.slice(0, -1), all.at(-1) ?? start, prefill)
    })
}

/** Values in the fields that must never reach another provider; tests look for this word in the upstream body. */
export const canary = "canary-private-4711"

const sessionUser = JSON.stringify({
  device_id: canary,
  account_uuid: canary,
  session_id: "00000000-0000-4000-8000-000000000000"
})

/** Top-level fields besides model, messages and tools. */
const fields: fc.Arbitrary<JsonObject> = partial(
  {},
  {
    system,
    max_tokens: fc.constantFrom(1, 1024, 32_000, 128_000),
    stream: fc.boolean(),
    stop_sequences: fc.array(text, { maxLength: 6 }),
    temperature: fc.constantFrom(0, 0.7, 1),
    top_p: fc.constantFrom(0.1, 1),
    top_k: fc.constantFrom(1, 40),
    thinking: fc.constantFrom<Json>(
      { type: "enabled", budget_tokens: 1024 },
      { type: "enabled", budget_tokens: 31_999, display: "summarized" },
      { type: "adaptive", display: "omitted" },
      { type: "adaptive", display: "updates" },
      { type: "between_tools" },
      { type: "disabled" }
    ),
    output_config: oneOf<Json>(
      fc.constantFrom("low", "medium", "high", "xhigh", "max").map((effort) => ({ effort })),
      inputSchema.map((schema) => ({ effort: "high", format: { type: "json_schema", schema } })),
      fc.constant({ task_budget: { type: "tokens", total: 1000 } })
    ),
    output_format: inputSchema.map((schema) => ({ type: "json_schema", schema })),
    metadata: fc.constantFrom<Json>({ user_id: sessionUser }, { user_id: canary }),
    service_tier: fc.constantFrom("auto", "standard_only"),
    speed: fc.constantFrom("standard", "fast"),
    cache_control: fc.constant({ type: "ephemeral" }),
    container: fc.constant({ id: canary, skills: [] }),
    context_management: fc.constant({ edits: [{ type: "clear_thinking_20251015", keep: "all", note: canary }] }),
    safeguards: fc.constant([{ type: "dangerous_tool_use", cwd: canary }]),
    mcp_servers: fc.constant([]),
    betas: fc.constant([canary]),
    inference_geo: fc.constant(canary),
    some_future_field: oneOf<Json>(fc.constant(canary), jsonObject)
  }
)

const model: fc.Arbitrary<string> = fc.constantFrom("gpt-5-mini", "claude-sonnet-4-5", "grok-4[1m]", "claudex-m")

/** A whole request that a provider-independent gateway has to accept. */
export const anthropicRequest = (options: RequestOptions = {}): fc.Arbitrary<JsonObject> =>
  tools.chain((definitions) =>
    fc
      .record({
        model,
        messages: anthropicMessages(options),
        fields,
        choice: fc.option(toolChoice(definitions), { nil: undefined }),
        noTools: fc.boolean()
      })
      .map((drawn) => ({
        model: drawn.model,
        messages: drawn.messages,
        ...drawn.fields,
        ...(definitions.length === 0 && drawn.noTools ? {} : { tools: definitions }),
        ...(drawn.choice === undefined ? {} : { tool_choice: drawn.choice })
      }))
  )

/** A request that is wrong in some place, or not a request at all. */
export const brokenRequest: fc.Arbitrary<Json> = oneOf<Json>(
  { weight: 8, arbitrary: broken(anthropicRequest({ uniqueIds: false })) },
  { weight: 2, arbitrary: anthropicRequest({ uniqueIds: false }) },
  { weight: 1, arbitrary: anthropicRequest().map((request) => ({ ...request, tool_choice: wrongChoice })) },
  {
    weight: 2,
    // Damage that lands within a block, images and documents for the most part.
    arbitrary: fc
      .array(broken(oneOf<Json>(imageBlock, documentBlock, unreadableImage, userBlock)), { minLength: 1, maxLength: 3 })
      .map((content) => ({ model: "m", max_tokens: 1, messages: [{ role: "user", content }] }))
  },
  {
    weight: 1,
    arbitrary: fc.array(jsonValue, { maxLength: 3 }).map((messages) => ({ model: "m", max_tokens: 1, messages }))
  },
  { weight: 1, arbitrary: jsonValue }
)
