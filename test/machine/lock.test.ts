import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Exit, Fiber, Scope, TestClock } from "effect"
import { type Limits, locked, tryLock } from "../../src/machine/Lock.ts"
import { self } from "../../src/machine/processes.node.ts"

const withFile = <A, E, R>(use: (file: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped()
    return yield* use(`${directory}/state/it.lock`, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

const owner = (fields: Record<string, unknown>) =>
  JSON.stringify({ pid: process.pid, start: "", id: "other", since: Date.now(), ...fields })

const folderOf = (file: string): string => file.replace(/\/[^/]*$/, "")

/** An id that no process has: it is over the limit of every system. */
const nobody = 2 ** 30

const prepared = (fs: FileSystem.FileSystem, file: string, content: string, ageSeconds = 0) =>
  Effect.gen(function* () {
    yield* fs.makeDirectory(folderOf(file), { recursive: true })
    yield* fs.writeFileString(file, content)
    const time = Date.now() / 1000 - ageSeconds
    yield* fs.utimes(file, time, time)
  })

describe("a lock between processes", () => {
  it.live("is taken by exactly one of many, and free again when that one is done", () =>
    withFile((file, fs) =>
      Effect.gen(function* () {
        const scopes = yield* Effect.all(Array.from({ length: 30 }, () => Scope.make()))
        const taken = yield* Effect.forEach(scopes, (scope) => Scope.extend(tryLock(file), scope), {
          concurrency: "unbounded"
        })
        expect(taken.filter((mine) => mine)).toHaveLength(1)
        expect(yield* Effect.scoped(tryLock(file))).toBe(false)
        yield* Effect.forEach(scopes, (scope) => Scope.close(scope, Exit.void))
        expect(yield* fs.readDirectory(folderOf(file))).toEqual([])
        expect(yield* Effect.scoped(tryLock(file))).toBe(true)
      })
    )
  )

  it.live("is private", () =>
    withFile((file, fs) =>
      Effect.gen(function* () {
        yield* tryLock(file)
        expect((yield* fs.stat(file)).mode & 0o777).toBe(0o600)
      })
    )
  )

  it.live("holds as long as its owner lives", () =>
    withFile((file, fs) =>
      Effect.gen(function* () {
        const { start } = yield* self
        for (const known of [start, ""]) {
          yield* prepared(fs, file, owner({ start: known }))
          expect(yield* Effect.scoped(tryLock(file))).toBe(false)
          expect(yield* fs.exists(file)).toBe(true)
        }
      })
    )
  )

  const stale: ReadonlyArray<readonly [string, string, number]> = [
    ["whose owner is dead", owner({ pid: nobody }), 0],
    ["whose owner's id is another process's now", owner({ start: "some other time" }), 0],
    ["whose owner could be everybody", owner({ pid: -1 }), 0],
    ["whose owner could be a group", owner({ pid: 0 }), 0],
    ["that is older than any start takes", owner({}), 120],
    ["that is old and damaged", "{", 120],
    ["that is damaged, and from before the clock was set back", "", -3600]
  ]
  for (const [title, content, age] of stale) {
    it.live(`is broken, by one of many, when it is one ${title}`, () =>
      withFile((file, fs) =>
        Effect.gen(function* () {
          yield* prepared(fs, file, content, age)
          const attempts = Array.from({ length: 20 }, () => tryLock(file))
          const first = yield* Effect.all(attempts, { concurrency: "unbounded" })
          // whoever met another one breaking it may try again
          const again = yield* Effect.all(attempts, { concurrency: "unbounded" })
          expect([...first, ...again].filter((mine) => mine)).toHaveLength(1)
          expect(yield* fs.readDirectory(folderOf(file))).toEqual(["it.lock"])
        })
      )
    )
  }

  it.live("is broken when it is a link that leads nowhere", () =>
    withFile((file, fs) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(folderOf(file), { recursive: true })
        yield* fs.symlink(`${folderOf(file)}/nothing`, file)
        expect(yield* tryLock(file)).toBe(true)
        expect(yield* fs.readDirectory(folderOf(file))).toEqual(["it.lock"])
      })
    )
  )

  it.live("that is damaged is left alone while somebody may still be writing it", () =>
    withFile((file, fs) =>
      Effect.gen(function* () {
        yield* prepared(fs, file, "{")
        expect(yield* Effect.scoped(tryLock(file))).toBe(false)
        expect(yield* fs.readFileString(file)).toBe("{")
      })
    )
  )

  it.live("is not released by one who lost it to another", () =>
    withFile((file, fs) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        yield* Scope.extend(tryLock(file), scope)
        yield* fs.writeFileString(file, owner({}))
        yield* Scope.close(scope, Exit.void)
        expect(yield* fs.exists(file)).toBe(true)
      })
    )
  )

  const breakers: ReadonlyArray<readonly [string, string, number]> = [
    ["just now", owner({ pid: nobody }), 0],
    ["long ago, without a name", "", 120]
  ]
  for (const [title, content, age] of breakers) {
    it.live(`can be broken although a breaker died at it ${title}`, () =>
      withFile((file, fs) =>
        Effect.gen(function* () {
          yield* prepared(fs, file, owner({ pid: nobody }))
          yield* prepared(fs, `${file}.break`, content, age)
          yield* Effect.scoped(tryLock(file))
          expect(yield* tryLock(file)).toBe(true)
          expect(yield* fs.exists(`${file}.break`)).toBe(false)
        })
      )
    )
  }
})

/** Longer than the test may take. */
const limits: Limits = { longest: Duration.minutes(1), patience: Duration.minutes(5) }

