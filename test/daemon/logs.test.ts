import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck, Fiber, Queue } from "effect"
import { profileWord, profilesPart, readRequestLine } from "../../src/gateway/requestLine.ts"
import { wantedLines } from "../../src/daemon/logLines.ts"
import { pieceName, piecesOf, setAsideAt } from "../../src/daemon/logPieces.ts"
import { followLines, lastLines } from "../../src/daemon/logReader.ts"
import { type LogBounds, rotatingLog } from "../../src/daemon/RotatingLog.ts"

const day = 24 * 60 * 60 * 1000
const begin = Date.parse("2026-01-31T12:00:00.000Z")
const spacious: LogBounds = { bytes: 1_000_000, milliseconds: 100 * day }

/** A log in a folder of its own, with a clock of its own. */
const makeLog = () => {
  const folder = mkdtempSync(join(tmpdir(), "claudex-log-"))
  const file = join(folder, "gateway.log")
  let time = begin
  const handles: Array<number> = []
  const open = () => {
    const handle = openSync(file, "a", 0o644)
    handles.push(handle)
    return rotatingLog({ file, handle, put: (line) => void writeSync(handle, line), now: () => time })
  }
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  const line = (text: string): string => `timestamp=${new Date(time).toISOString()} level=INFO message=${text}\n`
  const names = () => piecesOf("gateway.log", readdirSync(folder)).map(({ name }) => name)
  const text = () => [...names(), "gateway.log"].map((name) => readFileSync(join(folder, name), "utf8")).join("")
  const close = () => {
    for (const handle of handles) closeSync(handle)
    rmSync(folder, { recursive: true, force: true })
  }
  return { folder, file, open, pass, line, names, text, close }
}

const withLog = <A>(use: (log: ReturnType<typeof makeLog>) => A): A => {
  const log = makeLog()
  try {
    return use(log)
  } finally {
    log.close()
  }
}

