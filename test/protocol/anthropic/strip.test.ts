import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { survey } from "../../../src/protocol/anthropic/splice.ts"
import { stripOwn } from "../../../src/protocol/anthropic/strip.ts"
import { withEdits } from "../../../src/protocol/jsonEdits.ts"
import { lossLog, silently } from "../../../src/protocol/loss.ts"
import { seal } from "../../../src/protocol/reasoning.ts"
import { dice, type Dice, seed } from "../../../src/testing/json.ts"
import { space, valueText } from "../../support/jsonText.ts"
import { runs } from "../../support/runs.ts"
import { holds } from "../../support/holds.ts"

const utf8 = new TextEncoder()

/** The request's text as an upstream gets it. */
const stripped = (text: string, unsigned = true): string => {
  const bytes = utf8.encode(text)
  const { mayHoldOwn, messages } = Either.getOrThrow(survey(bytes))
  if (!mayHoldOwn) return text
  const edits = messages.flatMap((span) => stripOwn(bytes, span, { unsigned }, silently).edits)
  return new TextDecoder().decode(withEdits(bytes, edits))
}

const envelope = seal({ provider: "p", model: "m", protocol: "chat", payload: "=" })
const own = { type: "thinking", thinking: "hm", signature: envelope }
const ownHidden = { type: "redacted_thinking", data: envelope }
const unsigned = { type: "thinking", thinking: "hm", signature: "" }
const theirs = { type: "thinking", thinking: "hm", signature: "EqQBCgIYAhIM" }
const theirsHidden = { type: "redacted_thinking", data: "EmwKAhgBEgy3" }
const said = { type: "text", text: "so" }
const call = { type: "tool_use", id: "toolu_1", name: "Read", input: { n: 1 } }

const use = (id: string, query = "weather") => ({ type: "server_tool_use", id, name: "web_search", input: { query } })
const found = (id: string, encrypted_content: string) => ({
  type: "web_search_tool_result",
  tool_use_id: id,
  content: [{ type: "web_search_result", url: "https://a.example", title: "A", encrypted_content, page_age: null }]
})

const asked = { role: "user", content: "go" }
const assistant = (...content: ReadonlyArray<unknown>) => ({ role: "assistant", content })
const request = (...messages: ReadonlyArray<unknown>) => JSON.stringify({ model: "m", messages, stream: true })

describe("a conversation on its way to an Anthropic upstream", () => {
  it("loses the reasoning that was sealed for other providers, and no other", () => {
    expect(stripped(request(asked, assistant(own, said, ownHidden, theirs, theirsHidden, call, unsigned), asked))).toBe(
      request(asked, assistant(said, theirs, theirsHidden, call), asked)
    )
  })

  it("keeps reasoning without a signature where the upstream may have written it", () => {
    const sent = request(asked, assistant(unsigned, said), asked)
    expect(stripped(sent, false)).toBe(sent)
    expect(stripped(sent)).toBe(request(asked, assistant(said), asked))
    expect(stripped(JSON.stringify(JSON.parse(sent), undefined, 1))).not.toContain("hm")
  })

  it("keeps the place of a turn that was nothing but reasoning, save at the end", () => {
    expect(stripped(request(asked, assistant(own, ownHidden), asked))).toBe(
      request(asked, assistant({ type: "text", text: "(no content)" }), asked)
    )
    expect(stripped(request(asked, assistant(own)))).toBe(request(asked))
    expect(stripped(request(assistant(own)))).toBe(request())
  })

  it("tells searches that another provider made as text, with the cache's mark", () => {
    const mark = { type: "ephemeral" }
    expect(
      stripped(
        request(asked, assistant(use("srvtoolu_1"), { ...found("srvtoolu_1", ""), cache_control: mark }, said), asked)
      )
    ).toBe(
      request(
        asked,
        assistant({ type: "text", text: "[web search: weather]\nA — https://a.example", cache_control: mark }, said),
        asked
      )
    )
    // a search that was cut off, and one whose id no server of Anthropic gave
    expect(stripped(request(asked, assistant(use("ws_1"), said), asked))).toBe(
      request(asked, assistant({ type: "text", text: "[web search: weather]" }, said), asked)
    )
    expect(stripped(request(asked, assistant(found("ws_1", ""), said), asked))).toBe(
      request(asked, assistant({ type: "text", text: "[web_search] {}\nA — https://a.example" }, said), asked)
    )
  })

  it("keeps searches that an Anthropic server made, and failed ones", () => {
    const failed = {
      type: "web_search_tool_result",
      tool_use_id: "srvtoolu_2",
      content: { type: "web_search_tool_result_error", error_code: "unavailable" }
    }
    const sent = request(
      asked,
      assistant(use("srvtoolu_1"), found("srvtoolu_1", "EqgfCioIARgBIiQ3"), use("srvtoolu_2"), failed, said),
      asked
    )
    expect(stripped(sent)).toBe(sent)
  })

  it("loses citations of sources that were not sealed, and no other", () => {
    const cited = (...indices: ReadonlyArray<string>) => ({
      ...said,
      citations: indices.map((encrypted_index) => ({ type: "web_search_result_location", url: "u", encrypted_index }))
    })
    expect(stripped(request(asked, assistant(cited("", "Eo8B", "")), asked))).toBe(
      request(asked, assistant(cited("Eo8B")), asked)
    )
    expect(stripped(request(asked, assistant(cited("", "")), asked))).toBe(
      request(asked, assistant({ ...said, citations: null }), asked)
    )
  })

  it("says what it lost and where", () => {
    const cited = { ...said, citations: [{ type: "web_search_result_location", url: "u", encrypted_index: "" }] }
    const bytes = utf8.encode(
      request(asked, assistant(own, said), asked, assistant(use("ws_1"), found("ws_1", ""), cited))
    )
    const { lose, losses } = lossLog()
    for (const span of Either.getOrThrow(survey(bytes)).messages) stripOwn(bytes, span, { unsigned: true }, lose)
    expect(losses().map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      "dropped messages[1].content[0]",
      "replaced messages[3].content[0]",
      "replaced messages[3].content[1]",
      "dropped messages[3].content[2].citations"
    ])
  })

  it("tells when the turn that goes on has lost the reasoning at its beginning", () => {
    const answered = { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "ok" }] }
    const isBare = (...messages: ReadonlyArray<unknown>) => {
      const bytes = utf8.encode(request(...messages))
      const spans = Either.getOrThrow(survey(bytes)).messages
      return spans.map((span) => stripOwn(bytes, span, { unsigned: true }, silently).bare)
    }
    expect(isBare(asked, assistant(own, call), answered)).toEqual([true])
    expect(isBare(asked, assistant(ownHidden, said, call), answered)).toEqual([true])
    expect(isBare(asked, assistant(own, call), answered, assistant(call), answered)).toEqual([true])
    // the turn is over, or has its own reasoning at its beginning or its end, or never had any
    expect(isBare(asked, assistant(own, call), answered, assistant(said), asked)).toEqual([false])
    expect(isBare(asked, assistant(theirs, own, call), answered)).toEqual([false])
    expect(isBare(asked, assistant(own, theirs, call), answered)).toEqual([false])
    expect(isBare(asked, assistant(theirs, call), answered, assistant(own, call), answered)).toEqual([false])
    expect(isBare(asked, assistant(own, call), answered, assistant(theirs, call), answered)).toEqual([false])
    expect(isBare(asked, assistant(call), answered)).toEqual([false])
    expect(isBare(asked, assistant(own, call))).toEqual([false])
    expect(isBare()).toEqual([false])
  })

  it("is read leniently: what is no message or no block stays", () => {
    const sent = request(7, { role: "user" }, { content: 7 }, { content: [7, { type: 7 }, null, "cdx1."] }, [])
    expect(stripped(sent)).toBe(sent)
    const odd = `{"messages":"cdx1.","messages":{"a":"cdx1."},"messages":null}`
    expect(stripped(odd)).toBe(odd)
  })
})

