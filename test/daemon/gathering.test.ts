import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { gathering } from "../../src/daemon/gathering.ts"
import { breathe } from "../gateway/support.ts"

describe("lines that are gathered", () => {
  it.effect("are one write for each turn of the event loop, in order", () =>
    Effect.gen(function* () {
      const writes: Array<string> = []
      const line = yield* gathering((text) => void writes.push(text))
      for (const one of ["a\n", "b\n", "c\n"]) line(one)
      expect(writes).toEqual([])
      yield* breathe
      line("d\n")
      yield* breathe
      expect(writes).toEqual(["a\nb\nc\n", "d\n"])
    }).pipe(Effect.scoped)
  )

  it.effect(
    "are written at the latest when the scope closes, and nothing listens for the end of the process then",
    () =>
      Effect.gen(function* () {
        const writes: Array<string> = []
        const before = process.listenerCount("exit")
        const scope = yield* Scope.make()
        const line = yield* Scope.extend(
          gathering((text) => void writes.push(text)),
          scope
        )
        line("a\n")
        yield* Scope.close(scope, Exit.void)
        expect(writes).toEqual(["a\n"])
        yield* breathe
        expect(writes).toEqual(["a\n"])
        expect(process.listenerCount("exit")).toBe(before)
      })
  )

  it.scoped("are written when the process ends before its turn does", () =>
    Effect.gen(function* () {
      const writes: Array<string> = []
      const before = process.listeners("exit")
      const line = yield* gathering((text) => void writes.push(text))
      line("a\n")
      const [added] = process.listeners("exit").filter((listener) => !before.includes(listener))
      added?.call(process, 0)
      expect(writes).toEqual(["a\n"])
    })
  )
})
