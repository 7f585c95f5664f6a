/** `GET …/v1/models`: what the client's model picker can show, in Anthropic's list shape. */
import type { ListedModel } from "../provider/models.ts"
import { longestPrompt, type ModelOverrides } from "../domain/ModelInfo.ts"
import { modelInfoAt } from "../provider/modelInfo.ts"

export interface WireModel {
  readonly type: "model"
  readonly id: string
  readonly display_name: string
  readonly created_at: string
  readonly max_input_tokens?: number
  readonly max_tokens?: number
}

/** No provider's list says when; the API writes the epoch then. */
const unknownDate = "1970-01-01T00:00:00Z"

export const wireModel = ({ displayName, id, model, profile }: ListedModel, overrides: ModelOverrides): WireModel => {
  const info = modelInfoAt(profile, model, overrides)
  const [window, output] = [longestPrompt(info), info.outputLimit]
  return {
    type: "model",
    id,
    display_name: displayName,
    created_at: unknownDate,
    ...(window === undefined ? {} : { max_input_tokens: window }),
    ...(output === undefined ? {} : { max_tokens: output })
  }
}

/** The part of the list that a query asks for; `limit` is 20 unless given, 1000 at most, as in the API. */
export const pageOf = (all: ReadonlyArray<WireModel>, query: URLSearchParams) => {
  const asked = Number(query.get("limit") ?? 20)
  const limit = Number.isInteger(asked) && asked >= 1 ? Math.min(asked, 1000) : 20
  const position = (name: string) => all.findIndex((model) => model.id === query.get(name))
  const [after, before] = [position("after_id"), position("before_id")]
  const end = before < 0 ? all.length : before
  const start = before < 0 ? after + 1 : Math.max(0, end - limit)
  const data = all.slice(start, Math.min(end, start + limit))
  return {
    data,
    has_more: before < 0 ? start + data.length < all.length : start > 0,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null
  }
}
