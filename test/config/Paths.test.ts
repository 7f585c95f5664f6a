import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Environment } from "../../src/config/Environment.ts"
import { Paths, placesOf } from "../../src/config/Paths.ts"

describe("the user's places", () => {
  it("are under the home directory when nothing else is said", () => {
    assert.deepStrictEqual(placesOf({ HOME: "/home/ada" }, "linux"), {
      home: "/home/ada",
      globalConfigFiles: ["/home/ada/.config/claudex/config.toml"],
      stateDir: "/home/ada/.local/state/claudex",
      cacheDir: "/home/ada/.cache/claudex"
    })
  })

  it("follow the XDG variables", () => {
    const places = placesOf(
      { HOME: "/home/ada", XDG_CONFIG_HOME: "/x/config/", XDG_STATE_HOME: "/x/state", XDG_CACHE_HOME: "/x/cache" },
      "linux"
    )
    assert.deepStrictEqual(places.globalConfigFiles, ["/x/config/claudex/config.toml"])
    assert.strictEqual(places.stateDir, "/x/state/claudex")
    assert.strictEqual(places.cacheDir, "/x/cache/claudex")
  })

  it("ignore XDG variables that are relative or empty", () => {
    const places = placesOf({ HOME: "/home/ada", XDG_CONFIG_HOME: "config", XDG_STATE_HOME: "" }, "linux")
    assert.deepStrictEqual(places.globalConfigFiles, ["/home/ada/.config/claudex/config.toml"])
    assert.strictEqual(places.stateDir, "/home/ada/.local/state/claudex")
  })

  it("look in Application Support on macOS after the XDG place", () => {
    assert.deepStrictEqual(placesOf({ HOME: "/Users/ada" }, "darwin").globalConfigFiles, [
      "/Users/ada/.config/claudex/config.toml",
      "/Users/ada/Library/Application Support/claudex/config.toml"
    ])
  })

  it("look in the roaming application data on Windows after the XDG place", () => {
    assert.deepStrictEqual(
      placesOf({ USERPROFILE: "C:\\Users\\ada", APPDATA: "C:\\Users\\ada\\AppData\\Roaming" }, "win32")
        .globalConfigFiles,
      ["C:\\Users\\ada/.config/claudex/config.toml", "C:\\Users\\ada\\AppData\\Roaming/claudex/config.toml"]
    )
  })

  it("have one leading slash when there is no home", () => {
    assert.strictEqual(placesOf({}, "linux").stateDir, "/.local/state/claudex")
  })

  it.effect("come from the environment that is provided", () =>
    Effect.gen(function* () {
      const { stateDir } = yield* Paths
      assert.strictEqual(stateDir, "/s/claudex")
    }).pipe(Effect.provide(Layer.provide(Paths.layer, Environment.layerOf({ HOME: "/h", XDG_STATE_HOME: "/s" }))))
  )
})
