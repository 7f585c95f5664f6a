import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { displayWidth } from "../../src/cli/displayWidth.ts"
import { addressQuestion, nameQuestion, providerQuestion, rowOf } from "../../src/cli/wizard/profileQuestions.ts"
import { type Answering, begin, type Key, lines, offered, press, type Question } from "../../src/cli/wizard/question.ts"
import type { ProfileWords } from "../../src/cli/newProfile.ts"
import type { ProviderRow } from "../../src/provider/table/row.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"
import { nothing, providerRows } from "./profileWords.ts"

const letter = fc.constantFrom("a", "b", "é", "漢", "🦊", " ", "-")
const text = fc.string({ unit: letter, maxLength: 100 })
const question: fc.Arbitrary<Question> = fc
  .record({
    label: fc.string({ unit: letter, minLength: 1, maxLength: 50 }),
    choices: fc.array(fc.record({ value: text, shown: text }), { maxLength: 40 }),
    isFree: fc.boolean()
  })
  .map(({ isFree, ...rest }) => (isFree ? { ...rest, fault: (typed) => (typed === "a" ? "Not a" : undefined) } : rest))

const plainKey: Key = { name: "", text: undefined, ctrl: false, meta: false }
const named = (name: string): Key => ({ ...plainKey, name })
const keys = fc.array(
  fc.oneof(
    letter.map((typed): Key => ({ ...plainKey, text: typed })),
    fc.constantFrom("up", "down", "tab", "backspace", "escape", "f1", "resize").map(named),
    fc.constant<Key>({ ...plainKey, name: "u", ctrl: true })
  ),
  { maxLength: 60 }
)

/** The question after the keys, none of which answers it. */
const after = (asked: Question, pressed: ReadonlyArray<Key>, columns: number, rows: number): Answering =>
  pressed.reduce(
    (state, one) => {
      const step = press(asked, state, one)
      return step.is === "on" ? step.state : state
    },
    begin(asked, columns, rows)
  )

const type = (typed: string): ReadonlyArray<Key> => [...typed].map((one) => ({ ...plainKey, text: one }))

