/** The provider that fails does what its table says, in each protocol. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Faults, makeFaultyUpstream } from "../../src/testing/index.ts"

const paths = { chat: "chat/completions", responses: "responses", anthropic: "messages" } as const

/** What `fetch` makes of an answer. */
const ask = (url: string, stream: boolean) =>
  Effect.promise(async () => {
    try {
      const response = await fetch(url, {
        method: "POST",
        body: JSON.stringify({ stream }),
        signal: AbortSignal.timeout(200)
      })
      return { status: response.status, text: await response.text() }
    } catch {
      return "broken"
    }
  })

const outcomes: ReadonlyArray<readonly [Faults.FaultName, number | "broken"]> = [
  ["fine", 200],
  ["reset before headers", "broken"],
  ["reset after headers", "broken"],
  ["closed in the content", "broken"],
  ["silent before headers", "broken"],
  ["silent in the content", "broken"],
  ["endless", "broken"],
  ["200 with an error", 200],
  ["502 with a page", 502],
  ["429 with retry-after", 429],
  ["529", 529]
]

describe("a provider that fails", () => {
  it.scoped.each(["chat", "responses", "anthropic"] as const)("speaks %s, and fails as it was told", (wire) =>
    Effect.gen(function* () {
      const upstream = yield* makeFaultyUpstream
      for (const [name, expected] of outcomes) {
        upstream.choose((request) => (request.name === "p" && request.wire === wire ? name : "500"))
        for (const stream of [true, false]) {
          const answer = yield* ask(`${upstream.baseUrl("p")}/${paths[wire]}`, stream)
          expect(answer === "broken" ? answer : answer.status, name).toBe(expected)
        }
        expect(upstream.counts().get(name)).toBe(2)
      }
    })
  )

  it.scoped.each(["chat", "responses", "anthropic"] as const)(
    "writes a record in %s that is as long as it says",
    (wire) =>
      Effect.gen(function* () {
        const upstream = yield* makeFaultyUpstream
        upstream.choose(() => "huge record")
        for (const stream of [true, false]) {
          const length = yield* Effect.promise(async () => {
            const init = { method: "POST", body: JSON.stringify({ stream }) }
            return (await (await fetch(`${upstream.baseUrl("p")}/${paths[wire]}`, init)).arrayBuffer()).byteLength
          })
          expect(length).toBeGreaterThan(Faults.hugeText)
        }
      })
  )

  it.scoped("refuses connections where nobody listens", () =>
    Effect.gen(function* () {
      const upstream = yield* makeFaultyUpstream
      expect(yield* ask(`${upstream.refusing}/messages`, false)).toBe("broken")
    })
  )

  it("draws every fault, and the same one for the same chance", () => {
    const drawn = Array.from({ length: 2000 }, (_, at) => Faults.drawFault(at / 2000))
    expect([...new Set(drawn)]).toEqual(Faults.faultNames)
  })

  it("knows its own words, whole or with a spoilt character, and no part of them", () => {
    const { text } = Faults.plainTurn
    expect(Faults.isSaid([{ type: "text", text }])).toBe(true)
    expect(Faults.isSaid([{ type: "text", text: text.replace("你", "\ufffd\ufffd") }])).toBe(true)
    expect(Faults.isSaid([{ type: "text", text: text.slice(0, -1) }])).toBe(false)
    expect(Faults.isSaid([{ type: "text", text: Faults.callingTurn.text }])).toBe(false)
  })
})
