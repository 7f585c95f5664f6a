/** Law L16, the way up: items that an answer left in the history go back as they were, where they were. */
import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { text as anyText } from "../../../src/testing/text.ts"
import { runs } from "../../support/runs.ts"
import { result, text, use, user } from "../requests.ts"
import { answered, called, hiddenThought, itemsOf, reasoningItem, said, thought } from "./requests.ts"
import { holds } from "../../support/holds.ts"

/** What an answer consists of, by meaning. */
type Step =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "call" }
  | { readonly type: "own"; readonly sealed: string; readonly shown: boolean }
  | { readonly type: "foreign"; readonly shown: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text: anyText }),
  fc.record({ type: fc.constant("call" as const) }),
  fc.record({
    type: fc.constant("own" as const),
    sealed: fc.stringMatching(/^[A-Za-z0-9+/=_-]{1,40}$/),
    shown: fc.boolean()
  }),
  fc.record({ type: fc.constant("foreign" as const), shown: fc.boolean() })
)

const foreign = { provider: "other" }

const blockOf = (one: Step, at: number): JsonObject => {
  switch (one.type) {
    case "text":
      return text(one.text)
    case "call":
      return use(`c${at}`)
    case "own":
      return one.shown
        ? thought(reasoningItem(`rs_${at}`, one.sealed))
        : hiddenThought(reasoningItem(`rs_${at}`, one.sealed))
    case "foreign":
      return one.shown
        ? thought(reasoningItem(`rs_${at}`), "hm", foreign)
        : hiddenThought(reasoningItem(`rs_${at}`), foreign)
  }
}

/** The items that the steps come to: neighbouring texts share a message, reasoning at the end goes. */
const expected = (steps: ReadonlyArray<Step>): ReadonlyArray<JsonObject> => {
  const items: Array<JsonObject> = []
  let spoken: Array<string> = []
  const close = () => {
    if (spoken.length > 0) items.push(said("assistant", ...spoken))
    spoken = []
  }
  const last = steps.findLastIndex(({ type }) => type === "text" || type === "call")
  steps.slice(0, last + 1).forEach((one, at) => {
    if (one.type === "text") spoken.push(one.text)
    else if (one.type !== "foreign") {
      close()
      items.push(one.type === "call" ? called(`c${at}`) : reasoningItem(`rs_${at}`, one.sealed))
    }
  })
  close()
  return items
}

describe("L16 Responses round trip, the way up", () => {
  it("[4.5 reasoning] own items come back byte for byte before what followed them, foreign ones never", async () => {
    const steps = fc
      .array(step, { maxLength: 8 })
      .map((all) => all.filter((one) => one.type !== "text" || one.text.trim() !== ""))
    await holds(
      fc.property(steps, (turn) => {
        const calls = turn.flatMap((one, at) => (one.type === "call" ? [`c${at}`] : []))
        const content: Json = turn.map(blockOf)
        const messages: ReadonlyArray<Json> = [
          user(text("q")),
          { role: "assistant", content },
          user(...calls.map((id) => result(id)), text("next"))
        ]
        const mine = expected(turn)
        const items = itemsOf(messages)
        const whole =
          mine.length === 0
            ? [said("user", "q", "next")]
            : [said("user", "q"), ...mine, ...calls.map((id) => answered(id)), said("user", "next")]
        expect(items).toEqual(whole)
      }),
      { numRuns: runs * 2 }
    )
  })

  it("goes without an id that the provider would refuse", () => {
    const turn = (id: string) => ({
      role: "assistant",
      content: [thought(reasoningItem(id, "c2VhbGVk")), text("so")]
    })
    const sent = (id: string) => itemsOf([user(text("q")), turn(id), user(text("next"))])[1]
    expect(sent("rs_1")).toEqual(reasoningItem("rs_1", "c2VhbGVk"))
    const { id: _id, ...nameless } = reasoningItem("", "c2VhbGVk")
    expect(sent("x".repeat(409))).toEqual(nameless)
    expect(sent("rs/1+=")).toEqual(nameless)
  })
})
