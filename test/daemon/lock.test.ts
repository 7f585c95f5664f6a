import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { tryLock } from "../../src/daemon/Lock.ts"
import { self } from "../../src/daemon/processes.ts"

const withFile = <A, E, R>(use: (file: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped()
    return yield* use(`${directory}/state/it.lock`, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

const owner = (fields: Record<string, unknown>) =>
  JSON.stringify({ pid: process.pid, start: "", id: "other", since: Date.now(), ...fields })

/** An id that no process has: it is over the limit of every system. */
const nobody = 2 ** 30

const prepared = (fs: FileSystem.FileSystem, file: string, content: string, ageSeconds = 0) =>
  Effect.gen(function* () {
    yield* fs.makeDirectory(file.replace(/\/[^/]*$/, ""), { recursive: true })
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
        expect(yield* fs.readDirectory(file.replace(/\/[^/]*$/, ""))).toEqual([])
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
    ["that is old and damaged", "{", 120]
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
          expect(yield* fs.readDirectory(file.replace(/\/[^/]*$/, ""))).toEqual(["it.lock"])
        })
      )
    )
  }

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
