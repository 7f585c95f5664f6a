import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writePrivateFile } from "../../src/machine/privateFile.ts"
import { platform, sandbox } from "../config/support.ts"

describe("a private file", () => {
  it.scoped("can be read by its owner only, in a directory that only the owner enters", () =>
    Effect.gen(function* () {
      const { inside } = yield* sandbox
      const fs = yield* FileSystem.FileSystem
      yield* writePrivateFile(inside("state/claudex/token"), "é")
      assert.strictEqual(yield* fs.readFileString(inside("state/claudex/token")), "é")
      assert.strictEqual((yield* fs.stat(inside("state/claudex/token"))).mode & 0o777, 0o600)
      assert.strictEqual((yield* fs.stat(inside("state/claudex"))).mode & 0o777, 0o700)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("replaces an open one, and a link, without touching what the link leads to", () =>
    Effect.gen(function* () {
      const { inside, link, write } = yield* sandbox
      const fs = yield* FileSystem.FileSystem
      yield* write("state/open", "old")
      yield* fs.chmod(inside("state/open"), 0o666)
      yield* writePrivateFile(inside("state/open"), "new")
      assert.strictEqual((yield* fs.stat(inside("state/open"))).mode & 0o777, 0o600)
      yield* write("other", "not mine")
      yield* link("other", "state/link")
      yield* writePrivateFile(inside("state/link"), "new")
      assert.strictEqual(yield* fs.readFileString(inside("other")), "not mine")
      assert.strictEqual(yield* fs.readFileString(inside("state/link")), "new")
      assert.deepStrictEqual((yield* fs.readDirectory(inside("state"))).toSorted(), ["link", "open"])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("may be empty", () =>
    Effect.gen(function* () {
      const { inside, write } = yield* sandbox
      const fs = yield* FileSystem.FileSystem
      yield* write("state/file", "old")
      yield* writePrivateFile(inside("state/file"), "")
      assert.strictEqual(yield* fs.readFileString(inside("state/file")), "")
    }).pipe(Effect.provide(platform))
  )

  it.scoped("leaves nothing behind when it cannot be put in place", () =>
    Effect.gen(function* () {
      const { inside, write } = yield* sandbox
      const fs = yield* FileSystem.FileSystem
      yield* write("state/taken/by-a-directory", "")
      const error = yield* Effect.flip(writePrivateFile(inside("state/taken"), "new"))
      assert.strictEqual(error._tag, "SystemError")
      assert.deepStrictEqual(yield* fs.readDirectory(inside("state")), ["taken"])
    }).pipe(Effect.provide(platform))
  )

  it.scopedLive("sweeps away what those left who were killed while they wrote it, and nothing else", () =>
    Effect.gen(function* () {
      const { inside, write } = yield* sandbox
      const fs = yield* FileSystem.FileSystem
      const draft = (name: string, id: number) => `state/.${name}.0000000${id}-0000-4000-8000-000000000000.tmp`
      const old = [draft("a", 1), draft("a.b", 2), "state/.a.tmp", "state/a.tmp"]
      for (const file of [...old, draft("a", 3)]) yield* write(file, "secret")
      const longAgo = Date.now() / 1000 - 3600
      for (const file of old) yield* fs.utimes(inside(file), longAgo, longAgo)
      yield* writePrivateFile(inside("state/a"), "new")
      const left = yield* fs.readDirectory(inside("state"))
      const expected = [...old.slice(1), draft("a", 3), "state/a"].map((file) => file.replace("state/", ""))
      assert.deepStrictEqual(left.toSorted(), expected.toSorted())
    }).pipe(Effect.provide(platform))
  )
})
