import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Schema } from "effect"
import { parse } from "smol-toml"
import { sections } from "../../scripts/configDocs.ts"
import { assemble } from "../../src/config/assemble.ts"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import { readDocument } from "../../src/config/document.ts"
import { reservedVariables } from "../../src/config/overrides.ts"
import { fileShape, namedKeys } from "../../src/config/shape.ts"
import { dialects } from "../../src/provider/quirks.ts"

const example = Effect.flatMap(FileSystem.FileSystem, (fs) =>
  fs.readFileString(new URL("../../config.example.toml", import.meta.url).pathname)
).pipe(Effect.provide(NodeFileSystem.layer))

/** The example with the settings that are shown as comments switched on; `#:schema` is for editors. */
const whole = Effect.map(example, (text) => text.replace(/^#(?=[^\s:])/gm, ""))

const decode = Schema.decodeUnknownEither(ConfigFile, { errors: "all", onExcessProperty: "error" })

const pathsIn = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap(pathsIn)
  if (typeof value !== "object" || value === null || value instanceof Date) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...pathsIn(inner).map((path) => `${key}.${path}`)])
}

describe("the example configuration", () => {
  it.effect("is valid as it stands", () =>
    Effect.gen(function* () {
      const content = readDocument(yield* example, "global", "/config.toml")
      const loaded = assemble([{ layer: "global", path: "/config.toml", content }], {}, [])
      assert.deepStrictEqual(Either.getLeft(loaded), Either.getLeft(Either.right(undefined)))
    })
  )

  it.effect("states the defaults, and nothing else, outside of profiles", () =>
    Effect.gen(function* () {
      const { profiles, ...settings } = Either.getOrThrow(decode(parse(yield* example)))
      const { profiles: none, ...defaults } = Either.getOrThrow(decode({}))
      assert.deepStrictEqual(settings, defaults)
      assert.isAbove(profiles.length, none.length)
    })
  )

  it.effect("states the defaults in its first profile, which shows every key", () =>
    Effect.gen(function* () {
      const { profiles } = Either.getOrThrow(decode(parse(yield* example)))
      const [first] = profiles
      if (first === undefined) return assert.fail("no profile")
      const { apiKeyEnv, baseUrl, defaultModel, name, providerType, ...others } = first
      const bare = { name, base_url: baseUrl, default_model: defaultModel, provider_type: providerType }
      const [minimal] = Either.getOrThrow(decode({ profiles: [{ ...bare, api_key_env: apiKeyEnv }] })).profiles
      assert.deepStrictEqual({ ...minimal, ...others }, minimal)
    })
  )

  it.effect("shows every key that there is, and only such, with values that fit", () =>
    Effect.gen(function* () {
      const document = parse(yield* whole)
      assert.isTrue(Either.isRight(decode(document)))
      const shown = new Set(pathsIn(document))
      const known = namedKeys(fileShape).map((path) => path.join("."))
      assert.isAbove(known.length, 40)
      assert.deepStrictEqual(
        known.filter((path) => !shown.has(path)),
        []
      )
    })
  )

  it.effect("states the default of every key that has one as the page of all keys does", () =>
    Effect.gen(function* () {
      const document = parse(yield* example)
      const stated = (path: ReadonlyArray<string>): unknown =>
        path.reduce<unknown>((inner, key) => (key === "<name>" ? Object(inner)[0] : Object(inner)[key]), document)
      // the first profile is one of another protocol
      const settings = sections().flatMap((section) => section.settings)
      const withDefault = settings.filter(
        ({ fallback, path }) => fallback !== undefined && path.at(-1) !== "provider_type"
      )
      assert.isAbove(withDefault.length, 45)
      for (const { fallback, path } of withDefault) assert.deepStrictEqual([path, stated(path)], [path, fallback])
    })
  )

  it.effect("names the schema that lies beside it, for editors", () =>
    Effect.gen(function* () {
      const [first = ""] = (yield* example).split("\n")
      assert.strictEqual(first, "#:schema ./config.schema.json")
    })
  )

  it.effect("names every dialect", () =>
    Effect.gen(function* () {
      const text = yield* example
      for (const name of dialects) assert.match(text, new RegExp(`[ (]${name}[,. ]`))
    })
  )

  it.effect("names every variable that is no setting", () =>
    Effect.gen(function* () {
      const text = yield* example
      for (const name of reservedVariables) assert.include(text, name)
    })
  )
})
