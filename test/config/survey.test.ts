import { Error as PlatformError, FileSystem, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer, Option } from "effect"
import { isUnchanged, type Survey, survey } from "../../src/config/survey.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

interface Entry {
  readonly directory: boolean
  readonly changed: number
  readonly ino: number
  /** Tells states apart that no time does. */
  readonly version: number
}

// made once: it is what takes the time
const missing = Effect.fail(
  new PlatformError.SystemError({ reason: "NotFound", module: "FileSystem", method: "stat", pathOrDescriptor: "" })
)

/** A disk in memory whose every change is dated by the test, and that counts the questions it answers. */
const makeDisk = () => {
  const entries = new Map<string, Entry>([["/", { directory: true, changed: 0, ino: 0, version: 0 }]])
  const counts = { found: 0, missed: 0 }
  let serial = 0
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/"
  const touch = (path: string, now: number) => {
    const entry = entries.get(path)
    if (entry !== undefined) entries.set(path, { ...entry, changed: now, version: ++serial })
  }
  const remove = (path: string, now: number) => {
    if (!entries.has(path)) return
    for (const inner of entries.keys()) if (inner === path || inner.startsWith(`${path}/`)) entries.delete(inner)
    touch(parentOf(path), now)
  }
  const put = (path: string, directory: boolean, now: number) => {
    if (entries.get(parentOf(path))?.directory !== true) return
    const existing = entries.get(path)
    if (existing !== undefined && existing.directory === directory) {
      if (!directory) touch(path, now)
      return
    }
    remove(path, now)
    entries.set(path, { directory, changed: now, ino: ++serial, version: serial })
    touch(parentOf(path), now)
  }
  const stat = (path: string) =>
    Effect.suspend(() => {
      const entry = entries.get(path)
      if (entry === undefined) {
        counts.missed++
        return missing
      }
      counts.found++
      const info: FileSystem.File.Info = {
        type: entry.directory ? "Directory" : "File",
        mtime: Option.some(new Date(entry.changed)),
        atime: Option.none(),
        birthtime: Option.none(),
        dev: 1,
        ino: Option.some(entry.ino),
        mode: 0o644,
        nlink: Option.none(),
        uid: Option.none(),
        gid: Option.none(),
        rdev: Option.none(),
        size: FileSystem.Size(1),
        blksize: Option.none(),
        blocks: Option.none()
      }
      return Effect.succeed(info)
    })
  /** What the files at some paths are, for a test that must know. */
  const versions = (files: ReadonlyArray<string>) =>
    files.map((path) => (entries.get(path)?.directory === false ? entries.get(path)?.version : undefined))
  return { counts, layer: Layer.merge(FileSystem.layerNoop({ stat }), Path.layer), put, remove, versions }
}

const paths = [
  "/a/b/claudex.toml",
  "/a/b/.claudex/config.toml",
  "/a/claudex.toml",
  "/a/.claudex/config.toml",
  "/x/y.toml"
]
const places = ["/a", "/a/b", "/a/b/.claudex", "/a/.claudex", "/x", ...paths]
const kinds = (seen: Survey) => paths.map((path) => seen.get(path)?.kind)

const change = fc.record({
  path: fc.constantFrom(...places),
  kind: fc.constantFrom("directory" as const, "file" as const, "removal" as const),
  later: fc.constantFrom(0, 1, 100, 5_000)
})

describe("a survey that follows another", () => {
  it("sees what one that starts anew sees, whatever happened in between, at whatever time", async () => {
    await holds(
      fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 8 }), (rounds) => {
        const disk = makeDisk()
        let now = 10_000
        for (const directory of ["/a", "/a/b"]) disk.put(directory, true, now)
        let before: Survey = new Map()
        let known = disk.versions(paths)
        for (const changes of rounds) {
          for (const { kind, later, path } of changes) {
            now += later
            if (kind === "removal") disk.remove(path, now)
            else disk.put(path, kind === "directory", now)
          }
          const [next, fresh] = Effect.runSync(
            Effect.all([survey(paths, now, before), survey(paths, now)]).pipe(Effect.provide(disk.layer))
          )
          assert.deepStrictEqual(kinds(next), kinds(fresh))
          const versions = disk.versions(paths)
          if (isUnchanged(paths, before, next)) assert.deepStrictEqual(versions, known)
          before = next
          known = versions
        }
      }),
      { numRuns: runs }
    )
  })

  it("asks for nothing in vain while the directories are as they were", () => {
    const disk = makeDisk()
    for (const directory of ["/a", "/a/b", "/x"]) disk.put(directory, true, 0)
    disk.put("/a/claudex.toml", false, 0)
    const run = (now: number, before?: Survey) => Effect.runSync(Effect.provide(survey(paths, now, before), disk.layer))
    const first = run(10_000)
    assert.isAbove(disk.counts.missed, 0)
    disk.counts.missed = 0
    const second = run(20_000, first)
    assert.strictEqual(disk.counts.missed, 0)
    assert.isTrue(isUnchanged(paths, first, second))
    disk.put("/a/b/claudex.toml", false, 25_000)
    assert.isFalse(isUnchanged(paths, second, run(30_000, second)))
  })

  it("does not call a file unchanged whose last change may still be going on", () => {
    const disk = makeDisk()
    disk.put("/a", true, 0)
    disk.put("/a/claudex.toml", false, 9_000)
    const run = (now: number, before?: Survey) => Effect.runSync(Effect.provide(survey(paths, now, before), disk.layer))
    const first = run(10_000)
    const second = run(20_000, first)
    assert.isFalse(isUnchanged(paths, first, second))
    assert.isTrue(isUnchanged(paths, second, run(30_000, second)))
  })
})
