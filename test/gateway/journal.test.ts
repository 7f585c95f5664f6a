import { existsSync } from "node:fs"
import { FileSystem, Path } from "@effect/platform"
import { NodeFileSystem, NodePath } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer, Logger, Scope, Exit, TestClock } from "effect"
import { Paths } from "../../src/config/Paths.ts"
import { recordsIn, type RequestRecord } from "../../src/domain/RequestRecord.ts"
import { Journal } from "../../src/gateway/Journal.ts"
import * as JournalFiles from "../../src/gateway/journalFiles.ts"

const platform = Layer.merge(NodeFileSystem.layer, NodePath.layer)

const record = (id: number, time: number, words = ""): RequestRecord => ({
  id: `req_${id}`,
  time,
  profile: "p",
  asked: words,
  stream: false,
  status: 200,
  attempts: [],
  losses: [],
  duration_ms: 1,
  client_gone: false
})

const idsOf = (records: ReadonlyArray<RequestRecord>) => records.map(({ id }) => Number(id.slice(4)))

/** A state folder, and a journal there that can be opened and closed. */
const folder = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const root = yield* fs.makeTempDirectoryScoped({ prefix: "claudex-journal-" })
  const stateDir = path.join(root, "state")
  const paths = Layer.succeed(Paths, { home: root, globalConfigFiles: [], stateDir, cacheDir: root })
  const open = (keep: JournalFiles.Keep = { bytes: 1_000_000, age: 1e12 }) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(JournalFiles.layer(keep), scope).pipe(Effect.provide(paths))
      const journal = yield* Effect.provide(Journal, context)
      return { ...journal, close: Scope.close(scope, Exit.void) }
    })
  const file = path.join(stateDir, "requests.jsonl")
  const read = (limit = 1_000_000) => Effect.provide(JournalFiles.readJournal(limit), paths)
  const search = (id: string) => Effect.provide(JournalFiles.searchJournal(id), paths)
  const sizesIn = (dir: string) =>
    Effect.flatMap(fs.readDirectory(dir), (names) =>
      Effect.forEach(names, (name) => Effect.map(fs.stat(path.join(dir, name)), ({ size }) => Number(size)))
    )
  return { fs, stateDir, file, open, read, search, sizesIn }
})

