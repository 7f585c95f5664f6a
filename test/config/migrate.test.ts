import { isDeepStrictEqual } from "node:util"
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Equal, FastCheck as fc } from "effect"
import { parse } from "smol-toml"
import { parse as parseYaml, stringify } from "yaml"
import { assemble } from "../../src/config/assemble.ts"
import { readDocument } from "../../src/config/document.ts"
import { migrateFile } from "../../src/config/migrate.ts"
import { Trust } from "../../src/config/Trust.ts"
import { fileOf } from "../../src/config/tree.ts"
import { readYaml } from "../../src/config/yamlDocument.ts"
import { plainTable, yamlTree } from "../../src/config/yamlTree.ts"
import { tomlOfYaml } from "../../src/config/yamlToToml.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"
import { configs, plain } from "./configs.ts"
import { globalFile, platform, sandbox } from "./support.ts"

const styles = fc.record({
  indent: fc.integer({ min: 1, max: 6 }),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 20, 80),
  collectionStyle: fc.constantFrom("any" as const, "block" as const, "flow" as const),
  defaultStringType: fc.constantFrom("PLAIN" as const, "QUOTE_DOUBLE" as const, "QUOTE_SINGLE" as const),
  blockQuote: fc.boolean(),
  aliasDuplicateObjects: fc.boolean()
})

/** A configuration, and one way to write it, where the writer is up to that: some texts of blanks it loses. */
const written = fc
  .tuple(configs, styles)
  .map(([config, style]) => ({ config, text: stringify(config, { ...style, version: "1.2" }) }))
  .filter(({ config, text }) =>
    isDeepStrictEqual(Either.getOrUndefined(Either.try((): unknown => parseYaml(text))), config)
  )

/** What the layer comes to: its values, secrets opened, and its faults. */
const meaning = (content: ReturnType<typeof readYaml>): unknown => {
  const { tree } = Either.getOrThrow(content)
  const faults = Either.match(assemble([{ layer: "global", path: "/f", content }], {}, []), {
    onLeft: (found) => found.map(({ message, path }) => `${path}: ${message.replace(/line \d+/, "line")}`).toSorted(),
    onRight: () => []
  })
  return { values: plain(fileOf(tree)), faults }
}

