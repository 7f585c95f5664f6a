import { describe, expect, it, vi } from "@effect/vitest"
import { Effect, Either, Fiber } from "effect"
import { makePdfReader } from "../../src/gateway/PdfReader.ts"
import { encodeRequest } from "../../src/protocol/chat/request.ts"
import { genericPolicy } from "../../src/protocol/policy.ts"
import type { Json } from "../../src/testing/json.ts"
import { breathe } from "./support.ts"
import { pdfOf } from "../support/pdf.ts"
import { assistant, hello, read, result, text, use, user } from "../protocol/requests.ts"

const pdf = (data: string): Json => ({
  type: "document",
  title: "Report",
  source: { type: "base64", media_type: "application/pdf", data }
})

/** The messages that a provider without files is sent, and what was told of them. */
const sent = (...messages: ReadonlyArray<Json>) =>
  Effect.map(makePdfReader().read(read({ messages })), (conversation) =>
    Either.getOrThrow(encodeRequest(conversation, { model: "m", policy: { ...genericPolicy, pdf: "text" } }))
  )

describe("the text of PDFs", () => {
  it.effect("[4.2.2 document] a PDF is its text with page marks, in its place", () =>
    Effect.gen(function* () {
      const { body, losses } = yield* sent(
        user(text("sum up:"), pdf(pdfOf("The first page.", "And the second.")), text("now"))
      )
      expect(body.messages).toEqual([
        {
          role: "user",
          content: "sum up:\nReport\n[page 1]\nThe first page.\n\n[page 2]\nAnd the second.\nnow"
        }
      ])
      expect(losses.map(({ kind, path, what }) => [kind, path, what])).toEqual([
        ["replaced", "messages[0].content[1]", "the document became its text"]
      ])
    })
  )

  it.effect("[4.2.2 tool_result media] also inside of a tool result", () =>
    Effect.gen(function* () {
      const { body } = yield* sent(...hello, assistant(use("x")), user(result("x", [pdf(pdfOf("In a file."))])))
      expect(body.messages.at(-1)).toEqual({
        role: "tool",
        tool_call_id: "x",
        content: "Report\n[page 1]\nIn a file."
      })
    })
  )

  it.effect("[4.2.2 document] what cannot be read, or holds no text, is said to be left out", () =>
    Effect.gen(function* () {
      const { body, losses } = yield* sent(user(pdf(pdfOf("")), pdf("AAAA"), pdf("%"), pdf("")))
      const note = "Report\n[document omitted: this provider cannot read application/pdf]"
      expect(body.messages).toEqual([{ role: "user", content: [note, note, note, note].join("\n") }])
      expect(losses.map(({ what }) => what)).toEqual(Array.from({ length: 4 }, () => "the document became a note"))
    })
  )

  it.effect("has the same words in every turn, and a conversation without PDFs is left alone", () =>
    Effect.gen(function* () {
      const reader = makePdfReader()
      const plain = read({})
      expect(yield* reader.read(plain)).toBe(plain)
      const ask = () => read({ messages: [user(pdf(pdfOf("Once.")))] })
      const [first, second] = [yield* reader.read(ask()), yield* reader.read(ask())]
      expect(second).toEqual(first)
    })
  )

  it.live("are read once for all who ask at the same time, and leave others their turn between the pages", () =>
    Effect.gen(function* () {
      const data = pdfOf(...Array.from({ length: 20 }, (_, at) => `Page number ${at}.`))
      const opened = vi.spyOn(globalThis, "atob")
      let turns = 0
      const others = yield* Effect.fork(Effect.forever(Effect.tap(breathe, () => (turns += 1))))
      const { read: texts } = makePdfReader()
      const asking = Array.from({ length: 4 }, () => texts(read({ messages: [user(pdf(data))] })))
      const [first, ...rest] = yield* Effect.all(asking, { concurrency: "unbounded" })
      yield* Fiber.interrupt(others)
      for (const other of rest) expect(other).toEqual(first)
      expect(JSON.stringify(first)).toContain("Page number 19.")
      expect(opened).toHaveBeenCalledTimes(1)
      expect(turns).toBeGreaterThanOrEqual(20)
      opened.mockRestore()
    })
  )
})
