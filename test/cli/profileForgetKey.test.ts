import { describe, expect, it } from "vitest"
import { Diagnosis } from "../../src/cli/doctor/check.ts"
import { Schema } from "effect"
import { makeKeyUser } from "../support/keyUser.ts"

const config = `
[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:9/v1"
api_key_keyring = "grok-api-key"
default_model = "grok-4"
`

/** A user of whose two stored keys no profile uses the one, as a crash leaves it between the key and its profile. */
const withLeftKey = async (keyring: boolean) => {
  const made = await makeKeyUser(config.replace('"grok-api-key"', '"left key"'), keyring)
  expect((await made.run("profile set-key grok", "sk-canary-left")).code).toBe(0)
  await made.user.write("home/.config/claudex/config.toml", config, 0o600)
  expect((await made.run("profile set-key grok", "sk-canary-used")).code).toBe(0)
  const kept = async () =>
    `${await made.user.read("keyring/entries.json")}${await made.user.read(made.file.slice(made.user.root.length + 1))}`
  return { ...made, kept }
}

describe("a stored key that no profile uses", () => {
  it.each([[true], [false]])(
    "is named by doctor with the command that removes it, which does so (keyring: %s)",
    async (keyring) => {
      const { env, kept, run, user } = await withLeftKey(keyring)
      const look = async () => {
        const { stdout } = await run("doctor --json")
        expect(stdout).not.toContain("canary")
        return Schema.decodeUnknownSync(Schema.parseJson(Diagnosis))(stdout).checks.filter(
          ({ check, status }) => check === "key" && status === "warn"
        )
      }
      const remedy = "Nothing where a project elsewhere uses it, or type: claudex profile forget-key 'left key'"
      expect(await look()).toEqual([
        { check: "key", status: "warn", message: 'the one stored as "left key" is used by no profile here', remedy }
      ])
      const forget = (key: string) => user.run(["profile", "forget-key", key], { env })
      expect(await forget("left key")).toMatchObject({
        code: 0,
        stdout: 'The key stored as "left key" is removed.\n',
        stderr: ""
      })
      expect(await kept()).not.toContain("left")
      expect(await kept()).toContain("sk-canary-used")
      expect(await look()).toEqual([])
      expect(await forget("left key")).toMatchObject({
        code: 1,
        stdout: "",
        stderr: 'claudex: There is no key stored as "left key". Stored are: grok-api-key.\nNext: claudex doctor\n'
      })
    }
  )

  it("is not one that a profile uses, and is suggested for a name that is almost its own", async () => {
    const { kept, run } = await withLeftKey(false)
    const before = await kept()
    const used = await run("profile forget-key grok-api-key")
    expect(used).toMatchObject({ code: 1, stdout: "" })
    expect(used.stderr).toBe(
      'claudex: Nothing was changed, for the profile "grok" takes its key from "grok-api-key".\nNext: claudex config unset profiles.grok.api_key_keyring\n'
    )
    const close = await run("profile forget-key left-kye")
    expect(close).toMatchObject({ code: 1, stdout: "" })
    expect(close.stderr).toContain("Did you mean \"left key\"?\nNext: claudex profile forget-key 'left key'\n")
    expect(await kept()).toBe(before)
  })

  it("is left by a profile that takes its key from elsewhere now", async () => {
    const { env, run, user } = await withLeftKey(false)
    const edited = await user.run(["profile", "edit", "grok", "--api-key-env", "A_KEY"], { env })
    expect(edited.code).toBe(0)
    const left =
      'No profile here uses the key stored as "grok-api-key" now. Type: claudex profile forget-key grok-api-key'
    expect(edited.stderr).toContain(`claudex: ${left}\n`)
    // not of a key that another profile uses, or that it has kept
    const shared = `${config}${config.replace('"grok"', '"other"')}`
    await user.write("home/.config/claudex/config.toml", shared, 0o600)
    expect((await run("profile edit grok --api-key-env A_KEY")).stderr).not.toContain("forget-key")
    expect((await run("profile edit other --model next")).stderr).not.toContain("forget-key")
    await run("profile edit other --api-key-env A_KEY")
    expect((await run("doctor")).stdout).toContain("claudex profile forget-key grok-api-key")
  })
})