describe("the log of a running gateway", () => {
  it("loses no line to rotation while it stays within its bounds, and writes on in the same file", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(FastCheck.tuple(FastCheck.nat(400), FastCheck.nat(day)), { maxLength: 60 }),
        (writes) =>
          withLog(({ file, line, open, pass, text }) => {
            const log = open()
            log.bound({ bytes: 40_000, milliseconds: 1_000 * day })
            const { ino } = statSync(file)
            const lines = writes.map(([length, pause]) => {
              pass(pause)
              const written = line("x".repeat(length))
              log.write(written)
              return written
            })
            expect(text()).toBe(lines.join(""))
            expect(statSync(file).ino).toBe(ino)
          })
      ),
      { numRuns: 30 }
    )
  })

  it("never takes more room than it may, keeps the newest lines, and keeps all to the user", () =>
    withLog(({ folder, line, names, open, pass, text }) => {
      const log = open()
      log.bound({ bytes: 8_000, milliseconds: 100 * day })
      let all = ""
      for (let i = 0; i < 1_000; i++) {
        pass(1)
        const written = line(String(i))
        all += written
        log.write(written)
        expect(text().length).toBeLessThanOrEqual(8_000 + written.length)
      }
      expect(names().length).toBeGreaterThan(1)
      expect(text().length).toBeGreaterThan(4_000)
      expect(all.endsWith(text())).toBe(true)
      for (const name of readdirSync(folder))
        expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600])
      expect(statSync(folder).mode & 0o777).toBe(0o700)
    }))

  it("holds nothing that is older than it may be, also while nothing is written", () =>
    withLog(({ line, open, pass, text }) => {
      const log = open()
      log.bound({ bytes: 1_000_000, milliseconds: 4 * day })
      log.write(line("old"))
      pass(day)
      log.write(line("newer"))
      expect(text()).toContain("old")
      pass(3 * day)
      log.tidy()
      expect(text()).not.toContain("old")
      expect(text()).toContain("newer")
      pass(3 * day)
      log.tidy()
      expect(text()).toBe("")
    }))

  it("goes by the age of the first line of a file that was there before", () =>
    withLog(({ line, names, open, pass }) => {
      const first = open()
      first.write(line("before"))
      pass(2 * day)
      const log = open()
      log.bound(spacious)
      log.write(line("after"))
      expect(names()).toHaveLength(1)
    }))

  it("has no line twice after a death between copying aside and emptying", () =>
    withLog(({ file, folder, line, open, text }) => {
      const text0 = line("one") + line("two")
      writeFileSync(file, text0)
      writeFileSync(join(folder, pieceName("gateway.log", begin)), text0)
      open().bound(spacious)
      expect(text()).toBe(text0)
    }))

  for (const [how, act] of [
    ["removed", ({ file }) => rmSync(file)],
    ["moved away", ({ file }) => renameSync(file, `${file}-kept`)],
    [
      "replaced",
      ({ file }) => {
        writeFileSync(`${file}-next`, "", { mode: 0o644 })
        renameSync(`${file}-next`, file)
      }
    ]
  ] as ReadonlyArray<readonly [string, (log: { readonly file: string }) => void]>) {
    it(`goes on in a file in its place, within its bounds, when that was ${how} by somebody else`, () =>
      withLog(({ file, line, open, pass, text }) => {
        const log = open()
        log.bound({ bytes: 8_000, milliseconds: 100 * day })
        log.write(line("before"))
        expect(log.tidy()).toBe(false)
        act({ file })
        expect(log.tidy()).toBe(true)
        expect(statSync(file).mode & 0o777).toBe(0o600)
        log.write(line("after"))
        expect(readFileSync(file, "utf8")).toBe(line("after"))
        expect(log.tidy()).toBe(false)
        act({ file })
        let written = ""
        for (let i = 0; i < 1_000; i++) {
          pass(1)
          written += line(String(i))
          log.write(line(String(i)))
          log.tidy()
          expect(text().length).toBeLessThanOrEqual(8_000 + 100)
        }
        expect(text().length).toBeGreaterThan(4_000)
        expect(written.endsWith(text())).toBe(true)
      }))
  }

  it("empties no file but the one in its place", () =>
    withLog(({ file, line, open, text }) => {
      const log = open()
      log.bound({ bytes: 8_000, milliseconds: 100 * day })
      log.write(line("before"))
      renameSync(file, `${file}-kept`)
      writeFileSync(file, line("somebody's"))
      // full, before anybody looked
      for (let i = 0; i < 100; i++) log.write(line("next"))
      const kept = readFileSync(`${file}-kept`, "utf8")
      expect(kept.startsWith(line("before") + line("next"))).toBe(true)
      expect(kept.length).toBeLessThan(2_500)
      expect(text().startsWith(line("somebody's") + line("next"))).toBe(true)
      expect(log.tidy()).toBe(true)
    }))

  it("waits for its place to be free again where that is no file any more", () =>
    withLog(({ file, line, open }) => {
      const log = open()
      log.bound(spacious)
      rmSync(file)
      mkdirSync(file)
      expect(log.tidy()).toBe(false)
      log.write(line("lost"))
      rmdirSync(file)
      expect(log.tidy()).toBe(true)
      log.write(line("after"))
      expect(readFileSync(file, "utf8")).toBe(line("after"))
    }))

  it("is left alone by a process whose stderr is another file", () =>
    withLog(({ file, folder, line, names }) => {
      writeFileSync(file, line("mine").repeat(100))
      const handle = openSync(join(folder, "other"), "a")
      const log = rotatingLog({ file, handle, put: (text) => void writeSync(handle, text), now: () => begin })
      log.bound({ bytes: 10, milliseconds: 1 })
      log.write(line("other"))
      log.tidy()
      closeSync(handle)
      expect(names()).toEqual([])
      expect(readFileSync(file, "utf8")).toBe(line("mine").repeat(100))
    }))
})

describe("names of what was set aside", () => {
  it("tell the time and sort by it", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.nat(4e12), FastCheck.nat(4e12), (one, other) => {
        expect(setAsideAt("l.log", pieceName("l.log", one))).toBe(one)
        expect(pieceName("l.log", one) < pieceName("l.log", other)).toBe(one < other)
      })
    )
    for (const name of ["l.log", "l.log.1", "l.log.tmp", "other", "l.log.20260131T"]) {
      expect(setAsideAt("l.log", name)).toBeUndefined()
    }
    expect(setAsideAt("l.log", "l.log.old")).toBe(0)
  })
})

