import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { onTestFinished, vi } from "vitest"
import { patiently } from "../../src/cli/output.ts"

/** What is written on stderr from now on; `isTTY`: as a terminal sees it. */
const watched = (isTTY: boolean): ReadonlyArray<string> => {
  const written: Array<string> = []
  const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0)
  const before = Object.getOwnPropertyDescriptor(process.stderr, "isTTY")
  Object.defineProperty(process.stderr, "isTTY", { value: isTTY, configurable: true })
  onTestFinished(() => {
    write.mockRestore()
    Object.defineProperty(process.stderr, "isTTY", before ?? { value: undefined, configurable: true })
  })
  return written
}

describe("waiting patiently", () => {
  const work = Effect.as(Effect.sleep("10 seconds"), "done")

  const passed = (isTTY: boolean, milliseconds: number) =>
    Effect.gen(function* () {
      const written = watched(isTTY)
      const fiber = yield* Effect.fork(patiently(work, "this takes a moment"))
      yield* TestClock.adjust(milliseconds)
      const seen = [...written]
      yield* TestClock.adjust("10 seconds")
      return { seen, written, result: yield* Fiber.join(fiber) }
    })

  it.effect("says what is waited for once that takes a while, and once only", () =>
    Effect.gen(function* () {
      const line = "claudex: this takes a moment\n"
      expect(yield* passed(true, 299)).toEqual({ seen: [], written: [line], result: "done" })
      expect(yield* passed(true, 300)).toEqual({ seen: [line], written: [line], result: "done" })
    })
  )

  it.effect("says nothing where nobody looks on", () =>
    Effect.gen(function* () {
      expect(yield* passed(false, 5_000)).toEqual({ seen: [], written: [], result: "done" })
    })
  )

  it.effect("fails as the work does", () =>
    Effect.gen(function* () {
      watched(true)
      expect(yield* Effect.flip(patiently(Effect.fail("no"), "this takes a moment"))).toBe("no")
    })
  )
})
