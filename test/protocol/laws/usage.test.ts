import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { accumulateSse } from "../../../src/testing/anthropicMessage.ts"
import { meantUsage } from "../../../src/testing/chatMeaning.ts"
import { type ChatStyle, plainStyle, renderChatBody } from "../../../src/testing/chatRender.ts"
import { goodEnd, type ScriptUsage, turnScript } from "../../../src/testing/chatScript.ts"
import { isJsonObject, type Json, type JsonObject, jsonValue } from "../../../src/testing/json.ts"
import { frame, plainFraming } from "../../../src/testing/sseBytes.ts"
import { runs } from "../../support/runs.ts"
import { contextFor, play, playScript, playWhole, richPolicy } from "./support/exchange.ts"
import { manner } from "./support/manners.ts"
import { holds } from "../../support/holds.ts"

const context = contextFor()

const usageOf = (message: JsonObject | undefined): JsonObject => {
  const usage = message?.["usage"]
  return isJsonObject(usage) ? usage : {}
}

const answered = turnScript({ end: goodEnd }).filter(({ end, steps }) => end.type === "finish" || steps.length > 0)
const reporting = answered.filter(({ usage }) => usage !== undefined)

const thinking = (usage: ScriptUsage | undefined, words: ChatStyle["usageWords"]): number | undefined =>
  usage === undefined || words === "total" || (usage.reasoning === 0 && words !== "openai" && words !== "xai")
    ? undefined
    : usage.reasoning

const counters = ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]

const expectCounters = (usage: JsonObject): void => {
  for (const key of counters) {
    const value = usage[key]
    expect(Number.isSafeInteger(value) && Number(value) >= 0, `${key} ${String(value)}`).toBe(true)
  }
}

/** The whole body of an answer "hi" with this usage object. */
const withUsage = (usage: Json): JsonObject => ({
  ...renderChatBody(
    { steps: [{ type: "text", text: "hi" }], usage: undefined, end: { type: "finish", reason: "stop" } },
    plainStyle
  ),
  usage
})

describe("L14 usage", () => {
  it("input + cache_read + cache_creation = prompt_tokens and output = completion_tokens, wherever usage stands", async () => {
    await holds(
      fc.property(reporting, manner, (script, how) => {
        if (script.usage === undefined) return
        const meant = meantUsage(script.usage)
        const details = thinking(script.usage, how.style.usageWords)
        const expected = {
          ...meant,
          ...(details === undefined ? {} : { output_tokens_details: { thinking_tokens: details } })
        }
        const streamed = usageOf(accumulateSse(playScript(context, script, how).sse).message)
        expect(streamed).toEqual(expected)
        expect(usageOf(playWhole(context, renderChatBody(script, how.style)).message)).toEqual(expected)
      }),
      { numRuns: runs }
    )
  })

  it("what the provider reported is also what the gateway's own records get", async () => {
    await holds(
      fc.property(reporting, manner, (script, how) => {
        if (script.usage === undefined) return
        const { prompt, cached, written, completion } = script.usage
        expect(playScript(context, script, how).usage).toMatchObject({
          inputTokens: prompt - cached - written,
          cacheReadTokens: cached,
          cacheWriteTokens: written,
          outputTokens: completion
        })
      }),
      { numRuns: runs }
    )
  })

  it("a provider that reports nothing leaves an estimate, never a zero prompt", async () => {
    await holds(
      fc.property(answered, manner, (script, how) => {
        const silent = { ...script, usage: undefined }
        const played = playScript(context, silent, how)
        const usage = usageOf(accumulateSse(played.sse).message)
        expectCounters(usage)
        expect(usage["input_tokens"]).toBe(context.estimate)
        expect(played.usage).toBeUndefined()
      }),
      { numRuns: runs }
    )
  })

  it("counters of any JSON become integers that are not negative", async () => {
    const names = fc.constantFrom(
      "prompt_tokens",
      "completion_tokens",
      "total_tokens",
      "prompt_tokens_details",
      "completion_tokens_details",
      "prompt_cache_hit_tokens",
      "cached_tokens",
      "cache_read_input_tokens",
      "cache_creation_input_tokens"
    )
    const details = fc.dictionary(
      fc.constantFrom("cached_tokens", "cache_write_tokens", "reasoning_tokens"),
      jsonValue,
      { noNullPrototype: true }
    )
    const usage = fc.oneof(
      jsonValue,
      fc.dictionary(names, fc.oneof(jsonValue, details, fc.integer(), fc.double({ noNaN: true })), {
        noNullPrototype: true
      })
    )
    await holds(
      fc.property(usage, (value) => {
        const { message, failure } = playWhole(context, withUsage(value))
        expect(failure).toBeUndefined()
        expectCounters(usageOf(message))
        const record = {
          data: { choices: [{ index: 0, delta: { content: "hi" }, finish_reason: "stop" }], usage: value },
          terminal: true
        }
        expectCounters(usageOf(accumulateSse(play(context, [frame([record], plainFraming).bytes]).sse).message))
      }),
      { numRuns: runs }
    )
  })

  it.each<readonly [string, JsonObject, JsonObject]>([
    [
      "of 4017 prompt tokens 4004 are cached and 10 written",
      {
        prompt_tokens: 4017,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 4004, cache_write_tokens: 10 }
      },
      { input_tokens: 3, cache_read_input_tokens: 4004, cache_creation_input_tokens: 10, output_tokens: 5 }
    ],
    [
      "more is cached than the prompt counts, as on xAI",
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 64 } },
      { input_tokens: 10, cache_read_input_tokens: 64, cache_creation_input_tokens: 0, output_tokens: 5 }
    ],
    [
      "completion tokens are missing and the total is not",
      { prompt_tokens: 10, total_tokens: 25 },
      { input_tokens: 10, cache_read_input_tokens: 0, cache_creation_input_tokens: 0, output_tokens: 15 }
    ],
    [
      "the total counts reasoning besides the completion",
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 22, completion_tokens_details: { reasoning_tokens: 7 } },
      {
        input_tokens: 10,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
        output_tokens: 12,
        output_tokens_details: { thinking_tokens: 7 }
      }
    ]
  ])("%s", (_, reported, expected) => {
    expect(usageOf(playWhole(context, withUsage(reported)).message)).toEqual(expected)
  })

  it("a host that never counts reasoning gets it added", () => {
    const host = contextFor({ policy: { ...richPolicy, reasoningExtra: true } })
    const reported = { prompt_tokens: 1, completion_tokens: 2, completion_tokens_details: { reasoning_tokens: 3 } }
    expect(usageOf(playWhole(host, withUsage(reported)).message)).toMatchObject({ output_tokens: 5 })
  })
})
