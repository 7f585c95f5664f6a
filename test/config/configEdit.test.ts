import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { Config } from "../../src/config/Config.ts"
import { addProfile, type Change, editConfig, editTogether, type NewProfile } from "../../src/config/ConfigEdit.ts"
import type { FileLayer } from "../../src/config/LoadedConfig.ts"
import { readSettingPath, type SettingPath } from "../../src/config/settingPath.ts"
import type { TomlValue } from "../../src/config/tomlText.ts"
import { globalFile, platform, sandbox, type Where } from "./support.ts"

const pathOf = (text: string): SettingPath => Either.getOrThrow(readSettingPath(text))

/** A user whose files are edited. */
const editing = Effect.gen(function* () {
  const { anchor, layer, shown, ...user } = yield* sandbox
  const fs = yield* FileSystem.FileSystem
  const change = (path: string, value: TomlValue | undefined, file?: FileLayer, where: Where = {}) => {
    const asked: Change = { path: pathOf(path), value }
    return editConfig(anchor(where), asked, file).pipe(
      Effect.map((edited) => ({ ...edited, file: shown(edited.file) })),
      Effect.mapError((error) => shown(error.message)),
      Effect.provide(layer(where))
    )
  }
  const add = (asked: NewProfile, file?: FileLayer, where: Where = {}) =>
    addProfile(anchor(where), asked, file).pipe(
      Effect.map((edited) => ({ ...edited, file: shown(edited.file) })),
      Effect.mapError((error) => shown(error.message)),
      Effect.provide(layer(where))
    )
  const together = (...asked: ReadonlyArray<readonly [FileLayer, ...ReadonlyArray<Change>]>) =>
    editTogether(
      anchor(),
      asked.flatMap(([file, ...changes]) => changes.map((one) => ({ ...one, layer: file })))
    ).pipe(
      Effect.map((all) => all.map((edited) => ({ ...edited, file: shown(edited.file) }))),
      Effect.mapError((error) => shown(error.message)),
      Effect.provide(layer())
    )
  return {
    ...user,
    add,
    together,
    anywhere: (...changes: ReadonlyArray<Change>) => editTogether(anchor(), changes).pipe(Effect.provide(layer())),
    read: (file: string) => fs.readFileString(user.inside(file)),
    mode: (file: string) => Effect.map(fs.stat(user.inside(file)), ({ mode }) => mode & 0o777),
    set: (path: string, value: TomlValue, file?: FileLayer, where?: Where) => change(path, value, file, where),
    unset: (path: string, file?: FileLayer) => change(path, undefined, file),
    settings: Effect.flatMap(Config, (config) => config.load(anchor())).pipe(
      Effect.map((loaded) => loaded.settings),
      Effect.provide(layer())
    )
  }
})

const profile = (name: string, more = "") => `
[[profiles]]
name = "${name}"
provider_type = "OpenAICompatible"
base_url = "https://${name}.example/v1"
default_model = "m"
${more}`

