import { FileSystem, Path } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Schema } from "effect"
import type { LoadedConfig, Origin } from "../../src/config/Config.ts"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import { findExecutable } from "../../src/launcher/executable.ts"
import { findProfile } from "../../src/launcher/profiles.ts"
import { settingsMode } from "../../src/launcher/settingsMode.ts"

const inTemp = <A, E, R>(use: (directory: string) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.flatMap(fs.makeTempDirectoryScoped(), use)).pipe(
    Effect.scoped,
    Effect.provide(NodeContext.layer)
  )

describe("looking for the program to start", () => {
  const prepared = Effect.fnUntraced(function* (directory: string) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    for (const [name, mode] of [
      ["first/claude", 0o644],
      ["second/claude", 0o755],
      ["home/bin/claude", 0o755],
      ["cwd/tools/claude", 0o755]
    ] as const) {
      const file = path.join(directory, name)
      yield* fs.makeDirectory(path.dirname(file), { recursive: true })
      yield* fs.writeFileString(file, "#!/bin/sh\n")
      yield* fs.chmod(file, mode)
    }
    yield* fs.makeDirectory(path.join(directory, "first/dir"), { recursive: true })
    return (program: string) =>
      Effect.either(
        findExecutable(program, {
          environment: { PATH: `${directory}/first:${directory}/second` },
          home: `${directory}/home`,
          cwd: `${directory}/cwd`
        })
      )
  })

  it.effect("takes the first executable file of that name on PATH", () =>
    inTemp((directory) =>
      Effect.gen(function* () {
        const find = yield* prepared(directory)
        expect(yield* find("claude")).toEqual(Either.right(`${directory}/second/claude`))
      })
    )
  )

  it.effect("takes a path as it is, from home or from the working directory", () =>
    inTemp((directory) =>
      Effect.gen(function* () {
        const find = yield* prepared(directory)
        expect(yield* find("~/bin/claude")).toEqual(Either.right(`${directory}/home/bin/claude`))
        expect(yield* find("./tools/claude")).toEqual(Either.right(`${directory}/cwd/tools/claude`))
        expect(yield* find(`${directory}/second/claude`)).toEqual(Either.right(`${directory}/second/claude`))
      })
    )
  )

  it.effect("tells a missing program from one that cannot be run", () =>
    inTemp((directory) =>
      Effect.gen(function* () {
        const find = yield* prepared(directory)
        const missing = yield* find("clod")
        const notRunnable = yield* find(`${directory}/first/claude`)
        const folder = yield* find(`${directory}/first/dir`)
        expect(Either.isLeft(missing) && missing.left.message).toContain("on PATH")
        expect(Either.isLeft(notRunnable) && notRunnable.left.notExecutable).toBe(true)
        expect(Either.isLeft(folder) && folder.left.notExecutable).toBe(false)
      })
    )
  )
})

describe("the permission mode of settings files", () => {
  it.effect("is that of the strongest file that has one; broken files choose nothing", () =>
    inTemp((directory) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const write = (file: string, content: string) =>
          Effect.zipRight(
            fs.makeDirectory(`${directory}/${file.replace(/\/[^/]*$/, "")}`, { recursive: true }),
            fs.writeFileString(`${directory}/${file}`, content)
          )
        const mode = (environment = {}) => settingsMode(environment, `${directory}/home`, `${directory}/work`)
        expect(yield* mode()).toBe(undefined)
        yield* write("home/.claude/settings.json", '{"permissions":{"defaultMode":"plan","allow":[]},"model":"x"}')
        expect(yield* mode()).toBe("plan")
        yield* write("work/.claude/settings.json", '{"permissions":{"defaultMode":"acceptEdits"}}')
        expect(yield* mode()).toBe("acceptEdits")
        yield* write("work/.claude/settings.local.json", "{ not json")
        expect(yield* mode()).toBe("acceptEdits")
        yield* write("work/.claude/settings.json", '{"permissions":{"allow":["Read"]}}')
        expect(yield* mode()).toBe("plan")
        yield* write("other/settings.json", '{"permissions":{"defaultMode":"dontAsk"}}')
        expect(yield* mode({ CLAUDE_CONFIG_DIR: `${directory}/other` })).toBe("dontAsk")
      })
    )
  )
})

describe("looking for a profile", () => {
  const profile = (name: string, enabled: boolean) => ({
    name,
    enabled,
    base_url: "https://x.example",
    default_model: "m"
  })
  const settings = Schema.decodeSync(ConfigFile)({
    profiles: [profile("grok", true), profile("old", false), profile("my glm", true)]
  })
  const origin = (path: string): Origin => ({ layer: "global", file: "/home/ann/config.toml", line: path.length })
  const config: LoadedConfig = { settings, files: [], origin }
  const find = (name: string) => Effect.runSync(Effect.either(findProfile(config, name)))

  it("finds one by its exact name", () => {
    expect(Either.map(find("my glm"), ({ name }) => name)).toEqual(Either.right("my glm"))
  })

  it("suggests the near name and the command to type for one that does not exist", () => {
    const failed = find("grk")
    expect(Either.isLeft(failed) && failed.left.message).toBe('There is no profile "grk". Did you mean "grok"?')
    expect(Either.isLeft(failed) && failed.left._tag === "UnknownProfile" && failed.left.next).toBe("claudex run grok")
  })

  it("quotes a name that a shell would take apart", () => {
    const failed = find("my gln")
    expect(Either.isLeft(failed) && failed.left._tag === "UnknownProfile" && failed.left.next).toBe(
      "claudex run 'my glm'"
    )
  })

  it("lists what there is when nothing is near, without the disabled ones", () => {
    const failed = find("something")
    expect(Either.isLeft(failed) && failed.left.message).toBe(
      'There is no profile "something". The profiles are: grok, my glm.'
    )
  })

  it("says where a disabled one can be enabled", () => {
    const failed = find("old")
    expect(Either.isLeft(failed) && failed.left.message).toBe(
      'The profile "old" is disabled: set enabled = true in /home/ann/config.toml:20.'
    )
  })
})
