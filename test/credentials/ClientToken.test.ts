import { FileSystem, Path } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Layer, Redacted } from "effect"
import { Environment, type EnvironmentRecord } from "../../src/config/Environment.ts"
import { Paths } from "../../src/config/Paths.ts"
import { ClientToken } from "../../src/credentials/ClientToken.ts"

const tokenOf = (environment: EnvironmentRecord) =>
  ClientToken.pipe(
    Effect.provide(ClientToken.layer.pipe(Layer.provide(Paths.layer), Layer.provide(Environment.layerOf(environment))))
  )

const withHome = <A, E, R>(use: (home: string, file: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const home = yield* fs.makeTempDirectoryScoped()
    return yield* use(home, path.join(home, ".local/state/claudex/token"))
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

describe("the client token", () => {
  it.effect("is made once, however many ask for it at the same time", () =>
    withHome((home) =>
      Effect.gen(function* () {
        const tokens = yield* Effect.all(
          Array.from({ length: 20 }, () => tokenOf({ HOME: home })),
          { concurrency: "unbounded" }
        )
        expect(new Set(tokens.map(Redacted.value)).size).toBe(1)
        expect(Redacted.value(yield* tokenOf({ HOME: home }))).toBe(Redacted.value(tokens[0] ?? Redacted.make("")))
      })
    )
  )

  it.effect(
    "holds 256 random bits, in a file and folder that only the user can read, with nothing left beside it",
    () =>
      withHome((home, file) =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const path = yield* Path.Path
          const token = Redacted.value(yield* tokenOf({ HOME: home }))
          expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
          expect(yield* fs.readFileString(file)).toBe(`${token}\n`)
          expect((yield* fs.stat(file)).mode & 0o777).toBe(0o600)
          expect((yield* fs.stat(path.dirname(file))).mode & 0o777).toBe(0o700)
          expect(yield* fs.readDirectory(path.dirname(file))).toEqual(["token"])
        })
      )
  )

  it.live("does not stay in what one left who was killed while it was made", () =>
    withHome((home, file) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        yield* tokenOf({ HOME: home })
        const draft = path.join(path.dirname(file), `.token.${globalThis.crypto.randomUUID()}.tmp`)
        yield* fs.link(file, draft)
        yield* fs.utimes(draft, 0, 0)
        yield* tokenOf({ HOME: home })
        expect(yield* fs.readDirectory(path.dirname(file))).toEqual(["token"])
      })
    )
  )

  it.effect("differs between two users", () =>
    withHome((first) =>
      withHome((second) =>
        Effect.gen(function* () {
          const one = yield* tokenOf({ HOME: first })
          const other = yield* tokenOf({ HOME: second })
          expect(Redacted.value(one)).not.toBe(Redacted.value(other))
        })
      )
    )
  )

  it.effect("is closed to others again when a restored file was readable for them", () =>
    withHome((home, file) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        yield* tokenOf({ HOME: home })
        yield* fs.chmod(file, 0o644)
        yield* tokenOf({ HOME: home })
        expect((yield* fs.stat(file)).mode & 0o777).toBe(0o600)
      })
    )
  )

  it.effect("is the one of CLAUDEX_PROXY_TOKEN when that is set, and then no file is made", () =>
    withHome((home, file) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const token = yield* tokenOf({ HOME: home, CLAUDEX_PROXY_TOKEN: "shared-by-two-hosts" })
        expect(Redacted.value(token)).toBe("shared-by-two-hosts")
        expect(yield* fs.exists(file)).toBe(false)
      })
    )
  )

  it.effect("is refused, and not shown, when no HTTP header could carry it", () =>
    withHome((home) =>
      Effect.gen(function* () {
        const failed = yield* Effect.either(tokenOf({ HOME: home, CLAUDEX_PROXY_TOKEN: "two words\nand a line" }))
        expect(Either.isLeft(failed)).toBe(true)
        expect(JSON.stringify(failed)).not.toContain("two words")
      })
    )
  )

  it.effect("has errors that say why it cannot be kept, or not read", () =>
    withHome((home, file) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const noFolder = yield* Effect.flip(tokenOf({ HOME: "/dev/null" }))
        expect(noFolder.message).toBe(
          "The client token cannot be kept in /dev/null/.local/state/claudex/token: not a directory."
        )
        yield* fs.makeDirectory(file, { recursive: true })
        const noFile = yield* Effect.flip(tokenOf({ HOME: home }))
        expect(noFile.message).toBe(`The client token in ${file} cannot be read: illegal operation on a directory.`)
      })
    )
  )

  it.effect("is refused, and not shown, when its file is damaged", () =>
    withHome((home, file) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        yield* tokenOf({ HOME: home })
        yield* fs.writeFileString(file, "half-a-token")
        const failed = yield* Effect.either(tokenOf({ HOME: home }))
        expect(Either.isLeft(failed) && failed.left.next).toBe(`rm ${file}`)
        expect(JSON.stringify(failed)).not.toContain("half-a-token")
      })
    )
  )
})