describe("a setting that is changed", () => {
  it.scoped("begins the user's own file, private, when there is none", () =>
    Effect.gen(function* () {
      const { mode, read, set } = yield* editing
      expect(yield* set("proxy_port", 4000)).toEqual({ file: `/${globalFile}`, layer: "global", outcome: "created" })
      expect(yield* read(globalFile)).toBe("proxy_port = 4000\n")
      expect(yield* mode(globalFile)).toBe(0o600)
      expect(yield* set("proxy_port", 4000)).toMatchObject({ outcome: "same" })
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is changed in the strongest file in which it stands, and nowhere else", () =>
    Effect.gen(function* () {
      const { read, set, write } = yield* editing
      const own = `# mine\nproxy_port = 1 # one\nlog_level = "warn"\n`
      yield* write(globalFile, own)
      yield* write("repo/claudex.toml", `# ours\nproxy_port = 2 # two\n`)
      expect(yield* set("proxy_port", 3)).toMatchObject({ file: "/repo/claudex.toml", layer: "project" })
      expect(yield* read("repo/claudex.toml")).toBe(`# ours\nproxy_port = 3 # two\n`)
      expect(yield* read(globalFile)).toBe(own)
      expect(yield* set("log_level", "info")).toMatchObject({ layer: "global" })
      expect(yield* set("proxy_port", 4, "global")).toMatchObject({ layer: "global" })
      expect(yield* read(globalFile)).toBe(`# mine\nproxy_port = 4 # one\nlog_level = "info"\n`)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("of a profile is put where the profile stands; in another file it lies over that one", () =>
    Effect.gen(function* () {
      const { read, set, settings, write } = yield* editing
      yield* write(globalFile, `${profile("a")}${profile("b", "# the end of b\n")}`)
      expect(yield* set("profiles.a.models.haiku", "small")).toMatchObject({ layer: "global" })
      expect(yield* read(globalFile)).toBe(
        `${profile("a", 'models.haiku = "small"\n')}${profile("b", "# the end of b\n")}`
      )
      yield* set("profiles.b.priority", 7, "project")
      expect(yield* read("repo/claudex.toml")).toBe('[[profiles]]\nname = "b"\npriority = 7\n')
      const { profiles } = yield* settings
      expect(profiles.find(({ name }) => name === "b")).toMatchObject({ priority: 7, defaultModel: "m" })
      expect(profiles.find(({ name }) => name === "a")?.models).toMatchObject({ haiku: "small" })
    }).pipe(Effect.provide(platform))
  )

  it.scoped("goes into the file of --config, which must count", () =>
    Effect.gen(function* () {
      const { inside, read, set, write } = yield* editing
      yield* write("extra.toml", "")
      const where = { explicit: inside("extra.toml") }
      expect(yield* set("proxy_port", 5, undefined, where)).toMatchObject({ layer: "explicit" })
      expect(yield* read("extra.toml")).toBe("proxy_port = 5\n")
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is written through a symbolic link, which stays one", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { inside, link, read, set, write } = yield* editing
      yield* write("dotfiles/claudex.toml", "proxy_port = 1\n")
      yield* link("dotfiles/claudex.toml", globalFile)
      yield* set("proxy_port", 2)
      expect(yield* read("dotfiles/claudex.toml")).toBe("proxy_port = 2\n")
      expect(yield* fs.readLink(inside(globalFile))).toBe(inside("dotfiles/claudex.toml"))
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is written to where symbolic links point that lead to nothing yet, and they stay", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { inside, link, read, set, write } = yield* editing
      yield* write("dotfiles/README", "")
      yield* link("dotfiles/claudex.toml", globalFile)
      yield* fs.symlink("real.toml", inside("dotfiles/claudex.toml"))
      expect(yield* set("proxy_port", 2)).toMatchObject({ file: `/${globalFile}`, outcome: "created" })
      expect(yield* read("dotfiles/real.toml")).toBe("proxy_port = 2\n")
      expect(yield* fs.readLink(inside(globalFile))).toBe(inside("dotfiles/claudex.toml"))
      expect(yield* set("proxy_port", 3)).toMatchObject({ outcome: "changed" })
      expect(yield* read("dotfiles/real.toml")).toBe("proxy_port = 3\n")
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is refused where a symbolic link leads to no folder, or to itself", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { inside, link, set } = yield* editing
      yield* link("away/claudex.toml", globalFile)
      expect(yield* Effect.flip(set("proxy_port", 2))).toBe(
        `/${globalFile}: is a symbolic link to /away/claudex.toml, and there is no folder /away`
      )
      expect(yield* fs.exists(inside("away"))).toBe(false)
      yield* fs.remove(inside(globalFile))
      yield* link(globalFile, globalFile)
      expect(yield* Effect.flip(set("proxy_port", 2))).toContain("is a symbolic link that leads to itself")
    }).pipe(Effect.provide(platform))
  )
})

describe("a profile that is added", () => {
  const fresh = { name: "new", provider_type: "OpenAICompatible", base_url: "https://new.example", default_model: "m" }
  const written = `[[profiles]]
name = "new"
provider_type = "OpenAICompatible"
base_url = "https://new.example"
default_model = "m"
`

  it.scoped("begins the user's own file, or stands behind all that is there", () =>
    Effect.gen(function* () {
      const { add, mode, read, settings, write } = yield* editing
      expect(yield* add(fresh)).toEqual({ file: `/${globalFile}`, layer: "global", outcome: "created" })
      expect(yield* read(globalFile)).toBe(written)
      expect(yield* mode(globalFile)).toBe(0o600)
      const before = `# mine\nlog_level = "warn"\n${profile("a", "# the end of a")}`
      yield* write(globalFile, before)
      expect(yield* add(fresh)).toMatchObject({ outcome: "changed" })
      expect(yield* read(globalFile)).toBe(`${before}\n\n${written}`)
      expect((yield* settings).profiles.map(({ name }) => name)).toEqual(["demo", "a", "new"])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("goes into the file of --config, which must count, and into the one that is named", () =>
    Effect.gen(function* () {
      const { add, inside, read, write } = yield* editing
      yield* write("extra.toml", "")
      const where = { explicit: inside("extra.toml") }
      expect(yield* add(fresh, undefined, where)).toMatchObject({ layer: "explicit" })
      expect(yield* read("extra.toml")).toBe(written)
      expect(yield* add(fresh, "project")).toMatchObject({ file: "/repo/claudex.toml", outcome: "created" })
      expect(yield* read("repo/claudex.toml")).toBe(written)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is refused when one of its name is there, in whichever file", () =>
    Effect.gen(function* () {
      const { add, inside, write } = yield* editing
      const fs = yield* FileSystem.FileSystem
      yield* write("repo/claudex.toml", profile("new"))
      expect(yield* Effect.flip(add(fresh))).toBe('There is a profile "new" already, in /repo/claudex.toml.')
      expect(yield* Effect.flip(add({ ...fresh, name: "demo" }))).toBe('There is a profile "demo" already, built in.')
      expect(yield* fs.exists(inside(globalFile))).toBe(false)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("is refused when it would be wrong, also where it has a key in clear that others read", () =>
    Effect.gen(function* () {
      const { add, read, write } = yield* editing
      yield* write(globalFile, "nonsense = 1\n")
      expect(yield* Effect.flip(add({ ...fresh, base_url: "new.example" }))).toContain("profiles.new.base_url: ")
      expect(yield* Effect.flip(add({ ...fresh, dialect: "vllmm" }))).toContain('did you mean "vllm"')
      expect(yield* read(globalFile)).toBe("nonsense = 1\n")
      for (const secret of [{ api_key: "sk-planted" }, { custom_headers: { "x-key": "sk-planted" } }]) {
        const refused = yield* Effect.flip(add({ ...fresh, ...secret }, "project"))
        expect(refused).toContain("read by others")
        expect(refused).not.toContain("planted")
      }
      expect(yield* add({ ...fresh, api_key: "${NEW_KEY}" }, "project")).toMatchObject({ layer: "project" })
    }).pipe(Effect.provide(platform))
  )
})

describe("nothing is written", () => {
  it.scoped("when the configuration would be wrong then; what is wrong already is no hindrance", () =>
    Effect.gen(function* () {
      const { read, set, unset, write } = yield* editing
      const text = `${profile("a", 'backup_providers = ["b"]\n')}${profile("b")}nonsense = 1\n`
      yield* write(globalFile, text)
      expect(yield* Effect.flip(set("proxy_port", 99_999))).toContain("proxy_port: ")
      expect(yield* Effect.flip(set("profiles.a.base_url", "no address"))).toContain("profiles.a.base_url")
      expect(yield* Effect.flip(unset("profiles.b"))).toContain("backup_providers")
      expect(yield* Effect.flip(set("profiles.c.base_url", "https://c.example"))).toContain("profiles.c.")
      expect(yield* read(globalFile)).toBe(text)
      expect(yield* unset("profiles.b.nonsense")).toMatchObject({ outcome: "changed" })
      expect(yield* read(globalFile)).toBe(text.replace("nonsense = 1\n", ""))
    }).pipe(Effect.provide(platform))
  )

  it.scoped("but what is wrong already is no hindrance where the change moves its lines", () =>
    Effect.gen(function* () {
      const { read, unset, write } = yield* editing
      const twice = `${profile("a")}${profile("a")}`
      yield* write(globalFile, `proxy_port = 4000\n${twice}`)
      expect(yield* unset("proxy_port")).toMatchObject({ outcome: "changed" })
      expect(yield* read(globalFile)).toBe(twice)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("where the system refuses it, which is told in its words and without the names of drafts", () =>
    Effect.gen(function* () {
      const { set, write } = yield* editing
      yield* write("home/.config/claudex", "not a directory")
      expect(yield* Effect.flip(set("proxy_port", 4000))).toMatch(
        /^\S+config\.toml: proxy_port: cannot be written \([a-z ]+\)$/
      )
    }).pipe(Effect.provide(platform))
  )

  it.scoped("when a key would stand in clear in a project's file", () =>
    Effect.gen(function* () {
      const { inside, set, write } = yield* editing
      const fs = yield* FileSystem.FileSystem
      yield* write(globalFile, profile("a"))
      const key = "sk-abcdefghijklmnop"
      for (const path of ["profiles.a.api_key", "profiles.a.custom_headers.x-key"]) {
        const refused = yield* Effect.flip(set(path, key, "project"))
        expect(refused).toContain("read by others")
        expect(refused).not.toContain(key)
      }
      expect(yield* Effect.flip(set("profiles.a.custom_headers", { "x-key": key }, "project"))).toContain(
        "read by others"
      )
      expect(yield* fs.exists(inside("repo/claudex.toml"))).toBe(false)
      expect(yield* set("profiles.a.api_key", key)).toMatchObject({ layer: "global" })
    }).pipe(Effect.provide(platform))
  )

  it.scoped("where there is nothing to take away", () =>
    Effect.gen(function* () {
      const { read, unset, write } = yield* editing
      yield* write(globalFile, "proxy_port = 1\n")
      for (const path of ["log_level", "profiles.x", "timeouts.idle_seconds"])
        expect(yield* unset(path)).toMatchObject({ outcome: "same" })
      expect(yield* read(globalFile)).toBe("proxy_port = 1\n")
    }).pipe(Effect.provide(platform))
  )
})

describe("several changes together", () => {
  const set = (path: string, value: TomlValue | undefined): Change => ({ path: pathOf(path), value })

  it.scoped("are valid as a whole, where each alone would not be, in one file or in more", () =>
    Effect.gen(function* () {
      const { read, settings, together, write } = yield* editing
      yield* write(globalFile, `default_profile = "a" # mine\n${profile("a")}`)
      expect(
        yield* together(
          ["global", set("default_profile", "demo"), set("profiles.a", undefined)],
          ["project", set("proxy_port", 4000)]
        )
      ).toEqual([
        { file: `/${globalFile}`, layer: "global", outcome: "changed" },
        { file: "/repo/claudex.toml", layer: "project", outcome: "created" }
      ])
      expect(yield* read(globalFile)).toBe('default_profile = "demo" # mine\n')
      expect(yield* settings).toMatchObject({ defaultProfile: "demo", proxyPort: 4000 })
    }).pipe(Effect.provide(platform))
  )

  it.scoped("are all refused with one of them, which is named", () =>
    Effect.gen(function* () {
      const { inside, read, together, write } = yield* editing
      const fs = yield* FileSystem.FileSystem
      yield* write(globalFile, profile("a"))
      const good = set("proxy_port", 4000)
      const faulty = yield* Effect.flip(together(["project", good], ["global", set("log_level", "loud")]))
      expect(faulty).toContain("log_level")
      const leaking = yield* Effect.flip(together(["global", good], ["project", good, set("profiles.a.api_key", "k")]))
      expect(leaking).toContain("profiles.a.api_key: a project's file is read by others")
      expect(yield* read(globalFile)).toBe(profile("a"))
      expect(yield* fs.exists(inside("repo/claudex.toml"))).toBe(false)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("are made where each setting stands, and what goes goes out of every file", () =>
    Effect.gen(function* () {
      const { anywhere, read, write } = yield* editing
      yield* write(globalFile, profile("a", 'api_key = "k"\npriority = 1\n'))
      yield* write("repo/claudex.toml", '[[profiles]]\nname = "a"\napi_key = "${K}"\nmax_tokens = 5\n')
      yield* anywhere(
        set("profiles.a.api_key", undefined),
        set("profiles.a.priority", 2),
        set("profiles.a.max_tokens", 6)
      )
      expect(yield* read(globalFile)).toBe(profile("a", "priority = 2\n"))
      expect(yield* read("repo/claudex.toml")).toBe('[[profiles]]\nname = "a"\nmax_tokens = 6\n')
    }).pipe(Effect.provide(platform))
  )

  it.scoped("leave a file as it is that has it all already", () =>
    Effect.gen(function* () {
      const { together, write } = yield* editing
      yield* write(globalFile, "proxy_port = 1\n")
      expect(yield* together(["global", set("proxy_port", 1)])).toMatchObject([{ outcome: "same" }])
    }).pipe(Effect.provide(platform))
  )
})

describe("the path of a setting", () => {
  it("is read as people type it", () => {
    expect(pathOf("proxy_port")).toEqual(["proxy_port"])
    expect(pathOf('profiles."my own".models.haiku')).toEqual(["profiles", "my own", "models", "haiku"])
    expect(pathOf('"a.b".c')).toEqual(["a.b", "c"])
  })

  it("is refused when it is none", () => {
    for (const text of ["", ".", "a.", ".a", "a..b", "a b", '"a', 'a".b', '""'])
      expect(Either.isLeft(readSettingPath(text))).toBe(true)
  })
})
