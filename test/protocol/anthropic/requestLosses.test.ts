/** What the neutral form cannot hold is told, each with its place. */
import { describe, expect, test } from "vitest"
import type { LossKind } from "../../../src/protocol/loss.ts"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { assistant, hello, read, result, text, use, user } from "../requests.ts"

const told = (body: JsonObject): ReadonlyArray<readonly [LossKind, string]> =>
  read(body).losses.map(({ kind, path }) => [kind, path])

const pixel: JsonObject = { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" }

describe("losses of fields", () => {
  test.each<[string, JsonObject, ReadonlyArray<readonly [LossKind, string]>]>([
    ["nothing is lost of a plain request", { system: "s", temperature: 0.5, top_p: 1, top_k: 3, stream: true }, []],
    [
      "fields of Anthropic's own are named one by one",
      { context_management: { edits: [] }, safeguards: { home: "/" }, service_tier: "auto", container: null },
      [
        ["dropped", "context_management"],
        ["dropped", "safeguards"],
        ["dropped", "service_tier"]
      ]
    ],
    ["who asks is not passed on", { metadata: { user_id: "u" } }, [["dropped", "metadata"]]],
    ["a kind of thinking that is not known", { thinking: { type: "dreaming" } }, [["dropped", "thinking"]]],
    [
      "what is not known in output_config",
      { output_config: { effort: "frantic", task_budget: { total: 9 }, format: { type: "xml" } } },
      [
        ["dropped", "output_config.effort"],
        ["dropped", "output_config.task_budget"],
        ["dropped", "output_config.format"]
      ]
    ],
    [
      "a kind of choice that is not known",
      { tools: [{ name: "a" }], tool_choice: { type: "some" } },
      [["downgraded", "tool_choice"]]
    ],
    [
      "the attribution line",
      { system: [text("x-anthropic-billing-header: cc_version=1;"), text("be kind")] },
      [["dropped", "system"]]
    ]
  ])("%s", (_rule, body, expected) => {
    expect([...told(body)].sort()).toEqual([...expected].sort())
  })

  test("keys of tools are told once for all tools", () => {
    const tool = (name: string) => ({
      name,
      input_schema: {},
      defer_loading: true,
      cache_control: { type: "ephemeral" }
    })
    const { losses } = read({ tools: [tool("a"), tool("b"), { name: "c" }] })
    expect(losses.map(({ path, what }) => [path, what])).toEqual([
      ["tools[*].defer_loading", "not sent, of 2 tools"],
      ["tools[*].cache_control", "not sent, of 2 tools"]
    ])
  })

  test("a second tool of one name, a client tool, and examples", () => {
    const examples = [1, 2, 3, 4].map((n) => ({ n }))
    const tools = [
      { name: "a" },
      { name: "a" },
      { type: "bash_20250124", name: "bash" },
      { name: "e", input_examples: examples }
    ]
    expect(told({ tools })).toEqual([
      ["replaced", "tools[2]"],
      ["moved", "tools[3].input_examples"],
      ["dropped", "tools[1]"]
    ])
  })
})

describe("losses of blocks", () => {
  const inUser = (...content: ReadonlyArray<Json>): JsonObject => ({ messages: [user(...content)] })
  test.each<[string, JsonObject, ReadonlyArray<readonly [LossKind, string]>]>([
    ["an image is carried", inUser({ type: "image", source: pixel }), []],
    [
      "a file of another vendor",
      inUser(text("q"), { type: "image", source: { type: "file", file_id: "f" } }),
      [["replaced", "messages[0].content[1]"]]
    ],
    [
      "a search result and a block nobody knows",
      inUser({ type: "search_result", title: "t", source: "s", content: [text("c")] }, { type: "hologram" }),
      [
        ["replaced", "messages[0].content[0]"],
        ["replaced", "messages[0].content[1]"]
      ]
    ],
    [
      "a foreign thinking block",
      {
        messages: [
          ...hello,
          assistant({ type: "thinking", thinking: "hm", signature: "sig" }, text("a")),
          user(text("b"))
        ]
      },
      [["dropped", "messages[1].content[0]"]]
    ],
    [
      "a call without a result",
      { messages: [...hello, assistant(use("c1")), user(text("no"))] },
      [["added", "messages[1].content[0]"]]
    ],
    [
      "a result without a call, and a failed one",
      { messages: [user(result("x", "r"), result("y", "", { is_error: true }))] },
      [
        ["replaced", "messages[0].content[0]"],
        ["replaced", "messages[0].content[1]"]
      ]
    ],
    [
      "a result behind text comes first",
      { messages: [...hello, assistant(use("c1")), user(text("look:"), result("c1"))] },
      [["moved", "messages[2].content[1]"]]
    ],
    [
      "a system message's own settings",
      { messages: [...hello, { role: "system", content: "s", output_config: { effort: "low" } }, user(text("b"))] },
      [["dropped", "messages[1].output_config"]]
    ],
    ["white space behind a begun answer", { messages: [...hello, assistant(text("Once "))] }, [["dropped", "messages"]]]
  ])("%s", (_rule, body, expected) => {
    expect(told(body)).toEqual(expected)
  })

  test("an unmatched failure keeps saying that it failed", () => {
    const [message] = read({ messages: [user(result("y", "boom", { is_error: true }))] }).messages
    expect(message?.parts).toEqual([text("[failed result of unknown tool call y]"), text("boom")])
  })

  test("texts stay apart when the reasoning between them is not carried", () => {
    const foreign = { type: "thinking", thinking: "hm", signature: "sig" }
    const { messages } = read({ messages: [...hello, assistant(text("one."), foreign, text("two.")), user(text("b"))] })
    expect(messages[1]?.parts).toEqual([text("one."), text("\n\ntwo.")])
  })

  test("no loss quotes what the conversation says", () => {
    const secret = "correct-horse-battery"
    const { losses } = read({
      messages: [user({ type: "image", source: { type: "file", file_id: secret } }, { type: "odd", said: secret })],
      context_management: secret
    })
    expect(losses).toHaveLength(3)
    expect(JSON.stringify(losses)).not.toContain(secret)
  })
})
