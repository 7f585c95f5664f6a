/** Signatures of thinking blocks: foreign ones, and envelopes that were sealed here for this or another provider. */
import { FastCheck as fc } from "effect"
import { seal } from "../../../../src/protocol/reasoning.ts"
import { foreignSignature } from "../../../../src/testing/anthropicBlocks.ts"
import { jsonValue, oneOf } from "../../../../src/testing/json.ts"

/** Items as the Responses service writes them. */
const items = [
  { id: "rs_1", type: "reasoning", summary: [], encrypted_content: "b2Zmc2V0/+==" },
  { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "b2Zm" },
  { id: "rs_2", type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "hm" }] },
  { id: "rs_3", type: "reasoning", summary: [] }
]

/** An envelope of ours with any payload. */
export const envelope: fc.Arbitrary<string> = fc
  .record({
    provider: fc.constantFrom("generic", "rich", "poor", "replay", "other"),
    model: fc.constantFrom("upstream-model", "other-model"),
    protocol: fc.constantFrom<"chat" | "responses">("chat", "responses"),
    payload: oneOf(
      jsonValue,
      fc.constantFrom({ rc: "=" }, { rc: "hidden" }, { rd: [{ type: "reasoning.text", text: "hm" }] }),
      fc.record({ item: fc.constantFrom(...items) })
    )
  })
  .map(seal)

/** Ours and others'. */
export const ownSignature: fc.Arbitrary<string> = oneOf(foreignSignature, envelope)
