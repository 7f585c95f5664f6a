import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Layer, Logger, LogLevel, Scope } from "effect"
import { closeExchange, type Exchange, openExchange } from "../../src/gateway/Exchange.ts"
import { Journal } from "../../src/gateway/Journal.ts"
import { makeLedger } from "../../src/gateway/Ledger.ts"
import { eventually } from "./support.ts"

const asked = (profile: string): Exchange => ({
  ...openExchange("POST", `/proxy/${profile}/v1/messages`, 1_000),
  asksModel: true,
  named: profile,
  asked: "m",
  status: 200
})

const lines: Array<string> = []
const logging = Layer.merge(
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ message }) => void lines.push(String(message)))
  ),
  Logger.minimumLogLevel(LogLevel.Info)
)

const ledger = Effect.gen(function* () {
  lines.length = 0
  const journal = yield* Journal
  const scope = yield* Scope.make()
  return { journal, scope, ...(yield* Scope.extend(makeLedger(journal), scope)) }
})

const provided = Layer.merge(Journal.layerMemory, logging)

describe("the ledger", () => {
  it.live("writes down what is over, in order, a moment later", () =>
    Effect.gen(function* () {
      const { add, journal, scope } = yield* ledger
      for (const name of ["a", "b", "c"]) add(asked(name), 1_500)
      expect([journal.recent(9), lines]).toEqual([[], []])
      yield* eventually(() => lines.length === 3)
      expect(journal.recent(9).map(({ duration_ms, profile }) => [profile, duration_ms])).toEqual([
        ["c", 500],
        ["b", 500],
        ["a", 500]
      ])
      expect(lines.map((line) => /profile=(\w)/.exec(line)?.[1])).toEqual(["a", "b", "c"])
      add(asked("d"), 1_500)
      yield* eventually(() => lines.length === 4)
      yield* Scope.close(scope, Exit.void)
    }).pipe(Effect.provide(provided))
  )

  it.effect("writes down at once what somebody wants to see, and at the end what is left, once", () =>
    Effect.gen(function* () {
      const { add, journal, scope, settle } = yield* ledger
      add(asked("a"), 1_500)
      yield* settle
      expect(journal.recent(9)).toHaveLength(1)
      add(asked("b"), 1_500)
      yield* Scope.close(scope, Exit.void)
      expect(journal.recent(9)).toHaveLength(2)
      expect(lines).toHaveLength(2)
    }).pipe(Effect.provide(provided))
  )

  it.effect("keeps no record of what asks no model", () =>
    Effect.gen(function* () {
      const { add, journal, scope, settle } = yield* ledger
      add({ ...openExchange("GET", "/health", 1_000), status: 200 }, 1_001)
      yield* settle
      expect([journal.recent(9), lines]).toEqual([[], []])
      yield* Scope.close(scope, Exit.void)
    }).pipe(Effect.provide(provided))
  )
})

describe("the end of an exchange", () => {
  it("undoes what was done, the last first, once", () => {
    const exchange = openExchange("GET", "/", 0)
    const seen: Array<number> = []
    for (const one of [1, 2, 3]) exchange.ends.push(() => void seen.push(one))
    closeExchange(exchange)
    closeExchange(exchange)
    expect(seen).toEqual([3, 2, 1])
  })
})
