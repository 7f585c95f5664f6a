/** Usage in all its dialects as one partition: §4.12 with its worked examples. */
import { describe, expect, test } from "vitest"
import { fromChatUsage, toChatUsage } from "../../../src/protocol/chat/usage.ts"
import type { Json } from "../../../src/testing/json.ts"

/** input, cache read, cache write, output, reasoning */
type Counts = readonly [input: number, read: number, write: number, output: number, reasoning?: number]

const counted = (usage: Json, reasoningExtra = false): Counts | undefined => {
  const known = fromChatUsage(usage, reasoningExtra)
  if (known === undefined) return undefined
  const { cacheReadTokens, cacheWriteTokens, inputTokens, outputTokens, reasoningTokens } = known
  const counts = [inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens] as const
  return reasoningTokens === undefined ? counts : [...counts, reasoningTokens]
}

describe("[4.3 usage] §4.12 the dialects", () => {
  test.each<[string, Json, Counts]>([
    ["plain", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, [10, 0, 0, 5]],
    [
      "OpenAI: prompt_tokens_details.cached_tokens",
      { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 60, audio_tokens: 0 } },
      [40, 60, 0, 5]
    ],
    [
      "the worked example: 4017 prompt, 4004 cached, 10 written leave 3",
      {
        prompt_tokens: 4017,
        completion_tokens: 1,
        prompt_tokens_details: { cached_tokens: 4004, cache_write_tokens: 10 }
      },
      [3, 4004, 10, 1]
    ],
    [
      "cache_creation_tokens is another word for written",
      { prompt_tokens: 20, completion_tokens: 1, prompt_tokens_details: { cache_creation_tokens: 8 } },
      [12, 0, 8, 1]
    ],
    [
      "DeepSeek: prompt_cache_hit_tokens",
      { prompt_tokens: 100, completion_tokens: 5, prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 },
      [36, 64, 0, 5]
    ],
    ["mlx-vlm: the words of Responses", { input_tokens: 11, output_tokens: 5, total_tokens: 16 }, [11, 0, 0, 5]],
    [
      "… with their details",
      {
        input_tokens: 11,
        output_tokens: 5,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens_details: { reasoning_tokens: 2 }
      },
      [7, 4, 0, 5, 2]
    ],
    [
      "zeros beside what was counted under the other words",
      { prompt_tokens: 0, completion_tokens: 0, input_tokens: 11, output_tokens: 5 },
      [11, 0, 0, 5]
    ],
    ["Kimi: cached_tokens at the top", { prompt_tokens: 100, completion_tokens: 5, cached_tokens: 30 }, [70, 30, 0, 5]],
    [
      "relays: Anthropic's own words",
      { prompt_tokens: 100, completion_tokens: 5, cache_read_input_tokens: 30, cache_creation_input_tokens: 20 },
      [50, 30, 20, 5]
    ],
    [
      "details come before the other words",
      {
        prompt_tokens: 100,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 10 },
        cached_tokens: 30,
        prompt_cache_hit_tokens: 20
      },
      [90, 10, 0, 5]
    ],
    [
      "a prompt count without the cache (seen on xAI) shows itself by a negative difference",
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 60 } },
      [10, 60, 0, 5]
    ],
    ["completion_tokens missing: the difference to the total", { prompt_tokens: 10, total_tokens: 25 }, [10, 0, 0, 15]],
    ["prompt_tokens missing: likewise", { completion_tokens: 5, total_tokens: 25 }, [20, 0, 0, 5]],
    ["a total below the prompt is no negative output", { prompt_tokens: 10, total_tokens: 5 }, [10, 0, 0, 0]],
    [
      "reasoning tokens are part of completion_tokens",
      {
        prompt_tokens: 10,
        completion_tokens: 50,
        total_tokens: 60,
        completion_tokens_details: { reasoning_tokens: 40 }
      },
      [10, 0, 0, 50, 40]
    ],
    [
      "unless the total says otherwise (xAI)",
      {
        prompt_tokens: 10,
        completion_tokens: 50,
        total_tokens: 100,
        completion_tokens_details: { reasoning_tokens: 40 }
      },
      [10, 0, 0, 90, 40]
    ],
    ["negative counters are 0", { prompt_tokens: -4, completion_tokens: 2, total_tokens: -1 }, [0, 0, 0, 2]],
    ["null and text are 0", { prompt_tokens: 4, completion_tokens: null, prompt_tokens_details: "x" }, [4, 0, 0, 0]],
    [
      "counters beyond exact integers count nothing",
      { prompt_tokens: 2 ** 53, completion_tokens: 1e308, total_tokens: 3 },
      [3, 0, 0, 0]
    ],
    ["fractions are cut", { prompt_tokens: 4.7, completion_tokens: 1.2 }, [4, 0, 0, 1]]
  ])("%s", (_dialect, usage, counts) => {
    expect(counted(usage)).toEqual(counts)
  })

  test("xAI: reasoning is added even without a total", () => {
    const usage = { prompt_tokens: 10, completion_tokens: 50, completion_tokens_details: { reasoning_tokens: 40 } }
    expect(counted(usage, true)).toEqual([10, 0, 0, 90, 40])
    expect(counted(usage, false)).toEqual([10, 0, 0, 50, 40])
  })

  test("what is not finite counts nothing", () => {
    expect(fromChatUsage({ prompt_tokens: Infinity, completion_tokens: 5, total_tokens: 0 }, false)).toMatchObject({
      inputTokens: 0,
      outputTokens: 5
    })
    expect(fromChatUsage({ prompt_tokens: Infinity, completion_tokens: Number.NaN }, false)).toBeUndefined()
  })

  test.each<[Json]>([
    [null],
    ["x"],
    [[]],
    [{}],
    [{ prompt_tokens: null }],
    [{ prompt_tokens_details: {} }],
    [{ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
    [{ prompt_tokens: -4, completion_tokens: -1, total_tokens: 0 }],
    [{ total_tokens: 0, total_characters: 0 }]
  ])("%j reports nothing, so that the estimate stands", (usage) => {
    expect(counted(usage)).toBeUndefined()
  })
})

test("for a Chat client the cache is part of the prompt again", () => {
  const usage = { inputTokens: 3, cacheReadTokens: 4004, cacheWriteTokens: 10, outputTokens: 9, reasoningTokens: 7 }
  expect(toChatUsage(usage)).toEqual({
    prompt_tokens: 4017,
    completion_tokens: 9,
    total_tokens: 4026,
    prompt_tokens_details: { cached_tokens: 4004, cache_write_tokens: 10 },
    completion_tokens_details: { reasoning_tokens: 7 }
  })
  expect(fromChatUsage(toChatUsage(usage), false)).toEqual(usage)
})
