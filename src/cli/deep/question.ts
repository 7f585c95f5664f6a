/** What `profile test --deep` asks a provider: one small call of a tool, as Claude Code would have it. Pure. */
import type { ModelInfo } from "../../domain/ModelInfo.ts"

/** The call that is asked for. */
export const wanted = { tool: "note", input: { word: "pelican", number: 42 } } as const

/** Room for an answer in tokens: models think before they call, also some that are not known to. */
const room = { plain: 2048, thinking: 4096 } as const

/** The least that Anthropic takes. */
const thinkingBudget = 1024

export interface Asking {
  readonly model: string
  readonly info: ModelInfo
  /** The provider speaks Anthropic Messages: nobody translates the request. */
  readonly isHandedOn: boolean
}

/** Whether the model is known to think. */
export const isThinker = ({ reasoning = "none" }: ModelInfo): boolean => reasoning !== "none"

/** Anthropic's models that take efforts decide by themselves how much they think; older ones want a number. */
const thinkingFor = ({ info, isHandedOn }: Asking) =>
  isHandedOn && Array.isArray(info.reasoning)
    ? { type: "adaptive" }
    : { type: "enabled", budget_tokens: thinkingBudget }

/** The most tokens that an answer may have. */
export const mostTokens = (info: ModelInfo): number =>
  Math.min(isThinker(info) ? room.thinking : room.plain, info.outputLimit ?? Number.POSITIVE_INFINITY)

const say = Object.entries(wanted.input)
  .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  .join(" and ")

/** The body of a request for Anthropic Messages. */
export const question = (asking: Asking) => {
  const most = mostTokens(asking.info)
  return {
    model: asking.model,
    max_tokens: most,
    stream: true,
    // a budget has to be less than the answer's room
    ...(isThinker(asking.info) && most > thinkingBudget ? { thinking: thinkingFor(asking) } : {}),
    messages: [{ role: "user", content: `Call the tool "${wanted.tool}" once, with ${say}. Write nothing else.` }],
    tools: [
      {
        name: wanted.tool,
        description: "Notes a word and a number.",
        input_schema: {
          type: "object",
          properties: { word: { type: "string" }, number: { type: "integer" } },
          required: ["word", "number"],
          additionalProperties: false
        }
      }
    ]
  }
}