describe("work under a lock between processes", () => {
  const before: ReadonlyArray<readonly [string, string | undefined, number]> = [
    ["nobody holds", undefined, 0],
    ["a dead process held", owner({ pid: nobody }), 0],
    ["another process held that has this one's id now", owner({ start: "some other time" }), 0],
    ["a process holds for longer than any work takes", owner({}), 61]
  ]
  for (const [title, content, age] of before) {
    it.live(`that ${title} is done by all of 100, one at a time`, () =>
      withFile((file, fs) =>
        Effect.gen(function* () {
          if (content !== undefined) yield* prepared(fs, file, content, age)
          let [inside, most, done] = [0, 0, 0]
          const work = Effect.gen(function* () {
            inside += 1
            most = Math.max(most, inside)
            yield* fs.exists(file)
            inside -= 1
            done += 1
          })
          yield* Effect.all(
            Array.from({ length: 100 }, () => locked(file, limits, work)),
            { concurrency: "unbounded" }
          )
          expect([most, done]).toEqual([1, 100])
          expect(yield* fs.readDirectory(folderOf(file))).toEqual([])
        })
      )
    )
  }

  it.effect("is not begun by one whose patience is at its end while another one holds the lock", () =>
    withFile((file, fs) =>
      Effect.gen(function* () {
        yield* prepared(fs, file, owner({}))
        let done = false
        const work = locked(
          file,
          { patience: Duration.seconds(10) },
          Effect.sync(() => (done = true))
        )
        const began = yield* Clock.currentTimeMillis
        const waiting = yield* Effect.fork(Effect.flip(work))
        while ((yield* Fiber.poll(waiting))._tag === "None") {
          yield* TestClock.adjust("50 millis")
          yield* Effect.promise(() => new Promise((next) => setImmediate(next)))
        }
        expect(yield* Fiber.join(waiting)).toMatchObject({ _tag: "LockHeld", file })
        expect((yield* Clock.currentTimeMillis) - began).toBeGreaterThanOrEqual(10_000)
        expect(done).toBe(false)
        expect(yield* fs.readFileString(file)).toBe(owner({ since: JSON.parse(yield* fs.readFileString(file)).since }))
      })
    )
  )

  it.live("gives the lock back however it ends", () =>
    withFile((file, fs) =>
      Effect.gen(function* () {
        const started = yield* Deferred.make<void>()
        const forever = yield* Effect.fork(
          locked(file, limits, Effect.zipRight(Deferred.succeed(started, undefined), Effect.never))
        )
        yield* Deferred.await(started)
        yield* Fiber.interrupt(forever)
        yield* Effect.flip(locked(file, limits, Effect.fail("fault")))
        expect(yield* fs.readDirectory(folderOf(file))).toEqual([])
      })
    )
  )
})

/** A disk for a process that is killed: after so many calls none answers any more, and nothing of it goes on. */
const killedAfter = (fs: FileSystem.FileSystem, calls: number, dead: Deferred.Deferred<void>) => {
  let left = calls
  const living = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      left -= 1
      return left < 0
        ? Effect.zipRight(
            Deferred.succeed(dead, undefined),
            Effect.async<never>(() => {})
          )
        : call
    })
  return {
    ...fs,
    link: (...call) => living(fs.link(...call)),
    makeDirectory: (...call) => living(fs.makeDirectory(...call)),
    readDirectory: (...call) => living(fs.readDirectory(...call)),
    readFileString: (...call) => living(fs.readFileString(...call)),
    remove: (...call) => living(fs.remove(...call)),
    stat: (...call) => living(fs.stat(...call)),
    writeFileString: (...call) => living(fs.writeFileString(...call))
  } satisfies FileSystem.FileSystem
}

describe("a process that is killed while it takes or gives back a lock", () => {
  const before = [
    ["free", undefined],
    ["a dead one's", owner({ pid: nobody })]
  ] as const
  for (const [title, content] of before) {
    it.live(`that was ${title} is in nobody's way, whenever that is, and what it leaves is swept away`, () =>
      withFile((file, fs) =>
        Effect.gen(function* () {
          let [calls, drafts, over] = [0, 0, false]
          for (; !over; calls += 1) {
            if (content !== undefined) yield* prepared(fs, file, content)
            const dead = yield* Deferred.make<void>()
            const killed = Effect.provideService(
              locked(file, limits, Effect.void),
              FileSystem.FileSystem,
              killedAfter(fs, calls, dead)
            )
            const life = yield* Effect.forkDaemon(killed)
            over = yield* Effect.raceFirst(Effect.as(Deferred.await(dead), false), Effect.as(Fiber.join(life), true))
            yield* fs.makeDirectory(folderOf(file), { recursive: true })
            // in the place of this process, which lives: one that does not
            for (const name of yield* fs.readDirectory(folderOf(file))) {
              const left = `${folderOf(file)}/${name}`
              const text = (yield* fs.readFileString(left)).replace(`"pid":${process.pid}`, `"pid":${nobody}`)
              yield* fs.writeFileString(left, text)
            }
            yield* locked(file, limits, Effect.void)
            const leftovers = yield* fs.readDirectory(folderOf(file))
            for (const name of leftovers) {
              expect(name).toMatch(/^\.it\.lock(\.break)?\.[-0-9a-f]{36}\.tmp$/)
              yield* fs.utimes(`${folderOf(file)}/${name}`, 0, 0)
            }
            drafts += leftovers.length
            yield* locked(file, limits, Effect.void)
            expect(yield* fs.readDirectory(folderOf(file))).toEqual([])
          }
          expect(calls).toBeGreaterThan(5)
          expect(drafts).toBeGreaterThan(1)
        })
      )
    )
  }
})
