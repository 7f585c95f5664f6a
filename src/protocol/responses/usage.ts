/** Responses usage objects as our partition (wire specification §4.12). */
import type { Usage } from "../../domain/Usage.ts"
import { fromChatUsage } from "../chat/usage.ts"

/** The same arithmetic as for Chat; here `output_tokens` always includes reasoning. */
export const fromResponsesUsage = (usage: unknown): Usage | undefined => fromChatUsage(usage, false)
