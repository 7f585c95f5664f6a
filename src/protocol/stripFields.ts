/** Leaves out top-level fields that a provider refuses or a profile forbids, and says what the client loses by it. */
import { lossLog } from "./loss.ts"
import type { Encoded } from "./target.ts"

/** The client's field behind a field of either wire; one that is not here carries nothing of the client's. */
const origins: { readonly [field: string]: string } = {
  max_tokens: "max_tokens",
  max_completion_tokens: "max_tokens",
  max_output_tokens: "max_tokens",
  temperature: "temperature",
  top_p: "top_p",
  top_k: "top_k",
  tools: "tools",
  tool_choice: "tool_choice",
  parallel_tool_calls: "tool_choice.disable_parallel_tool_use",
  reasoning: "thinking",
  reasoning_effort: "thinking",
  response_format: "output_config.format",
  text: "output_config.format",
  service_tier: "speed",
  instructions: "system"
}

const limits = ["max_tokens", "max_completion_tokens", "max_output_tokens"]

/** The request without the fields. Stop sequences that are not sent are enforced on the answer. */
export const stripped = (encoded: Encoded, fields: ReadonlyArray<string>): Encoded => {
  const gone = Object.keys(encoded.body).filter((field) => fields.includes(field))
  if (gone.length === 0) return encoded
  const { context, maxTokens, ...rest } = encoded
  const log = lossLog(encoded.losses)
  for (const field of gone) {
    const path = origins[field]
    if (path !== undefined)
      log.lose("dropped", path, `${field} is not sent`, "the provider or the profile rules it out")
  }
  const stops = gone.includes("stop")
  if (stops) log.lose("enforced", "stop_sequences", "all are found here", "the provider or the profile rules them out")
  return {
    ...rest,
    body: Object.fromEntries(Object.entries(encoded.body).filter(([field]) => !gone.includes(field))),
    context: stops ? { ...context, enforceStop: context.stopSequences } : context,
    ...(maxTokens === undefined || gone.some((field) => limits.includes(field)) ? {} : { maxTokens }),
    losses: log.losses()
  }
}