describe("the journal in files", () => {
  it.scoped("is private, survives its process, and gives the newest first", () =>
    Effect.gen(function* () {
      const { file, fs, open, read, stateDir } = yield* folder
      const first = yield* open()
      for (const id of [1, 2, 3]) first.append(record(id, id))
      expect(idsOf(first.recent(2))).toEqual([3, 2])
      yield* first.close
      expect((yield* fs.stat(file)).mode & 0o777).toBe(0o600)
      expect((yield* fs.stat(stateDir)).mode & 0o777).toBe(0o700)
      yield* fs.chmod(file, 0o644)
      const second = yield* open()
      expect((yield* fs.stat(file)).mode & 0o777).toBe(0o600)
      second.append(record(4, 4))
      yield* second.flush
      expect(idsOf(second.recent(10))).toEqual([4, 3, 2, 1])
      expect(idsOf(yield* read(3))).toEqual([2, 3, 4])
      yield* second.close
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is written a moment after a record came", () =>
    Effect.gen(function* () {
      const { open, read } = yield* folder
      const journal = yield* open()
      journal.append(record(1, 1))
      yield* TestClock.adjust("1 seconds")
      yield* Effect.repeat(read(), { until: (records) => records.length === 1 })
      yield* journal.close
    }).pipe(Effect.provide(platform))
  )

  it.scoped("passes over the half line of a process that was killed, and over what is no record", () =>
    Effect.gen(function* () {
      const { file, fs, open, read } = yield* folder
      const before = yield* open()
      before.append(record(1, 1))
      yield* before.close
      yield* fs.writeFileString(file, `{"no":"record"}\n\nnonsense\n${JSON.stringify(record(2, 2)).slice(0, 40)}`, {
        flag: "a"
      })
      const after = yield* open()
      after.append(record(3, 3))
      yield* after.close
      expect(idsOf(yield* read())).toEqual([1, 3])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("keeps the newest whole records in order, whatever is appended, killed and set aside", () =>
    Effect.gen(function* () {
      const step = fc.oneof(
        fc.record({ do: fc.constant("append" as const), count: fc.integer({ min: 1, max: 20 }), size: fc.nat(400) }),
        fc.record({ do: fc.constant("restart" as const) }),
        fc.record({ do: fc.constant("tear" as const), cut: fc.integer({ min: 1, max: 60 }) }),
        fc.record({ do: fc.constant("cut" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
        fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 30 }) })
      )
      const samples = fc.sample(fc.array(step, { minLength: 5, maxLength: 25, size: "max" }), { numRuns: 40 })
      for (const steps of samples) {
        const { file, fs, open, read, sizesIn, stateDir } = yield* folder
        const keep = { bytes: 20_000, age: 48 * 3_600_000 }
        let journal = yield* open(keep)
        let next = 0
        const kept = new Set<number>()
        for (const one of steps) {
          if (one.do === "append") {
            for (let i = 0; i < one.count; i++) {
              kept.add(++next)
              journal.append(
                record(
                  next,
                  yield* Effect.map(Effect.clock, (clock) => clock.unsafeCurrentTimeMillis()),
                  "x".repeat(one.size)
                )
              )
            }
            yield* journal.flush
          } else if (one.do === "wait") yield* TestClock.adjust(`${one.hours} hours`)
          else {
            yield* journal.close
            const text = yield* Effect.orElseSucceed(fs.readFileString(file), () => "")
            if (one.do === "tear") {
              // as the writer does, who begins on a line of its own
              const start = text === "" || text.endsWith("\n") ? "" : "\n"
              const half = JSON.stringify(record(-1, 0, "half")).slice(0, one.cut)
              yield* fs.writeFileString(file, start + half, { flag: "a" })
            } else if (one.do === "cut" && text !== "") {
              // as if the process had died while it wrote the last of it
              const rest = text.slice(0, Math.floor(text.length * one.share))
              yield* fs.writeFileString(file, rest)
              for (const { id } of recordsIn(text.split("\n")).slice(recordsIn(rest.split("\n")).length)) {
                kept.delete(Number(id.slice(4)))
              }
            }
            journal = yield* open(keep)
          }
        }
        yield* journal.close
        const ids = idsOf(yield* read())
        // a suffix of what was appended: nothing is missing in between, nothing is there twice
        expect(ids).toEqual([...kept].slice(kept.size - ids.length))
        const sizes = yield* sizesIn(stateDir)
        const batch = 20 * JSON.stringify(record(1_000, 1e12, "x".repeat(400))).length
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(keep.bytes + batch)
      }
    }).pipe(Effect.provide(platform))
  )

  it.scoped(
    "finds a request by how its id begins, however far back it is, and by nothing that is said in another",
    () =>
      Effect.gen(function* () {
        const { file, fs, search, stateDir } = yield* folder
        yield* fs.makeDirectory(stateDir)
        const long = Array.from({ length: 800 }, (_, at) => record(1_000 + at, 1_000 + at, "x".repeat(4_000)))
        const records = [record(71, 1), record(72, 2), ...long, record(9, 3_000, '"id":"req_71')]
        yield* fs.writeFileString(file, records.map((one) => `${JSON.stringify(one)}\n`).join(""))
        expect(idsOf(yield* search("req_71"))).toEqual([71])
        expect(idsOf(yield* search("req_7"))).toEqual([71, 72])
        expect(yield* search("req_71\n")).toEqual([])
      }).pipe(Effect.provide(platform))
  )

  it.scoped("throws away what is too old, and what is too much", () =>
    Effect.gen(function* () {
      const { open, read, sizesIn, stateDir } = yield* folder
      const journal = yield* open({ bytes: 4_000, age: 3_600_000 })
      for (let id = 1; id <= 200; id++) {
        journal.append(record(id, id))
        yield* journal.flush
      }
      const size = (yield* sizesIn(stateDir)).reduce((sum, one) => sum + one, 0)
      expect(size).toBeLessThan(4_000)
      expect(size).toBeGreaterThan(2_000)
      const ids = idsOf(yield* read())
      expect(ids).toEqual(Array.from(ids, (_, at) => 201 - ids.length + at))
      yield* journal.close
    }).pipe(Effect.provide(platform))
  )

  it.scoped("throws away at its start what grew too old while no gateway ran", () =>
    Effect.gen(function* () {
      const { fs, open, read, stateDir } = yield* folder
      yield* fs.makeDirectory(stateDir)
      for (const hour of [0, 5]) {
        const file = `${stateDir}/requests-00000000000000${hour}.jsonl`
        yield* fs.writeFileString(file, `${JSON.stringify(record(hour, hour))}\n`)
        yield* fs.utimes(file, hour * 3_600, hour * 3_600)
      }
      yield* TestClock.setTime(6 * 3_600_000)
      const journal = yield* open({ bytes: 1_000_000, age: 2 * 3_600_000 })
      yield* journal.close
      expect(idsOf(yield* read())).toEqual([5])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is set aside when its first record is a day old, however often the gateway was started since", () =>
    Effect.gen(function* () {
      const { fs, open, read, stateDir } = yield* folder
      for (let hour = 0; hour < 30; hour += 6) {
        const journal = yield* open()
        journal.append(record(hour, hour * 3_600_000))
        yield* journal.close
        yield* TestClock.adjust("6 hours")
      }
      expect(yield* fs.readDirectory(stateDir)).toHaveLength(2)
      expect(idsOf(yield* read())).toEqual([0, 6, 12, 18, 24])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("keeps its order when the clock is set back", () =>
    Effect.gen(function* () {
      const { open, read } = yield* folder
      for (const [id, time] of [900, 500, 100].entries()) {
        yield* TestClock.setTime(time)
        const journal = yield* open({ bytes: 1_000, age: 1e12 })
        journal.append(record(id, time, "x".repeat(150)))
        yield* journal.flush
        journal.append(record(id + 10, time))
        yield* journal.close
      }
      const ids = idsOf(yield* read())
      expect(ids).toEqual([0, 10, 1, 11, 2, 12].slice(-ids.length))
      expect(ids.length).toBeGreaterThan(2)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("reads at the start no more than it keeps in memory, and gives no more than is asked for", () =>
    Effect.gen(function* () {
      const { open } = yield* folder
      const first = yield* open()
      for (let id = 1; id <= 700; id++) first.append(record(id, id))
      expect(first.recent(0)).toEqual([])
      expect(first.recent(1_000)).toHaveLength(500)
      yield* first.close
      const second = yield* open()
      expect(idsOf(second.recent(1_000))).toEqual(Array.from({ length: 500 }, (_, at) => 700 - at))
      yield* second.close
    }).pipe(Effect.provide(platform))
  )

  it.effect.skipIf(!existsSync("/dev/full"))("stays in memory, with one warning, when the disk is full", () =>
    Effect.gen(function* () {
      const { file, fs, open, stateDir } = yield* folder
      yield* fs.makeDirectory(stateDir)
      yield* fs.symlink("/dev/full", file)
      const warnings: Array<unknown> = []
      const logger = Logger.make(({ message }) => void warnings.push(message))
      yield* Effect.gen(function* () {
        const journal = yield* open()
        for (const id of [1, 2, 3]) {
          journal.append(record(id, id))
          yield* journal.flush
        }
        expect(idsOf(journal.recent(10))).toEqual([3, 2, 1])
        yield* journal.close
      }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
      expect(warnings).toHaveLength(1)
      expect(String(warnings[0])).toContain("ENOSPC")
    }).pipe(Effect.scoped, Effect.provide(platform))
  )

  it.scoped("is written again when its folder comes back", () =>
    Effect.gen(function* () {
      const { fs, open, read, stateDir } = yield* folder
      const journal = yield* open()
      journal.append(record(1, 1))
      yield* journal.flush
      yield* fs.remove(stateDir, { recursive: true })
      yield* fs.writeFileString(stateDir, "a file where the folder should be")
      journal.append(record(2, 2))
      yield* journal.flush
      yield* fs.remove(stateDir)
      journal.append(record(3, 3))
      yield* journal.close
      expect(idsOf(yield* read())).toEqual([3])
      expect(idsOf(journal.recent(9))).toEqual([3, 2, 1])
    }).pipe(Effect.provide(Layer.merge(platform, Logger.remove(Logger.defaultLogger))))
  )

  it.scoped("stays in memory, with one warning, when the disk takes nothing", () =>
    Effect.gen(function* () {
      const { fs, open, stateDir } = yield* folder
      yield* fs.writeFileString(stateDir, "a file where the folder should be")
      const warnings: Array<unknown> = []
      const logger = Logger.make(({ message }) => void warnings.push(message))
      const journal = yield* open().pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
      journal.append(record(1, 1))
      yield* journal.flush
      expect(idsOf(journal.recent(10))).toEqual([1])
      expect(warnings).toHaveLength(1)
      yield* journal.close
    }).pipe(Effect.provide(platform))
  )
})
