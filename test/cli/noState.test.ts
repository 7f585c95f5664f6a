import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { makeUser } from "../support/claudex.ts"

const config = `
[[profiles]]
name = "local"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:9/v1"
default_model = "m"
`

/** Somebody whose state can be kept nowhere: a file stands where a folder would have to be made. */
const withoutPlace = async () => {
  const user = await makeUser(config)
  const file = await user.write("it's/a file", "")
  const run = (line: string) =>
    user.run(line.split(" "), { env: { XDG_STATE_HOME: join(file, "state") }, input: "sk-canary" })
  return { user, file, run }
}

describe("a machine on which nothing can be kept", () => {
  it("is told of by every command that has to, with a command that shows why when it is typed as printed", async () => {
    const { file, run, user } = await withoutPlace()
    const before = await user.read("home/.config/claudex/config.toml")
    for (const line of ["config set log_level debug", "proxy token", "profile set-key local", "env local --shell"]) {
      const { code, stderr, stdout } = await run(line)
      expect([line, code, stdout]).toEqual([line, 1, line.startsWith("env") ? "false\n" : ""])
      expect(stderr).not.toContain("canary")
      const next = /\nNext: (.*)\n$/.exec(stderr)?.[1] ?? ""
      const shown = spawnSync("/bin/sh", ["-c", next], { encoding: "utf8" })
      expect([line, shown.status, shown.stderr]).toEqual([line, 0, ""])
      expect(shown.stdout).toContain(file)
    }
    expect(await user.read("home/.config/claudex/config.toml")).toBe(before)
  })

  it("fails a check of doctor, which says where the place is and what refuses it", async () => {
    const { file, run, user } = await withoutPlace()
    const stateOf = (stdout: string) =>
      JSON.parse(stdout).checks.find(({ check }: { readonly check: string }) => check === "state")
    const outcome = await run("doctor --json")
    expect(outcome.code).toBe(1)
    expect(stateOf(outcome.stdout)).toMatchObject({
      status: "fail",
      message: `nothing can be kept in ${file}/state/claudex, for ${file} is no folder`,
      remedy: expect.stringContaining("export XDG_STATE_HOME=")
    })
    const well = await user.run(["doctor", "--json"])
    expect(stateOf(well.stdout)).toEqual({ check: "state", status: "ok", message: user.stateDir })
    expect(await user.stateFiles()).toEqual([])
  })
})
