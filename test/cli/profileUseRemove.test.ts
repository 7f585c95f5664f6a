import { stat } from "node:fs/promises"
import { Either, FastCheck as fc } from "effect"
import { stringify } from "smol-toml"
import { describe, expect, it } from "vitest"
import { type Reference, referencesIn } from "../../src/cli/references.ts"
import { assemble } from "../../src/config/assemble.ts"
import { readDocument } from "../../src/config/document.ts"
import { keyPath } from "../../src/config/keyPath.ts"
import { setIn, unsetIn } from "../../src/config/tomlEdit.ts"
import { pickerId } from "../../src/provider/models.ts"
import { makeUser } from "../support/claudex.ts"
import { holds } from "../support/holds.ts"
import { makeKeyUser } from "../support/keyUser.ts"
import { runs } from "../support/runs.ts"

const treeOf = (text: string) => Either.getOrThrow(readDocument(text, "global", "/c.toml")).tree

const told = (text: string, profile: string) =>
  referencesIn(treeOf(text), profile).map(({ path, without }) => [keyPath(path), without])

describe("what names a profile", () => {
  it("is found wherever it stands, and nothing else is", () => {
    const text = `
      default_profile = "grok"
      [model_aliases]
      mine = ${JSON.stringify(pickerId("grok", "grok-4"))}
      other = ${JSON.stringify(pickerId("grok2", "grok-4"))}
      grok = "grok-4"
      [router]
      profile = "grok"
      model = "grok"
      rules = { code = "grok", search = "other" }
      [context.compression]
      profile = "grok"
      [context.rag]
      profile = "other"
      [[profiles]]
      name = "grok"
      backup_providers = ["other"]
      [[profiles]]
      name = "other"
      default_model = "grok"
      backup_providers = ["one", "grok", "two"]
    `
    expect(told(text, "grok")).toEqual([
      ["profiles.other.backup_providers", ["one", "two"]],
      ["default_profile", undefined],
      ["router.profile", undefined],
      ["context.compression.profile", undefined],
      ["router.rules.code", undefined],
      ["model_aliases.mine", undefined]
    ])
    expect(told(text, "nobody")).toEqual([])
  })

  const name = fc.constantFrom("a", "b", "c", "my own", "d.e")
  const settings = fc.record(
    {
      default_profile: name,
      router: fc.record(
        { profile: name, rules: fc.dictionary(fc.constantFrom("code", "search"), name) },
        { requiredKeys: [] }
      ),
      context: fc.record(
        { compression: fc.record({ profile: name }), rag: fc.record({ profile: name }) },
        { requiredKeys: [] }
      ),
      model_aliases: fc.dictionary(
        fc.constantFrom("x", "y"),
        fc.tuple(name, name).map(([one, two]) => pickerId(one, two))
      )
    },
    { requiredKeys: [] }
  )
  const profiles = fc.uniqueArray(fc.tuple(name, fc.uniqueArray(name)), { selector: ([one]) => one, minLength: 1 })

  it("can all be taken away, and what is left is valid, names it nowhere, and is otherwise as it was", () =>
    holds(
      fc.property(settings, profiles, name, (others, list, gone) => {
        const document = (kept: (one: string) => boolean) => ({
          ...others,
          profiles: list
            .filter(([one]) => kept(one))
            .map(([one, backups]) => ({
              name: one,
              base_url: "http://127.0.0.1:1",
              default_model: "m",
              backup_providers: backups.filter((backup) => backup !== one && kept(backup))
            }))
        })
        const text = stringify(document(() => true))
        const place = ({ path: [first, ...rest] }: Reference) =>
          first === "profiles"
            ? [first, list.findIndex(([one]) => one === rest[0]), ...rest.slice(1)]
            : [first, ...rest]
        const without = referencesIn(treeOf(text), gone).reduce(
          (left, reference) =>
            Either.getOrThrow(
              reference.without === undefined
                ? unsetIn(left, place(reference))
                : setIn(left, place(reference), reference.without)
            ),
          text
        )
        const at = list.findIndex(([one]) => one === gone)
        const edited = at < 0 ? without : Either.getOrThrow(unsetIn(without, ["profiles", at]))
        expect(referencesIn(treeOf(edited), gone)).toEqual([])
        const faultsOf = (whole: string) =>
          Either.match(
            assemble([{ layer: "global", path: "/c.toml", content: readDocument(whole, "global", "/c.toml") }], {}, []),
            { onLeft: (faults) => faults, onRight: () => [] }
          )
        expect(faultsOf(edited).filter(({ message }) => message.includes(JSON.stringify(gone)))).toEqual([])
        expect(faultsOf(edited).length).toBeLessThanOrEqual(faultsOf(text).length)
        const left = Either.getOrThrow(readDocument(edited, "global", "/c.toml")).tree
        expect(left.profiles.map((profile) => profile.name)).toEqual(
          document((one) => one !== gone).profiles.map((one) => one.name)
        )
      }),
      { numRuns: runs }
    ))
})

