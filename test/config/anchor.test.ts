import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { anchorOf } from "../../src/config/anchor.ts"

describe("the explicit file of a command", () => {
  const environment = { CLAUDEX_CONFIG: "/from/environment.toml" }

  it("is the one named by --config, else by CLAUDEX_CONFIG, else none", () => {
    assert.deepStrictEqual(anchorOf("/repo", Option.some("flag.toml"), environment), {
      cwd: "/repo",
      explicit: Option.some("flag.toml")
    })
    assert.deepStrictEqual(
      anchorOf("/repo", Option.none(), environment).explicit,
      Option.some("/from/environment.toml")
    )
    assert.deepStrictEqual(anchorOf("/repo", Option.none(), {}).explicit, Option.none())
  })

  it("is none when the variable is empty", () => {
    assert.deepStrictEqual(anchorOf("/repo", Option.none(), { CLAUDEX_CONFIG: "" }).explicit, Option.none())
  })
})
