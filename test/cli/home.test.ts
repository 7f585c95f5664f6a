import { userInfo } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { makeUser } from "../support/claudex.ts"

it("a user without HOME has the places of the home directory that the system knows", async () => {
  const user = await makeUser()
  const outcome = await user.run(["config", "path", "--json"], { env: { HOME: undefined } })
  expect(outcome).toMatchObject({ code: 0, stderr: "" })
  expect(outcome.stdout).toContain(JSON.stringify(join(userInfo().homedir, ".config/claudex/config.toml")))
})