/** A block as text, and whether it has to go. */
interface Written {
  readonly text: string
  readonly goes: boolean
}

/** The text of an object with its members in any order, spaced anyhow. */
const objectText = (random: Dice, members: ReadonlyArray<readonly [string, string]>): string => {
  const shuffled = random.roll(2) === 1 ? members.toReversed() : members
  const written = shuffled.map(
    ([key, value]) => `${space(random)}"${key}"${space(random)}:${space(random)}${value}${space(random)}`
  )
  return `{${written.join(",")}}`
}

const blockText = (random: Dice): Written => {
  const extra = ["x", valueText(random, 2)] as const
  switch (random.roll(5)) {
    case 0:
      return { text: valueText(random, 2), goes: false }
    case 1:
      return { text: objectText(random, [["type", '"thinking"'], ["signature", `"${envelope}"`], extra]), goes: true }
    case 2:
      return { text: objectText(random, [extra, ["type", '"redacted_thinking"'], ["data", '"cdx1."']]), goes: true }
    case 3:
      return { text: objectText(random, [["type", '"thinking"'], ["signature", '"Eq"'], extra]), goes: false }
    default:
      return { text: objectText(random, [["type", '"text"'], ["text", `"${envelope}"`], extra]), goes: false }
  }
}

describe("however a conversation is written", () => {
  const written = seed.map((given) => {
    const random = dice(given)
    return Array.from({ length: 1 + random.roll(5) }, () => ({ ...blockText(random), before: space(random) }))
  })

  it("the blocks that stay are the same bytes, in their order", async () => {
    await holds(
      fc.property(written, (blocks) => {
        const content = blocks.map(({ before, text }) => before + text).join(",")
        const around = (inner: string) => ` {"messages": [{"content":${inner}} ,{"role":"user"} ] , "n":1e400}`
        const after = stripped(around(`[${content} ]`))
        const kept = blocks.filter(({ goes }) => !goes).map(({ text }) => text)
        const expected =
          kept.length === blocks.length
            ? content
            : kept.length === 0
              ? '{"type":"text","text":"(no content)"}'
              : kept.join(",")
        const bare = (text: string) => text.replace(/\s/g, "")
        expect(bare(after)).toBe(bare(around(`[${expected}]`)))
        for (const text of kept) expect(after).toContain(text)
      }),
      { numRuns: runs * 2 }
    )
  })
})
