import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { formats } from "../../src/config/formats.ts"
import { globalFile, platform, sandbox } from "./support.ts"

const deep = (levels: number) => Array.from({ length: levels }, (_, level) => `d${level + 1}`).join("/")

describe("the files that take part", () => {
  it.scoped("are none when there are none, and the built-in settings hold", () =>
    Effect.gen(function* () {
      const { load } = yield* sandbox
      const { files, settings } = yield* load()
      assert.deepStrictEqual(files, [])
      assert.strictEqual(settings.proxyPort, 13_456)
      assert.deepStrictEqual(
        settings.profiles.map(({ name }) => name),
        ["demo"]
      )
    }).pipe(Effect.provide(platform))
  )

  it.scoped("are global, project and explicit, in this order", () =>
    Effect.gen(function* () {
      const { files, write } = yield* sandbox
      yield* write(globalFile, "")
      yield* write("repo/claudex.toml", "")
      yield* write("mine.toml", "")
      assert.deepStrictEqual(yield* files({ explicit: "../mine.toml" }), [
        "global /home/.config/claudex/config.toml",
        "project /repo/claudex.toml",
        "explicit /mine.toml"
      ])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("prefer claudex.toml to .claudex/config.toml in one directory", () =>
    Effect.gen(function* () {
      const { files, write } = yield* sandbox
      yield* write("repo/.claudex/config.toml", "")
      assert.deepStrictEqual(yield* files(), ["project /repo/.claudex/config.toml"])
      yield* write("repo/claudex.toml", "")
      assert.deepStrictEqual(yield* files(), ["project /repo/claudex.toml"])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("prefer the nearer directory, whatever the file is called", () =>
    Effect.gen(function* () {
      const { files, write } = yield* sandbox
      yield* write("repo/claudex.toml", "")
      yield* write("repo/a/.claudex/config.toml", "")
      yield* write("repo/a/b/keep", "")
      assert.deepStrictEqual(yield* files({ cwd: "repo/a/b" }), ["project /repo/a/.claudex/config.toml"])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("are searched in ten parents and not in the eleventh", () =>
    Effect.gen(function* () {
      const { files, inside, write } = yield* sandbox
      const fs = yield* FileSystem.FileSystem
      yield* write("repo/claudex.toml", "")
      yield* fs.makeDirectory(inside(`repo/${deep(11)}`), { recursive: true })
      assert.deepStrictEqual(yield* files({ cwd: `repo/${deep(10)}` }), ["project /repo/claudex.toml"])
      assert.deepStrictEqual(yield* files({ cwd: `repo/${deep(11)}` }), [])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("do not include directories that have a file's name", () =>
    Effect.gen(function* () {
      const { files, inside, write } = yield* sandbox
      const fs = yield* FileSystem.FileSystem
      yield* write("repo/claudex.toml", "")
      yield* fs.makeDirectory(inside("repo/a/claudex.toml"), { recursive: true })
      assert.deepStrictEqual(yield* files({ cwd: "repo/a" }), ["project /repo/claudex.toml"])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("take the global file from XDG_CONFIG_HOME when it is set", () =>
    Effect.gen(function* () {
      const { files, inside, write } = yield* sandbox
      yield* write(globalFile, "")
      yield* write("xdg/claudex/config.toml", "")
      const environment = { XDG_CONFIG_HOME: inside("xdg") }
      assert.deepStrictEqual(yield* files({ environment }), ["global /xdg/claudex/config.toml"])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("take the global file from Application Support on macOS when the XDG place has none", () =>
    Effect.gen(function* () {
      const { files, write } = yield* sandbox
      yield* write("home/Library/Application Support/claudex/config.toml", "")
      const where = { platform: "darwin" }
      assert.deepStrictEqual(yield* files(where), ["global /home/Library/Application Support/claudex/config.toml"])
      assert.deepStrictEqual(yield* files({ platform: "linux" }), [])
      yield* write(globalFile, "")
      assert.deepStrictEqual(yield* files(where), [`global /${globalFile}`])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("may be YAML in the places and order of the original, TOML first", () =>
    Effect.gen(function* () {
      const { files, inside, write } = yield* sandbox
      const fs = yield* FileSystem.FileSystem
      const places = ["claudex.toml", "claudex.yaml", "claudex.yml", ...formats.map((one) => `.claudex/config.${one}`)]
      for (const place of places) yield* write(`repo/${place}`, "")
      for (const format of formats) yield* write(`home/.config/claudex/config.${format}`, "")
      for (const [at, format] of formats.entries()) {
        const own = `home/.config/claudex/config.${format}`
        assert.deepStrictEqual(yield* files(), [`global /${own}`, `project /repo/${places[at]}`])
        yield* fs.remove(inside(own))
        yield* fs.remove(inside(`repo/${places[at]}`))
      }
      for (const place of places.slice(3)) {
        assert.deepStrictEqual(yield* files(), [`project /repo/${place}`])
        yield* fs.remove(inside(`repo/${place}`))
      }
      assert.deepStrictEqual(yield* files(), [])
      yield* write("mine.yml", "")
      assert.deepStrictEqual(yield* files({ explicit: "../mine.yml" }), ["explicit /mine.yml"])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("name those in their place that are not read, where one of the two is YAML", () =>
    Effect.gen(function* () {
      const { load, shown, write } = yield* sandbox
      const passedOver = Effect.map(load(), (loaded) =>
        (loaded.passedOver ?? []).map(({ instead, path }) => `${shown(path)}: ${shown(instead)}`)
      )
      yield* write(globalFile, "")
      yield* write("claudex.yaml", "")
      yield* write("repo/claudex.toml", "")
      yield* write("repo/.claudex/config.toml", "")
      assert.deepStrictEqual(yield* passedOver, [])
      yield* write("home/.config/claudex/config.yml", "not: [read")
      yield* write("repo/.claudex/config.yaml", "")
      assert.deepStrictEqual(yield* passedOver, [
        `/home/.config/claudex/config.yml: /${globalFile}`,
        "/repo/.claudex/config.yaml: /repo/claudex.toml"
      ])
      const named = yield* load({ explicit: ".claudex/config.yaml" })
      assert.deepStrictEqual(
        named.passedOver?.map(({ path }) => shown(path)),
        ["/home/.config/claudex/config.yml"]
      )
    }).pipe(Effect.provide(platform))
  )

  it.scoped("count once when the project file is the global file", () =>
    Effect.gen(function* () {
      const { files, link, write } = yield* sandbox
      yield* write(globalFile, 'claude_binary = "/opt/claude"')
      yield* link(globalFile, "repo/claudex.toml")
      assert.deepStrictEqual(yield* files(), [`global /${globalFile}`])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("count once, as the user's own word, when the explicit file is the project's", () =>
    Effect.gen(function* () {
      const { files, write } = yield* sandbox
      yield* write("repo/claudex.toml", 'claude_binary = "/opt/claude"')
      assert.deepStrictEqual(yield* files({ explicit: "claudex.toml" }), ["explicit /repo/claudex.toml"])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("count once when the explicit file is the global one", () =>
    Effect.gen(function* () {
      const { files, inside, write } = yield* sandbox
      yield* write(globalFile, "")
      assert.deepStrictEqual(yield* files({ explicit: inside(globalFile) }), [`explicit /${globalFile}`])
    }).pipe(Effect.provide(platform))
  )
})

describe("a file that cannot take part", () => {
  it.scoped("is an error when it was named and does not exist, also where a parent has one of that name", () =>
    Effect.gen(function* () {
      const { faults, write } = yield* sandbox
      yield* write("mine.toml", "")
      assert.deepStrictEqual(yield* faults({ explicit: "mine.toml" }), [
        "/repo/mine.toml: there is no such file, expected the one that --config or CLAUDEX_CONFIG names"
      ])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is told to be there as TOML when it was named as YAML", () =>
    Effect.gen(function* () {
      const { faults, write } = yield* sandbox
      yield* write("repo/mine.toml", "")
      assert.deepStrictEqual(yield* Effect.map(faults({ explicit: "mine.yaml" }), (lines) => lines.slice(0, 1)), [
        "/repo/mine.yaml: there is no such file, but there is /repo/mine.toml; expected the one that --config or CLAUDEX_CONFIG names"
      ])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is an error when it was named and is a directory", () =>
    Effect.gen(function* () {
      const { faults } = yield* sandbox
      assert.deepStrictEqual(yield* faults({ explicit: "." }), [
        "/repo: this is a folder, expected the file that --config or CLAUDEX_CONFIG names"
      ])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is an error when it is not UTF-8", () =>
    Effect.gen(function* () {
      const { faults, inside } = yield* sandbox
      const fs = yield* FileSystem.FileSystem
      yield* fs.writeFile(inside("repo/claudex.toml"), new Uint8Array([0xff, 0xfe, 0x61, 0x00]))
      assert.deepStrictEqual(yield* faults(), ["/repo/claudex.toml: is not UTF-8 text, expected a TOML file in UTF-8"])
      yield* fs.rename(inside("repo/claudex.toml"), inside("repo/claudex.yml"))
      assert.deepStrictEqual(yield* faults(), ["/repo/claudex.yml: is not UTF-8 text, expected a YAML file in UTF-8"])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("does not hide the faults of the others, nor cause any in them", () =>
    Effect.gen(function* () {
      const { faults, write } = yield* sandbox
      yield* write(globalFile, "a = ")
      yield* write("repo/claudex.toml", 'proxy_port = "x"\n[[profiles]]\nname = "grok"\nbackup_providers = ["other"]')
      assert.deepStrictEqual(yield* faults(), [
        `/${globalFile}:1: is not valid TOML: invalid value`,
        "/repo/claudex.toml:1: proxy_port: is a string, expected a whole number from 0 to 65535"
      ])
    }).pipe(Effect.provide(platform))
  )
})
