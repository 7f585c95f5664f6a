import { userInfo } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { makeUser } from "../support/claudex.ts"

it.each([[undefined], [""], ["home/of/mine"]])(
  "a user whose HOME is %j has the places of the home directory that the system knows",
  async (HOME) => {
    const user = await makeUser()
    const outcome = await user.run(["config", "path", "--json"], { env: { HOME } })
    expect(outcome).toMatchObject({ code: 0, stderr: "" })
    expect(outcome.stdout).toContain(JSON.stringify(join(userInfo().homedir, ".config/claudex/config.toml")))
  }
)
