/** The `content` of a Chat answer in all its forms. */
import { asArray, asString, isObject } from "../json.ts"

export interface ContentPart {
  readonly kind: "text" | "reasoning" | "refusal"
  readonly text: string
}

const part = (kind: ContentPart["kind"], text: string | undefined): ReadonlyArray<ContentPart> =>
  text === undefined || text === "" ? [] : [{ kind, text }]

/** `content` as text, as a list of parts (text, thinking, refusal: Mistral and relays), or absent. */
export const answerContent = (content: unknown): ReadonlyArray<ContentPart> => {
  if (typeof content === "string") return part("text", content)
  return asArray(content).flatMap((item) => {
    if (typeof item === "string") return part("text", item)
    if (!isObject(item)) return []
    if (typeof item["refusal"] === "string") return part("refusal", item["refusal"])
    if (item["thinking"] === undefined) return part("text", asString(item["text"]))
    const thinking = answerContent(item["thinking"])
    return part("reasoning", thinking.map((inner) => inner.text).join(""))
  })
}