const file = "home/.config/claudex/config.toml"

const text = `# mine
default_profile = "grok"

# the first
[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
api_key = "canary-0123456789"
default_model = "grok-4"
[profiles.quirks]
max_stop = 2

# the second
[[profiles]]
name = "other"   # it is
provider_type = "OpenAICompatible"
base_url = "https://other.example/v1"
default_model = "m"
backup_providers = ["grok"] # if need be

[[profiles]]
name = "off"
base_url = "https://off.example"
default_model = "m"
enabled = false
`

const user = async (content = text) => {
  const made = await makeUser()
  await made.write(file, content, 0o600)
  return { ...made, path: `${made.root}/${file}` }
}

describe("claudex profile use", () => {
  it("sets the default profile, which run then takes, and says in which file", async () => {
    const { path, read, run } = await user()
    expect(await run(["profile", "use", "other"])).toEqual({
      code: 0,
      signal: null,
      stdout: `claudex run takes the profile "other" where none is named: default_profile is set in ${path}.\n`,
      stderr: ""
    })
    expect(await read(file)).toBe(text.replace('default_profile = "grok"', 'default_profile = "other"'))
    expect((await run(["config", "get", "default_profile"])).stdout).toBe("other\n")
    // as the example of a configuration has it: none
    expect(await run(["config", "set", "default_profile", ""])).toMatchObject({ code: 0, stderr: "" })
    expect(await read(file)).toBe(text.replace('default_profile = "grok"', 'default_profile = ""'))
  })

  it("makes the user's file where there is none", async () => {
    const made = await makeUser()
    const place = { XDG_CONFIG_HOME: `${made.root}/elsewhere` }
    expect((await made.run(["profile", "use", "demo"], { env: place })).code).toBe(0)
    expect(await made.read("elsewhere/claudex/config.toml")).toBe('default_profile = "demo"\n')
    expect((await stat(`${made.root}/elsewhere/claudex/config.toml`)).mode & 0o777).toBe(0o600)
  })

  it("refuses a profile that is not there or is disabled, and changes nothing", async () => {
    const { read, run } = await user()
    expect(await run(["profile", "use", "othr"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: 'claudex: There is no profile "othr". Did you mean "other"?\nNext: claudex profile use other\n'
    })
    expect(await run(["profile", "use", "off"])).toMatchObject({ code: 2, stderr: expect.stringContaining("disabled") })
    expect(await read(file)).toBe(text)
  })

  it("says when a variable names another one", async () => {
    const { run } = await user()
    const { code, stderr } = await run(["profile", "use", "other"], { env: { CLAUDEX_DEFAULT_PROFILE: "demo" } })
    expect([code, stderr]).toEqual([0, "claudex: CLAUDEX_DEFAULT_PROFILE names another one, which counts more.\n"])
  })
})

describe("claudex profile remove", () => {
  it("takes a profile out of its file, with its tables, and leaves everything else as it was", async () => {
    const { path, read, run } = await user()
    expect(await run(["profile", "remove", "other"])).toEqual({
      code: 0,
      signal: null,
      stdout: `The profile "other" is no longer in ${path}.\n`,
      stderr: ""
    })
    const left = await read(file)
    expect(left).not.toContain("other.example")
    // its own words go with it
    expect(left).toBe(text.slice(0, text.indexOf("# the second")) + text.slice(text.lastIndexOf("[[profiles]]")))
    expect((await run(["config", "validate"])).code).toBe(0)
  })

  it("refuses while others name it, says where, and changes nothing", async () => {
    const { path, read, run } = await user()
    expect(await run(["profile", "remove", "grok"])).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: [
        'claudex: Nothing was changed, for the profile "grok" is named in:',
        `  ${path}:20: profiles.other.backup_providers`,
        `  ${path}:2: default_profile`,
        "Next: claudex profile remove grok --force",
        ""
      ].join("\n")
    })
    expect(await read(file)).toBe(text)
  })

  it("with --force takes it out of what names it too", async () => {
    const { path, read, run } = await user()
    const outcome = await run(["profile", "remove", "grok", "--force"])
    expect(outcome).toEqual({
      code: 0,
      signal: null,
      stdout: [
        `profiles.other.backup_providers in ${path} no longer names it.`,
        `default_profile in ${path} no longer names it.`,
        `The profile "grok" is no longer in ${path}.`,
        ""
      ].join("\n"),
      stderr: ""
    })
    const left = await read(file)
    expect(left).not.toContain("grok")
    expect(left).not.toContain("canary")
    expect(left).toContain("backup_providers = [] # if need be\n")
    expect((await run(["config", "validate"])).code).toBe(0)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it("with --force leaves what is said of the other profiles in a list", async () => {
    const backups = 'backup_providers = ["off", # cheap\n  "grok", # good\n  "demo" # last\n]'
    const { read, run } = await user(text.replace('backup_providers = ["grok"]', backups))
    expect(await run(["profile", "remove", "grok", "--force"])).toMatchObject({ code: 0, stderr: "" })
    expect(await read(file)).toContain('backup_providers = ["off", # cheap\n  "demo" # last\n] # if need be\n')
  })

  it("takes it out of every file that has it, and finds what names it in each", async () => {
    const { path, read, run, work, write } = await user(text.replace('default_profile = "grok"', ""))
    await write(
      "work/claudex.toml",
      '[[profiles]]\nname = "grok"\npriority = 1\n[[profiles]]\nname = "other"\nbackup_providers = []\n'
    )
    // the project's list lies over the user's, which elsewhere counts again
    expect((await run(["profile", "remove", "grok"])).stderr).toContain("profiles.other.backup_providers")
    const outcome = await run(["profile", "remove", "-f", "grok"])
    expect(outcome).toMatchObject({ code: 0, stderr: "" })
    expect(outcome.stdout.split("\n").slice(1)).toEqual([
      `The profile "grok" is no longer in ${work}/claudex.toml.`,
      `The profile "grok" is no longer in ${path}.`,
      ""
    ])
    expect(await read("work/claudex.toml")).toBe('[[profiles]]\nname = "other"\nbackup_providers = []\n')
  })

  it("changes no file when one of them cannot be changed", async () => {
    const { read, run, write } = await user(text.replace('default_profile = "grok"', ""))
    const project = 'default_profile = "grok"\nprofiles = [{ name = "grok", priority = 1 }]\n'
    await write("work/claudex.toml", project)
    const outcome = await run(["profile", "remove", "grok", "--force"])
    expect(outcome).toMatchObject({ code: 2, stdout: "" })
    expect(outcome.stderr).toContain("Nothing was changed.")
    expect(await read("work/claudex.toml")).toBe(project)
    expect(await read(file)).toBe(text.replace('default_profile = "grok"', ""))
  })

  const stored = (names: ReadonlyArray<string>) =>
    names
      .map(
        (name) =>
          `[[profiles]]\nname = "${name}"\nbase_url = "https://relay.example"\ndefault_model = "m"\napi_key_keyring = "team"\n`
      )
      .join("\n")

  it("removes the key that was stored for it as well, from the keyring or from the private file", async () => {
    for (const keyring of [true, false]) {
      const { file: secrets, run, user: owner } = await makeKeyUser(stored(["a"]), keyring)
      await run("profile set-key a", "sk-canary-1")
      const kept = async () =>
        (await owner.read("keyring/entries.json")) + (await owner.read(secrets.slice(owner.root.length + 1)))
      expect(await kept()).toContain("canary")
      const { code, stderr, stdout } = await run("profile remove a")
      expect([code, stderr]).toEqual([0, ""])
      expect(stdout).toContain('The key stored as "team" is removed too.\n')
      expect(await kept()).not.toContain("canary")
    }
  })

  it("leaves the key that another profile uses, says so, and removes it with the last one", async () => {
    const { run } = await makeKeyUser(stored(["a", "b"]), true)
    await run("profile set-key a", "sk-canary-1")
    expect((await run("profile remove a")).stdout).toContain(
      'The key stored as "team" stays, for the profile "b" uses it.\n'
    )
    expect((await run("profile show b")).stdout).toContain('key        stored as "team"')
    expect((await run("profile remove b")).stdout).toContain('The key stored as "team" is removed too.\n')
  })

  it("says nothing of a key that was never stored", async () => {
    const { run } = await makeKeyUser(stored(["a"]))
    expect((await run("profile remove a")).stdout).not.toContain("key")
  })

  it("cannot mend a variable, and says which names it", async () => {
    const { read, run } = await user()
    const outcome = await run(["profile", "remove", "other", "--force"], { env: { CLAUDEX_DEFAULT_PROFILE: "other" } })
    expect(outcome).toMatchObject({
      code: 1,
      stdout: "",
      stderr:
        'claudex: Nothing was changed, for CLAUDEX_DEFAULT_PROFILE names the profile "other".\nNext: unset CLAUDEX_DEFAULT_PROFILE\n'
    })
    expect(await read(file)).toBe(text)
  })

  it("cannot remove what is built in, but what a file says of it", async () => {
    const { run, write } = await user()
    expect(await run(["profile", "remove", "demo"])).toMatchObject({
      code: 1,
      stderr:
        'claudex: The profile "demo" is built in, and no file says anything of it.\nNext: claudex config set profiles.demo.enabled false\n'
    })
    await write(file, 'default_profile = "demo"\n[[profiles]]\nname = "demo"\npriority = 1\n')
    expect(await run(["profile", "remove", "demo"])).toMatchObject({ code: 0, stderr: "" })
    expect((await run(["config", "validate"])).code).toBe(0)
  })

  it("removes a faulty profile too, and suggests one for a name that is not there", async () => {
    const { read, run } = await user(text.replace('base_url = "https://other.example/v1"\n', ""))
    expect((await run(["profile", "remove", "othr"])).stderr).toBe(
      'claudex: There is no profile "othr". Did you mean "other"?\nNext: claudex profile remove other\n'
    )
    expect(await run(["profile", "remove", "other"])).toMatchObject({ code: 0, stderr: "" })
    expect(await read(file)).not.toContain("other")
  })

  it("changes nothing in a file that is no TOML", async () => {
    const { read, run } = await user("[[profiles]\n")
    expect(await run(["profile", "remove", "grok"])).toMatchObject({ code: 2, stdout: "" })
    expect(await read(file)).toBe("[[profiles]\n")
  })
})