describe("a question on the terminal", () => {
  it("is never as wide or as high as the terminal, whatever is typed", () =>
    holds(
      fc.property(
        question,
        keys,
        fc.integer({ min: 12, max: 200 }),
        fc.integer({ min: 6, max: 60 }),
        (asked, pressed, columns, rows) => {
          const drawn = lines(asked, after(asked, pressed, columns, rows))
          expect(drawn.length).toBeLessThan(rows)
          for (const line of drawn) expect(displayWidth(line)).toBeLessThan(columns)
        }
      ),
      { numRuns: runs }
    ))

  it("marks one of what is offered, and Enter answers with it", () =>
    holds(
      fc.property(question, keys, (asked, pressed) => {
        const state = after(asked, pressed, 80, 24)
        const all = offered(asked, state.typed)
        const marked = all[state.at]
        expect(marked === undefined).toBe(all.length === 0)
        const step = press(asked, state, named("return"))
        // nothing typed and nothing offered is still an answer where any text is one
        const expected = marked?.value ?? ""
        expect(step.is === "answer" ? step.choice.value : expected).toBe(expected)
      }),
      { numRuns: runs }
    ))

  it("offers what holds every word that is typed, in any order and case", () => {
    const kinds = (typed: string) => offered(providerQuestion, typed).map(({ value }) => value)
    expect(kinds("")).toHaveLength(providerQuestion.choices.length)
    expect(kinds("GROK")).toContain("xai")
    expect(kinds("other any")).toEqual(["generic"])
    expect(kinds("nobody")).toEqual([])
    const models: Question = { ...providerQuestion, fault: () => undefined }
    expect(offered(models, "nobody").map(({ value }) => value)).toEqual(["nobody"])
    // of two that hold it, the one that begins with it
    expect(kinds("open").at(0)).toMatch(/^open/)
  })

  it("takes what is pasted as one line, whatever stands in it, and is answered by nothing of it", () => {
    const asked: Question = { label: "Name", choices: [], fault: () => undefined }
    const paste = (pasted: string): ReadonlyArray<Key> => {
      const names: Readonly<Record<string, string>> = {
        "\r": "return",
        "\n": "enter",
        "\t": "tab",
        "\u001b": "escape",
        "\u0003": "c"
      }
      const keyOf = (one: string): Key => ({ name: names[one] ?? one, text: one, ctrl: one === "\u0003", meta: false })
      return [{ ...plainKey, name: "paste-start" }, ...[...pasted].map(keyOf), { ...plainKey, name: "paste-end" }]
    }
    const typed = (...pressed: ReadonlyArray<Key>) => after(asked, pressed, 80, 24).typed
    expect(typed(...paste("\ntwo\r\nlines\n"))).toBe("two lines ")
    expect(typed(...type("my "), ...paste("a\tb\u001b\u0003c"), ...type("!"))).toBe("my a bc!")
    const state = after(asked, paste("grok\r\n"), 80, 24)
    expect(press(asked, state, { ...plainKey, name: "return" })).toMatchObject({
      is: "answer",
      choice: { value: "grok" }
    })
  })

  it("tells a fault whole, in lines that end at words, and that a choice goes on", () => {
    const fault = "That is no name of a variable. To type a key, choose first where it is kept"
    const choices = [{ value: "x", shown: "type it: kept in the configuration, readable by you alone" }]
    const state = { ...begin({ label: "Key", choices }, 40, 24), fault }
    expect(lines({ label: "Key", choices }, state)).toEqual([
      "Key: ",
      "> type it: kept in the configuration, …",
      "That is no name of a variable. To type",
      "a key, choose first where it is kept"
    ])
  })

  it("is left with Esc, whatever was typed", () =>
    holds(
      fc.property(question, keys, (asked, pressed) => {
        expect(press(asked, after(asked, pressed, 80, 24), named("escape"))).toEqual({ is: "left" })
      }),
      { numRuns: runs }
    ))

  it("takes no answer that is none, and says so", () => {
    const state = after(providerQuestion, type("nobody"), 80, 24)
    const step = press(providerQuestion, state, named("return"))
    expect(step).toMatchObject({ is: "on", state: { typed: "nobody", fault: "There is none of that name" } })
  })
})

const of = (kind: string): readonly [ProfileWords, ProviderRow] => {
  const row = providerRows.find((one) => one.kind === kind)
  if (row === undefined) throw new Error(`no provider ${kind}`)
  return [{ ...nothing, provider: kind }, row]
}

describe("the questions for a profile", () => {
  it("offer every provider of the table", () => {
    const kinds = providerQuestion.choices.map(({ value }) => rowOf(value))
    expect(new Set(kinds)).toEqual(new Set(providerRows))
    expect(providerRows.length).toBeGreaterThan(20)
  })

  it("ask for an address where there is not one for everybody, and take no secret in it", () => {
    expect(addressQuestion(...of("xai"))).toBeUndefined()
    expect(addressQuestion(...of("ollama"))?.initial).toBe("http://127.0.0.1:11434/v1")
    const fault = addressQuestion(...of("generic"))?.fault ?? (() => undefined)
    expect(fault("https://llm.example/v1")).toBeUndefined()
    // a reference to a variable is no secret
    expect(fault(`https://llm.example/v1?key=${"${KEY}"}`)).toBeUndefined()
    for (const wrong of ["", "llm.example", "ftp://llm.example", "https://", "https://me:secret@llm.example/v1"])
      expect(fault(wrong)).toBeDefined()
  })

  it("propose a name that is free, and take none that is not", () => {
    const [words, row] = of("xai")
    expect(nameQuestion(words, row, []).initial).toBe("xai")
    const asked = nameQuestion(words, row, ["xai", "xai-2"])
    expect(asked.initial).toBe("xai-3")
    for (const wrong of ["", "xai", "auto"]) expect(asked.fault?.(wrong)).toBeDefined()
    expect(asked.fault?.("mine")).toBeUndefined()
  })
})
