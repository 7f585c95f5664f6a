import { inspect } from "node:util"
import { FileSystem, Path } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer, Option, Redacted } from "effect"
import { Paths, placesOf } from "../../src/config/Paths.ts"
import { type Keyring, makeKeyring } from "../../src/credentials/keyring.ts"
import { keyAccount, SecretStore } from "../../src/credentials/SecretStore.ts"
import type { SecretStoreError } from "../../src/credentials/secretFile.ts"
import { holds } from "../support/holds.ts"
import { type Entries, fakeModule, keyringOf, lockedKeyring, noKeyring } from "../support/keyring.ts"

/** What a process of its own would have. */
const storeAt = (home: string, keyring: Keyring) =>
  Effect.provide(
    SecretStore,
    SecretStore.layerWith(keyring).pipe(Layer.provide(Layer.succeed(Paths, placesOf({ HOME: home }, "linux"))))
  )

const withHome = <A, E, R>(use: (home: string, file: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const home = yield* fs.makeTempDirectoryScoped()
    return yield* use(home, path.join(home, ".local/state/claudex/secrets.json"))
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

const textOf = (secret: Option.Option<Redacted.Redacted<string>>) =>
  Option.getOrUndefined(Option.map(secret, Redacted.value))

const canary = Redacted.make("sk-canary")
const account = keyAccount("grok")

const step = fc.record({
  do: fc.constantFrom("set" as const, "set in the file" as const, "remove" as const),
  account: fc.constantFrom("a", "b", "__proto__", "toString"),
  secret: fc.string({ minLength: 1 }),
  keyring: fc.boolean()
})

describe("the secret store", () => {
  it("answers what was stored last, whether the keyring worked then or not", async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), (steps) =>
      withHome((home) =>
        Effect.gen(function* () {
          const entries: Entries = new Map()
          const working = keyringOf(entries)
          const model = new Map<string, string>()
          for (const { account: name, do: what, keyring, secret } of steps) {
            const store = yield* storeAt(home, keyring ? working : lockedKeyring)
            if (what === "remove") {
              // what cannot be taken out of a keyring is still there, and that is said
              const done = yield* Effect.either(store.remove(name))
              if (done._tag === "Right") model.delete(name)
              else if (keyring) model.set(name, "cannot be removed")
            } else {
              yield* store.set(name, Redacted.make(secret), what === "set" ? undefined : "file")
              model.set(name, secret)
            }
          }
          const store = yield* storeAt(home, working)
          for (const name of ["a", "b", "__proto__", "toString"]) {
            expect(textOf(yield* store.get(name))).toBe(model.get(name))
          }
        })
      ).pipe(Effect.runPromise)
    )
    await holds(property, { numRuns: 40 })
  })

  it.effect("keeps a secret in the keyring, under the name of the program, and not in a file", () =>
    withHome((home, file) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const entries: Entries = new Map()
        const store = yield* storeAt(home, keyringOf(entries))
        expect(yield* store.kind).toBe("keyring")
        expect(yield* store.set(account, canary)).toEqual({ place: "keyring", file })
        expect([...entries]).toEqual([["claudex/grok-api-key", "sk-canary"]])
        expect(yield* fs.readFileString(file)).not.toContain("canary")
        // an entry that another program made
        entries.set("claudex/other", "theirs")
        expect(textOf(yield* store.get("other"))).toBe("theirs")
        expect(yield* store.remove(account)).toBe(true)
        expect(yield* store.remove(account)).toBe(false)
        expect([...entries.keys()]).toEqual(["claudex/other"])
      })
    )
  )

  it.effect("keeps it in a file that only the user can read where there is no keyring, and says why", () =>
    withHome((home, file) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        for (const [keyring, reason] of [
          [noKeyring, "it is not supported on this machine"],
          [lockedKeyring, "it is locked"]
        ] as const) {
          const store = yield* storeAt(home, keyring)
          expect(yield* store.kind).toBe("file")
          expect(yield* store.set(account, canary)).toEqual({ place: "file", file, reason })
          expect(textOf(yield* store.get(account))).toBe("sk-canary")
          expect(yield* store.get("nobody")).toEqual(Option.none())
        }
        expect((yield* fs.stat(file)).mode & 0o777).toBe(0o600)
        expect((yield* fs.stat(path.dirname(file))).mode & 0o777).toBe(0o700)
        expect(yield* fs.readDirectory(path.dirname(file))).toEqual(["secrets.json"])
      })
    )
  )

  it.effect("takes the file when the keyring does not keep what it is given", () =>
    withHome((home) =>
      Effect.gen(function* () {
        const forgetful = makeKeyring(() =>
          Promise.resolve({
            AsyncEntry: class extends fakeModule(new Map()).AsyncEntry {
              override setPassword = () => Promise.resolve()
            }
          })
        )
        const store = yield* storeAt(home, forgetful)
        expect(yield* store.set(account, canary)).toMatchObject({
          place: "file",
          reason: "it does not keep what it is given"
        })
        expect(textOf(yield* store.get(account))).toBe("sk-canary")
      })
    )
  )

  it.effect("does not take another place than the one it is told", () =>
    withHome((home) =>
      Effect.gen(function* () {
        const without = yield* storeAt(home, noKeyring)
        const error = yield* Effect.flip(without.set(account, canary, "keyring"))
        expect(error.message).toBe("The system keyring cannot be used: it is not supported on this machine.")
        expect(yield* without.get(account)).toEqual(Option.none())
        const entries: Entries = new Map()
        const store = yield* storeAt(home, keyringOf(entries))
        expect(yield* store.set(account, canary, "file")).toMatchObject({ place: "file" })
        expect(entries.size).toBe(0)
      })
    )
  )

  it.effect("says that a keyring is closed only where it was to hold the secret", () =>
    withHome((home) =>
      Effect.gen(function* () {
        yield* (yield* storeAt(home, keyringOf(new Map()))).set(account, canary)
        const closed = yield* storeAt(home, lockedKeyring)
        const error = yield* Effect.flip(closed.get(account))
        expect(error.message).toBe("The system keyring cannot be read: it is locked.")
        expect(yield* closed.get("other")).toEqual(Option.none())
      })
    )
  )

  it.effect(
    "refuses a file that others may read, with the remedy, and one that is damaged, without what it holds",
    () =>
      withHome((home, file) =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const store = yield* storeAt(home, noKeyring)
          yield* store.set(account, canary)
          const uses: ReadonlyArray<Effect.Effect<unknown, SecretStoreError>> = [
            store.get(account),
            store.set(account, canary),
            store.remove(account)
          ]
          for (const mode of [0o640, 0o604, 0o660, 0o602]) {
            yield* fs.chmod(file, mode)
            for (const use of uses) {
              const error = yield* Effect.flip(use)
              expect(error).toMatchObject({ next: `chmod 600 ${file}` })
              expect(error.message).toContain(`mode 0${mode.toString(8)}`)
            }
          }
          yield* fs.chmod(file, 0o600)
          expect(textOf(yield* store.get(account))).toBe("sk-canary")
          for (const damage of ["", "{", '{"secrets":[{"account":"x","secret":"sk-canary"}],"keyring":[7]}']) {
            yield* fs.writeFileString(file, damage)
            const error = yield* Effect.flip(store.get(account))
            expect(error.message).toBe(`${file} is damaged.`)
            expect(`${JSON.stringify(error)}${inspect(error, { depth: 9 })}`).not.toContain("canary")
          }
        })
      )
  )

  it.live("loses none of many secrets that are stored at the same time", () =>
    withHome((home, file) =>
      Effect.gen(function* () {
        const names = Array.from({ length: 12 }, (_, i) => `account-${i}`)
        yield* Effect.forEach(
          names,
          (name) => Effect.flatMap(storeAt(home, noKeyring), (store) => store.set(name, Redacted.make(name))),
          { concurrency: "unbounded" }
        )
        const store = yield* storeAt(home, noKeyring)
        expect((yield* Effect.forEach(names, store.get)).map(textOf)).toEqual(names)
        const fs = yield* FileSystem.FileSystem
        expect(yield* fs.readDirectory((yield* Path.Path).dirname(file))).toEqual(["secrets.json"])
      })
    )
  )

  it.effect("tells by its version that a secret was stored, wherever that is", () =>
    withHome((home) =>
      Effect.gen(function* () {
        const entries: Entries = new Map()
        const reader = yield* storeAt(home, noKeyring)
        const versions = [yield* reader.version]
        for (const keyring of [noKeyring, keyringOf(entries), keyringOf(entries)]) {
          yield* (yield* storeAt(home, keyring)).set(account, canary)
          versions.push(yield* reader.version)
        }
        expect(new Set(versions).size).toBe(versions.length)
      })
    )
  )
})
