/** Responses usage objects as our partition (wire specification §4.12). */
import type { Usage } from "../../domain/Usage.ts"
import { fromChatUsage } from "../chat/usage.ts"
import { isObject } from "../json.ts"

/** The same arithmetic as for Chat under other names; here `output_tokens` always includes reasoning. */
export const fromResponsesUsage = (usage: unknown): Usage | undefined =>
  isObject(usage)
    ? fromChatUsage(
        {
          ...usage,
          prompt_tokens: usage["input_tokens"],
          completion_tokens: usage["output_tokens"],
          prompt_tokens_details: usage["input_tokens_details"],
          completion_tokens_details: usage["output_tokens_details"]
        },
        false
      )
    : undefined
