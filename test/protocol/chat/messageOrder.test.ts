/** What some providers want of Chat messages besides: cache marks in their places, and Mistral's order of roles. */
import { describe, expect, test } from "vitest"
import type { Json } from "../../../src/testing/json.ts"
import { assistant, bodyOf, exchangeOf, result, text, use, user } from "../requests.ts"

const call = (id: string) => ({ id, type: "function", function: { name: "Read", arguments: "{}" } })
const png = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }
const pngPart = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }

describe("[4.1 N8] cache marks on parts", () => {
  const mark = { cache_control: { type: "ephemeral" } }
  const hour = { cache_control: { type: "ephemeral", ttl: "1h" } }
  const marked = {
    system: [text("first"), { ...text("second"), ...hour }],
    messages: [
      user(text("look"), { ...png, ...mark }),
      assistant(use("x")),
      user(result("x", [{ ...text("seen"), ...mark }])),
      { role: "system", content: [{ ...text("it is late"), ...mark }] },
      user({ ...text("and now?"), ...mark })
    ]
  }

  test("stay where the client put them, for a provider that takes them", () => {
    const { messages } = bodyOf(marked, { cacheMarks: "parts", systemPlacement: "inline" })
    expect(messages).toEqual([
      { role: "system", content: [text("first"), { ...text("second"), ...hour }] },
      { role: "user", content: [text("look"), { ...pngPart, ...mark }] },
      { role: "assistant", content: null, tool_calls: [call("x")] },
      { role: "tool", tool_call_id: "x", content: [{ ...text("seen"), ...mark }] },
      { role: "system", content: [{ ...text("it is late"), ...mark }] },
      { role: "user", content: [{ ...text("and now?"), ...mark }] }
    ])
  })

  test("a mark on a whole result, where Claude Code puts it, stands behind what the result ends with", () => {
    const talk = (content: Json) => [
      user("a"),
      assistant({ ...use("x"), ...mark }),
      user({ ...result("x", content), ...mark })
    ]
    const sent = (content: Json) => {
      const { body, losses } = exchangeOf({ messages: talk(content) }, { cacheMarks: "parts" })
      return { content: body.messages.at(-1)?.content, lost: losses.map(({ path }) => path) }
    }
    // no protocol has a place for a mark on a call
    const lost = ["messages[1].content[0].cache_control"]
    expect(sent("seen")).toEqual({ content: [{ ...text("seen"), ...mark }], lost })
    expect(sent([text("seen"), text("and more")])).toEqual({
      content: [text("seen"), { ...text("and more"), ...mark }],
      lost
    })
    expect(sent([])).toMatchObject({ lost: [...lost, "messages[2].content[0].cache_control"] })
  })

  test("a reminder keeps the mark of the system text in it", () => {
    const { messages } = bodyOf(marked, { cacheMarks: "parts" })
    expect(JSON.stringify(messages)).toContain('</system-reminder>","cache_control":{"type":"ephemeral"}}')
  })

  test("elsewhere they go, on the record, and change nothing", () => {
    const { body, losses } = exchangeOf(marked)
    expect(JSON.stringify(body)).not.toContain("cache_control")
    expect(losses.filter(({ path }) => path === "cache_control").map(({ what }) => what)).toEqual([
      "5 cache marks are not sent"
    ])
  })

  test("on an answer's text there is no place for one", () => {
    const talk = [user("a"), assistant({ ...text("b"), ...mark }), user("c")]
    const { body, losses } = exchangeOf({ messages: talk }, { cacheMarks: "parts" })
    expect(JSON.stringify(body)).not.toContain("cache_control")
    expect(losses.map(({ path }) => path)).toEqual(["cache_control"])
  })
})

describe("[4.14 Mistral] a message of the model between results and the user", () => {
  const talk = [user("a"), assistant(use("x")), user(result("x"), text("go on")), assistant("ok"), user("b")]

  test("stands there only, and is told", () => {
    const { body, losses } = exchangeOf({ messages: talk }, { assistantAfterTools: true })
    expect(body.messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
      "user",
      "assistant",
      "user"
    ])
    expect(losses.map(({ kind }) => kind)).toEqual(["added"])
    expect(exchangeOf({ messages: talk }).body.messages).toHaveLength(6)
  })

  test("also before images that follow their result", () => {
    const shown = [user("a"), assistant(use("x")), user(result("x", [png]))]
    const roles = exchangeOf({ messages: shown }, { assistantAfterTools: true }).body.messages.map(({ role }) => role)
    expect(roles).toEqual(["user", "assistant", "tool", "assistant", "user"])
  })
})