describe("reading the log", () => {
  it.live("follows it across rotations without losing or repeating a line", () =>
    Effect.gen(function* () {
      const log = makeLog()
      yield* Effect.addFinalizer(() => Effect.sync(log.close))
      const writer = log.open()
      writer.bound({ bytes: 20_000, milliseconds: 100 * day })
      const all: Array<string> = []
      const write = (count: number) =>
        Effect.sync(() => {
          for (let i = 0; i < count; i++) {
            log.pass(1)
            const text = log.line(`n${all.length}`)
            all.push(text.trimEnd())
            writer.write(text)
          }
        })
      yield* write(10)
      const { lines, place } = yield* lastLines(log.file, 3, () => true)
      expect(lines).toEqual(all.slice(-3))
      const seen = yield* Queue.unbounded<string>()
      const following = yield* Effect.fork(
        followLines(
          log.file,
          place,
          () => true,
          (more) => Queue.offerAll(seen, more)
        )
      )
      // more than one piece between two looks, less than what is thrown away
      const followed: Array<string> = []
      for (let round = 0; round < 5; round++) {
        yield* write(25 + 40 * (round % 3))
        followed.push(...(yield* Queue.takeN(seen, all.length - 10 - followed.length)))
      }
      yield* Fiber.interrupt(following)
      expect(followed).toEqual(all.slice(10))
      expect(yield* Queue.size(seen)).toBe(0)
      expect(log.names().length).toBeGreaterThan(1)
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )

  it.live("takes what was set aside and not emptied yet for one text", () =>
    Effect.gen(function* () {
      const log = makeLog()
      yield* Effect.addFinalizer(() => Effect.sync(log.close))
      const content = log.line("one") + log.line("two")
      writeFileSync(log.file, content)
      writeFileSync(join(log.folder, pieceName("gateway.log", begin)), content)
      const { lines } = yield* lastLines(log.file, 100, () => true)
      expect(lines).toEqual(content.trimEnd().split("\n"))
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )
})

describe("the lines that somebody wants", () => {
  const stamp = "timestamp=2026-01-31T12:00:00.000Z"
  const lines = [
    `${stamp} level=INFO fiber=#1 message="The gateway listens"`,
    `${stamp} level=INFO fiber=#2 message="req_1 POST /p 200 profile=grok a → b 5 ms"`,
    `${stamp} level=DEBUG fiber=#2 message="req_1 losses\\n  drop x: y (z)"`,
    `${stamp} level=WARN fiber=#3 message="req_2 POST /p 529 profile=grok,back%20up failed: \\"profile=other\\""`,
    `${stamp} level=ERROR fiber=#3 message="req_3 Error: oh" profile=grok`,
    `${stamp} level=WARN fiber=#3 message="breaker opened" profile="back up"`,
    "TypeError: what a crash left",
    "    at somewhere"
  ]
  const numbers = (want: Parameters<typeof wantedLines>[0]) => {
    const isWanted = wantedLines(want)
    return lines.flatMap((line, index) => (isWanted(line) ? [index] : []))
  }

  it("are those of a level and above, and whatever a crash left", () => {
    expect(numbers({ level: "trace" })).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(numbers({ level: "info" })).toEqual([0, 1, 3, 4, 5, 6, 7])
    expect(numbers({ level: "warn" })).toEqual([3, 4, 5, 6, 7])
    expect(numbers({ level: "error" })).toEqual([4, 6, 7])
  })

  it("are those of a profile with what belongs to its requests, whatever a provider wrote into a line", () => {
    expect(numbers({ level: "trace", profile: "grok" })).toEqual([1, 2, 3])
    expect(numbers({ level: "trace", profile: "back up" })).toEqual([3, 5])
    expect(numbers({ level: "warn", profile: "grok" })).toEqual([3])
    expect(numbers({ level: "trace", profile: "other" })).toEqual([])
  })

  it("name any profile in one word that reads back", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.uniqueArray(FastCheck.string({ unit: "grapheme", minLength: 1 })), (names) => {
        const line = `req_1 POST /x 200 ${profilesPart(names)} and more`
        expect(readRequestLine(line)).toEqual({ id: "req_1", profiles: [...new Set(names.map(profileWord))] })
      })
    )
  })
})
