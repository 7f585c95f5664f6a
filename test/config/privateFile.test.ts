import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writePrivateFile } from "../../src/config/privateFile.ts"
import { platform, sandbox } from "./support.ts"

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
})
