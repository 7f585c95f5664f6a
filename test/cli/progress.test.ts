import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Fiber, Layer, TestClock } from "effect"
import { onTestFinished } from "vitest"
import { displayWidth } from "../../src/cli/displayWidth.ts"
import { Streams } from "../../src/cli/output.ts"
import { countPatiently, patiently, progressLine } from "../../src/cli/progress.ts"
import { Environment, type EnvironmentRecord } from "../../src/config/Environment.ts"
import { makeUser } from "../support/claudex.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"
import { key, openTerminal } from "../support/terminal.ts"

/** What is written on stderr, which is a terminal or is not. */
const watched = (isTerminal: boolean, environment: EnvironmentRecord = {}) => {
  const written: Array<string> = []
  const err = (text: string) => void written.push(text)
  const streams = Layer.succeed(Streams, { out: err, err, columns: () => (isTerminal ? 80 : undefined) })
  return { written, layer: Layer.merge(streams, Environment.layerOf(environment)) }
}

const hide = "\r\u001b[?25l"
const erase = "\r\u001b[J\u001b[?25h"
const drawn = (line: string) => `${line}\u001b[J\r`

const work = Effect.as(Effect.sleep("10 seconds"), "done")

/** What was written after a time, and in all. */
const passed = (isTerminal: boolean, milliseconds: number, environment: EnvironmentRecord = {}) => {
  const { layer, written } = watched(isTerminal, environment)
  return Effect.gen(function* () {
    const fiber = yield* Effect.fork(patiently(work, "Asking"))
    yield* TestClock.adjust(milliseconds)
    const seen = [...written]
    yield* TestClock.adjust("10 seconds")
    return { seen, all: [...written], result: yield* Fiber.join(fiber) }
  }).pipe(Effect.provide(layer))
}

describe("the line of what is waited for", () => {
  const words = fc.string({ unit: "grapheme", maxLength: 100 })
  const waiting = fc.record({
    words,
    milliseconds: fc.nat(10_000_000),
    counted: fc.option(fc.record({ done: fc.nat(1000), total: fc.nat(1000) }), { nil: undefined })
  })

  it("says what, how many of how many, and for how long", () => {
    expect(progressLine({ words: "Asking", milliseconds: 2_900 }, 0, 80)).toBe("| Asking (2 s)")
    const counted = { words: "Asking", counted: { done: 3, total: 8 }, milliseconds: 65_000 }
    expect(progressLine(counted, 5, 80)).toBe("/ Asking (3 of 8, 1 minute 5 seconds)")
    expect(progressLine({ ...counted, milliseconds: 400, words: "Asking all of the providers" }, 1, 30)).toBe(
      "/ Asking all o… (3 of 8, 0 s)"
    )
  })

  it("is one line, narrower than the terminal, and gives no orders to it, whatever its words are", () =>
    holds(
      fc.property(waiting, fc.nat(1000), fc.integer({ min: 2, max: 200 }), (one, turn, columns) => {
        const line = progressLine(one, turn, columns)
        expect(displayWidth(line)).toBeLessThan(columns)
        expect(line).not.toMatch(/\p{Cc}/u)
      }),
      { numRuns: runs }
    ))
})