describe("any configuration", () => {
  it("that is written as YAML is read as what it was", () =>
    holds(
      fc.property(written, ({ config, text }) => {
        assert.deepStrictEqual(plainTable(Either.getOrThrow(yamlTree(text))), config)
      }),
      { numRuns: Math.ceil(runs / 4) }
    ))

  it("that is migrated says what it did", () =>
    holds(
      fc.property(written, ({ config, text }) => {
        const toml = tomlOfYaml(Either.getOrThrow(yamlTree(text)), text)
        assert.deepStrictEqual(plain(parse(toml)), config)
      }),
      { numRuns: Math.ceil(runs / 4) }
    ))

  it("has the same values and faults as TOML", () =>
    holds(
      fc.property(written, ({ text }) => {
        const toml = tomlOfYaml(Either.getOrThrow(yamlTree(text)), text)
        assert.deepStrictEqual(meaning(readDocument(toml, "global", "/f")), meaning(readYaml(text, "global", "/f")))
      }),
      { numRuns: Math.ceil(runs / 4) }
    ))

  it("keeps all its comments, each of them once, wherever they stand", () =>
    holds(
      fc.property(
        written,
        fc.array(fc.tuple(fc.nat(), fc.boolean(), fc.nat(9)), { maxLength: 20 }),
        ({ config, text }, places) => {
          const lines = text.trimEnd().split("\n")
          for (const [at, [place, behind, indent]] of places.entries()) {
            const line = place % lines.length
            const words = `# note ${at}.`
            if (behind) lines[line] = `${lines[line]} ${words}`
            else lines.splice(line, 0, " ".repeat(indent) + words)
          }
          const noted = lines.join("\n")
          const read = yamlTree(noted)
          // within a text of several lines it is no comment
          fc.pre(Either.isRight(read) && isDeepStrictEqual(plainTable(read.right), config))
          const toml = tomlOfYaml(Either.getOrThrow(read), noted)
          assert.deepStrictEqual(plain(parse(toml)), config)
          const notes = (one: string) => (one.match(/# note \d+\./g) ?? []).toSorted()
          assert.deepStrictEqual(notes(toml), notes(noted))
        }
      ),
      { numRuns: Math.ceil(runs / 4) }
    ))
})

const old = `# my file

# the port
proxy_port: 4000 # not the usual one
profiles: # all of them
  # the first
  - name: grok # short
    provider_type: OpenAICompatible
    base_url: https://api.x.ai/v1
    api_key: sk-planted-0123456789
    api_key_keyring:
    default_model: grok-4
    backup_providers: # in this order
      - other # cheap
    models: {haiku: grok-3-mini} # small
    # priority: 1
  # the second
  - {name: other, provider_type: OpenAICompatible, base_url: "https://other.example", default_model: m}
context:
  rag:
    enabled: true # retrieval
# the end
`

const fresh = `# my file

# the port
proxy_port = 4000 # not the usual one

# all of them
# the first
[[profiles]]
name = "grok" # short
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
api_key = "sk-planted-0123456789"
default_model = "grok-4"
# cheap
backup_providers = ["other"] # in this order

[profiles.models]
haiku = "grok-3-mini" # small
# priority: 1

# the second
[[profiles]]
name = "other"
provider_type = "OpenAICompatible"
base_url = "https://other.example"
default_model = "m"

[context.rag]
enabled = true # retrieval

# the end
`

const user = Effect.gen(function* () {
  const { anchor, inside, layer, load, shown, write } = yield* sandbox
  const fs = yield* FileSystem.FileSystem
  const migrate = (file: string) =>
    migrateFile(inside(file)).pipe(
      Effect.map(({ kept, toml }) => [shown(toml), shown(kept)]),
      Effect.mapError((error) => shown(error.message)),
      Effect.provide(layer())
    )
  const read = (file: string) => fs.readFileString(inside(file))
  return { anchor, fs, inside, layer, load, migrate, read, shown, write }
})

describe("a file that is migrated", () => {
  it.scoped("becomes TOML with its comments, and is kept under another name, both private", () =>
    Effect.gen(function* () {
      const { fs, inside, load, migrate, read, write } = yield* user
      yield* write("home/.config/claudex/config.yml", old)
      const { settings } = yield* load()
      assert.deepStrictEqual(yield* migrate("home/.config/claudex/config.yml"), [
        `/${globalFile}`,
        "/home/.config/claudex/config.yml.bak"
      ])
      assert.strictEqual(yield* read(globalFile), fresh)
      for (const file of [globalFile, "home/.config/claudex/config.yml.bak"])
        assert.strictEqual((yield* fs.stat(inside(file))).mode & 0o777, 0o600)
      assert.strictEqual(yield* read("home/.config/claudex/config.yml.bak"), old)
      assert.deepStrictEqual((yield* fs.readDirectory(inside("home/.config/claudex"))).toSorted(), [
        "config.toml",
        "config.yml.bak"
      ])
      assert.isTrue(
        Equal.equals(settings, (yield* load()).settings) || isDeepStrictEqual(settings, (yield* load()).settings)
      )
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is renamed only where an earlier attempt ended between the two steps", () =>
    Effect.gen(function* () {
      const { load, migrate, read, write } = yield* user
      yield* write("repo/claudex.yaml", "proxy_port: 4000 # old\n")
      yield* write("repo/claudex.yaml.bak", "something else")
      yield* write("repo/claudex.toml", "# new\nproxy_port = 4000\n")
      assert.deepStrictEqual(yield* migrate("repo/claudex.yaml"), ["/repo/claudex.toml", "/repo/claudex.yaml.bak2"])
      assert.strictEqual(yield* read("repo/claudex.toml"), "# new\nproxy_port = 4000\n")
      assert.strictEqual(yield* read("repo/claudex.yaml.bak"), "something else")
      assert.isUndefined((yield* load()).passedOver)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("has what was agreed to of it hold for the TOML file", () =>
    Effect.gen(function* () {
      const { anchor, layer, load, migrate, write } = yield* user
      yield* write("repo/claudex.yaml", "claude_binary: /opt/claude\n")
      yield* Effect.provide(
        Effect.flatMap(Trust, (trust) => trust.consent(anchor())),
        layer()
      )
      yield* migrate("repo/claudex.yaml")
      assert.strictEqual((yield* load()).settings.claudeBinary, "/opt/claude")
    }).pipe(Effect.provide(platform))
  )

  it.scoped("asks for consent afterwards where it did before", () =>
    Effect.gen(function* () {
      const { load, migrate, shown, write } = yield* user
      yield* write("repo/claudex.yaml", "claude_binary: /opt/claude\n")
      yield* migrate("repo/claudex.yaml")
      const error = yield* Effect.flip(load())
      assert.include(
        shown(error.message),
        "/repo/claudex.toml:1: claude_binary: is set by a project file that you have not"
      )
    }).pipe(Effect.provide(platform))
  )
})

describe("a file stays as it is", () => {
  it.scoped("when a TOML file of its name says something else", () =>
    Effect.gen(function* () {
      const { migrate, read, write } = yield* user
      yield* write("repo/claudex.yaml", "proxy_port: 4000\n")
      yield* write("repo/claudex.toml", "proxy_port = 4001\n")
      assert.strictEqual(
        yield* Effect.flip(migrate("repo/claudex.yaml")),
        "/repo/claudex.yaml says something else than /repo/claudex.toml, which is there already"
      )
      assert.deepStrictEqual(
        [yield* read("repo/claudex.yaml"), yield* read("repo/claudex.toml")],
        ["proxy_port: 4000\n", "proxy_port = 4001\n"]
      )
    }).pipe(Effect.provide(platform))
  )

  it.scoped("when it is no YAML, or TOML has no word for what it holds", () =>
    Effect.gen(function* () {
      const { fs, inside, migrate, write } = yield* user
      yield* write("repo/claudex.yaml", "a: [\n")
      assert.match(
        yield* Effect.flip(migrate("repo/claudex.yaml")),
        /^\/repo\/claudex\.yaml:\d+:\d+: is not valid YAML: /
      )
      yield* write("repo/claudex.yaml", "a: [~]\n")
      assert.match(yield* Effect.flip(migrate("repo/claudex.yaml")), /holds something that TOML has no word for/)
      yield* fs.writeFile(inside("repo/claudex.yaml"), new Uint8Array([0x61, 0x3a, 0x20, 0xff]))
      assert.match(yield* Effect.flip(migrate("repo/claudex.yaml")), /is not UTF-8 text/)
      assert.deepStrictEqual(yield* fs.readDirectory(inside("repo")), ["claudex.yaml"])
    }).pipe(Effect.provide(platform))
  )
})
