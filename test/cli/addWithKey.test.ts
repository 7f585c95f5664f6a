import { FileSystem, Path } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Either, FastCheck as fc, Fiber, Layer, Option, Redacted } from "effect"
import { addWithKey } from "../../src/cli/wizard/addWithKey.ts"
import { asValue } from "../../src/cli/wizard/keepKey.ts"
import type { KeyHome } from "../../src/cli/wizard/keyQuestions.ts"
import { Where } from "../../src/cli/services.ts"
import { Environment } from "../../src/config/Environment.ts"
import { fillIn } from "../../src/config/interpolation.ts"
import { Paths } from "../../src/config/Paths.ts"
import { type Keyring, makeKeyring } from "../../src/credentials/keyring.ts"
import { SecretStore } from "../../src/credentials/SecretStore.ts"
import { holds } from "../support/holds.ts"
import { type Entries, fakeModule, keyringOf, noKeyring } from "../support/keyring.ts"
import { runs } from "../support/runs.ts"

const profile = { name: "mine", provider_type: "OpenAICompatible", base_url: "https://x.example", default_model: "m" }
const entry = "claudex/mine-api-key"
const before = "# mine\n"

interface World {
  readonly keyring: Keyring
  /** What the configuration is. */
  readonly config?: string
  readonly layer?: "global" | "project"
}

/** Adds the profile in a home of its own; answers how that went, and what is there then. */
const adding = (home: KeyHome, { config = before, keyring, layer }: World, stop?: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = yield* fs.makeTempDirectoryScoped()
    const file = path.join(folder, ".config/claudex/config.toml")
    const secrets = path.join(folder, ".local/state/claudex/secrets.json")
    yield* fs.makeDirectory(path.dirname(file), { recursive: true })
    yield* fs.writeFileString(file, config, { mode: 0o644 })
    const world = Layer.succeed(Where, { cwd: folder, explicit: Option.none() }).pipe(
      Layer.merge(SecretStore.layerWith(keyring)),
      Layer.provideMerge(Paths.layer),
      Layer.provideMerge(Environment.layerOf({ HOME: folder }))
    )
    const newKey = { key: Redacted.make("the-key"), home, account: "mine-api-key" }
    const work = yield* Effect.fork(Effect.provide(Effect.either(addWithKey(profile, newKey, layer)), world))
    if (stop !== undefined) {
      yield* stop
      yield* Fiber.interrupt(work)
    }
    const exit = yield* Fiber.await(work)
    const text = yield* fs.readFileString(file)
    const kept = yield* Effect.orElseSucceed(fs.readFileString(secrets), () => "")
    return { exit, text, kept, mode: (yield* fs.stat(file)).mode & 0o777 }
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

/** The failure's words. */
const messageOf = ({ exit }: Effect.Effect.Success<ReturnType<typeof adding>>): string | undefined =>
  exit._tag === "Success" && Either.isLeft(exit.value) ? exit.value.left.message : undefined

describe("a profile with the key that was typed for it", () => {
  it.effect("is added with its key in the keyring, in the private file or in the configuration", () =>
    Effect.gen(function* () {
      const entries: Entries = new Map()
      const inKeyring = yield* adding("keyring", { keyring: keyringOf(entries) })
      expect(entries.get(entry)).toBe("the-key")
      expect(inKeyring.text).toContain('api_key_keyring = "mine-api-key"')
      expect(inKeyring.text + inKeyring.kept).not.toContain("the-key")
      // also where there is a keyring
      const untouched: Entries = new Map()
      const inFile = yield* adding("file", { keyring: keyringOf(untouched) })
      expect([...untouched]).toEqual([])
      expect(inFile.kept).toContain('"the-key"')
      expect(inFile.text).not.toContain("the-key")
      const inConfig = yield* adding("config", { keyring: noKeyring })
      expect(inConfig.text).toContain('api_key = "the-key"')
      expect([inConfig.kept, inConfig.mode]).toEqual(["", 0o600])
    })
  )

  it.effect("is not added where the keyring does not take the key, nor is the key kept elsewhere", () =>
    Effect.gen(function* () {
      const refusing = makeKeyring(() =>
        Promise.resolve({
          AsyncEntry: class extends fakeModule(new Map()).AsyncEntry {
            override setPassword = () => Promise.reject(new Error("it is full"))
          }
        })
      )
      const done = yield* adding("keyring", { keyring: refusing })
      expect(messageOf(done)).toBe(
        "Nothing was written, for the key cannot be kept. The system keyring cannot be used: it is full."
      )
      expect(done.text).toBe(before)
      expect(done.kept).not.toContain("the-key")
    })
  )

  it.effect("leaves no key where it cannot be added, and the one that was there before", () =>
    Effect.gen(function* () {
      const config = '[[profiles]]\nname = "mine"\nbase_url = "https://y.example"\ndefault_model = "m"\n'
      for (const old of [undefined, "the-old-one"]) {
        const entries: Entries = new Map(old === undefined ? [] : [[entry, old]])
        const known = [...entries]
        const done = yield* adding("keyring", { keyring: keyringOf(entries), config })
        expect(messageOf(done)).toContain('There is a profile "mine" already')
        expect([...entries]).toEqual(known)
        expect(done.text).toBe(config)
      }
    })
  )

  it.effect("leaves nothing where it is interrupted while the keyring takes the key", () =>
    Effect.gen(function* () {
      const entries: Entries = new Map()
      const began = yield* Deferred.make<void>()
      const slow = makeKeyring(() =>
        Promise.resolve({
          AsyncEntry: class extends fakeModule(entries).AsyncEntry {
            override setPassword = (password: string) => {
              entries.set(entry, password)
              Deferred.unsafeDone(began, Effect.void)
              return new Promise<void>(() => undefined)
            }
          }
        })
      )
      const done = yield* adding("keyring", { keyring: slow }, Deferred.await(began))
      expect(done.exit._tag).toBe("Failure")
      expect([...entries]).toEqual([])
      expect(done.text).toBe(before)
    })
  )

  it.effect("never puts it into a project's file", () =>
    Effect.gen(function* () {
      const done = yield* adding("config", { keyring: noKeyring, layer: "project" })
      expect(messageOf(done)).toContain("a project's file is read by others")
      expect(messageOf(done)).not.toContain("the-key")
      expect(done.text).toBe(before)
    })
  )

  it("is read again as it was typed, whatever it holds", () =>
    holds(
      fc.property(fc.array(fc.constantFrom("$", "{", "}", "A", "${"), { maxLength: 12 }), (pieces) => {
        const key = pieces.join("")
        expect(fillIn(asValue(Redacted.make(key)), { A: "other" })).toEqual(Either.right(key))
      }),
      { numRuns: runs }
    ))
})