describe("waiting patiently", () => {
  it.effect("draws nothing before it takes a while, then a line that moves, and erases it", () =>
    Effect.gen(function* () {
      expect(yield* passed(true, 299)).toMatchObject({ seen: [], result: "done" })
      const { all, result, seen } = yield* passed(true, 420)
      expect(seen).toEqual([hide, drawn("| Asking (0 s)"), drawn("/ Asking (0 s)")])
      expect(all.at(-1)).toBe(erase)
      expect(all.filter((text) => text === erase)).toHaveLength(1)
      expect(result).toBe("done")
    })
  )

  it.effect("writes one plain line where nothing may move, and nothing where nobody looks on", () =>
    Effect.gen(function* () {
      for (const environment of [{ TERM: "dumb" }, { NO_COLOR: "1" }, { CI: "true" }]) {
        const line = "claudex: Asking\n"
        expect(yield* passed(true, 5_000, environment)).toEqual({ seen: [line], all: [line], result: "done" })
      }
      expect(yield* passed(false, 5_000)).toEqual({ seen: [], all: [], result: "done" })
    })
  )

  it.effect("fails as the work does, and erases its line then and when it is interrupted", () => {
    const { layer, written } = watched(true)
    return Effect.gen(function* () {
      const failing = yield* Effect.fork(patiently(Effect.zipRight(work, Effect.fail("no")), "Asking"))
      yield* TestClock.adjust("10 seconds")
      expect(yield* Effect.flip(Fiber.join(failing))).toBe("no")
      expect(written.at(-1)).toBe(erase)
      const endless = yield* Effect.fork(patiently(Effect.never, "Asking"))
      yield* TestClock.adjust("1 seconds")
      expect(written.at(-1)).not.toBe(erase)
      yield* Fiber.interrupt(endless)
      expect(written.at(-1)).toBe(erase)
    }).pipe(Effect.provide(layer))
  })

  it.effect("counts what is done of several, and of one says nothing", () => {
    const { layer, written } = watched(true)
    return Effect.gen(function* () {
      const counting = (total: number) =>
        countPatiently(total, "Asking", (counted) =>
          Effect.forEach(Array.from({ length: total }).keys(), (at) => counted(Effect.sleep(`${at + 1} seconds`)), {
            concurrency: "unbounded"
          })
        )
      const three = yield* Effect.fork(counting(3))
      yield* TestClock.adjust("1500 millis")
      expect(written.at(-1)).toContain("Asking (1 of 3, 1 s)")
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(three)
      const one = yield* Effect.fork(counting(1))
      yield* TestClock.adjust("500 millis")
      expect(written.at(-1)).toContain("Asking (0 s)")
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(one)
    }).pipe(Effect.provide(layer))
  })
})

/** A provider that answers when it is told to. */
const slowProvider = async () => {
  const waiting: Array<() => void> = []
  const server = createServer((_, response) => {
    waiting.push(() => response.end('{"data":[{"id":"m"}]}'))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // cast: a server that listens on a port has an address of this form
  const { port } = server.address() as AddressInfo
  const profile = (name: string) => `
[[profiles]]
name = "${name}"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:${port}/v1"
default_model = "m"
`
  const release = () => {
    for (const answer of waiting.splice(0)) answer()
  }
  return { profile, release }
}

describe("a terminal in front of claudex profile test", () => {
  it("shows the line while the providers are asked, at any width, and only the answers afterwards", async () => {
    const { profile, release } = await slowProvider()
    const user = await makeUser(profile("one") + profile("two"))
    const terminal = openTerminal(user, ["profile", "test", "all"])
    await terminal.until("Asking the providers (1 of 3, ")
    await terminal.resize(30, 24)
    await terminal.until("Asking the p… (1 of 3, ")
    await terminal.resize(80, 24)
    release()
    expect(await terminal.ended()).toEqual({ code: 0, asBefore: true, cursorShown: true })
    const screen = terminal.screen()
    expect(screen[0]).toContain("demo")
    expect(screen.join("\n")).not.toContain("Asking")
  })

  it("is left without the line and with its cursor by Ctrl-C", async () => {
    const { profile } = await slowProvider()
    const user = await makeUser(profile("one"))
    const terminal = openTerminal(user, ["profile", "test", "one"])
    await terminal.until("Asking the provider of one")
    terminal.type(key.ctrlC)
    expect(await terminal.ended()).toEqual({ code: 130, asBefore: true, cursorShown: true })
    expect(terminal.screen()).toEqual([""])
  })

  it("gets one line that stays where it is a dumb one", async () => {
    const { profile, release } = await slowProvider()
    const user = await makeUser(profile("one"))
    const terminal = openTerminal(user, ["profile", "test", "one"], { env: { TERM: "dumb" } })
    await terminal.until("claudex: Asking the provider of one")
    release()
    expect(await terminal.ended()).toEqual({ code: 0, asBefore: true, cursorShown: true })
    expect(terminal.screen()[0]).toBe("claudex: Asking the provider of one")
  })
})
