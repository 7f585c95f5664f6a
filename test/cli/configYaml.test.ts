import { readdir, readFile, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { makeUser } from "../support/claudex.ts"
import { makeMoments } from "../support/moments.ts"

const text = `# my settings
proxy_port: 0 # any
profiles:
  # the fast one
  - name: grok
    provider_type: OpenAICompatible
    base_url: https://api.x.ai/v1
    api_key: sk-planted-in-the-file-0123456789
    default_model: grok-4
`

const migrated = `# my settings
proxy_port = 0 # any

# the fast one
[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
api_key = "sk-planted-in-the-file-0123456789"
default_model = "grok-4"
`

/** A user of the original, whose own file is YAML. */
const user = async () => {
  const made = await makeUser()
  const folder = join(made.home, ".config/claudex")
  await rm(join(folder, "config.toml"))
  await made.write("home/.config/claudex/config.yaml", text)
  return { ...made, folder, yaml: join(folder, "config.yaml"), toml: join(folder, "config.toml") }
}

describe("a configuration in YAML", () => {
  it("is shown, validated and used like one in TOML, with the line of every value", async () => {
    const { run, yaml } = await user()
    const shown = await run(["config"])
    expect([shown.code, shown.stderr]).toEqual([0, ""])
    expect(shown.stdout).toContain(`${yaml}\n     2  proxy_port = 0\n     5  profiles.grok.name = "grok"\n`)
    expect(shown.stdout).not.toContain("planted")
    expect((await run(["config", "path"])).stdout).toContain(`+ ${yaml} (global)\n`)
    expect((await run(["config", "validate"])).stdout).toContain(`files: ${yaml}\n`)
    expect((await run(["config", "get", "profiles.grok.default_model"])).stdout).toBe("grok-4\n")
    const list: unknown = JSON.parse((await run(["profile", "list", "--json"])).stdout)
    expect(list).toMatchObject({
      profiles: expect.arrayContaining([
        expect.objectContaining({ name: "grok", origin: { layer: "global", file: yaml, line: 5 } })
      ])
    })
  })

  it("has its faults told with their place, and what to type next", async () => {
    const { run, write, yaml } = await user()
    await write("home/.config/claudex/config.yaml", `${text}proxy_port: 1\n`)
    expect(await run(["config", "validate"])).toEqual({
      code: 2,
      signal: null,
      stdout: "",
      stderr: `claudex: The configuration is not usable:\n${yaml}:10:1: is not valid YAML: the key stands there twice, expected it once\nNext: claudex config edit\n`
    })
    await write("home/.config/claudex/config.yaml", `${text}log_level: loud\n`)
    expect((await run(["config", "validate"])).stderr).toContain(`${yaml}:10: log_level: is not known, expected one of`)
  })

  it("is changed by no command, each of which names the one that makes TOML of it, before it asks or does anything", async () => {
    const { read, run, stateFiles, write, yaml } = await user()
    const commands = [
      ["config", "set", "log_level", "warn"],
      ["config", "set", "profiles.grok.default_model", "grok-3"],
      ["config", "unset", "proxy_port"],
      ["profile", "add", "--provider", "xai", "--api-key-env", "XAI_API_KEY", "-m", "grok-4"],
      ["profile", "use", "grok"],
      ["profile", "remove", "grok"],
      ["profile", "set-key", "grok", "--stdin"]
    ]
    for (const words of commands) {
      const { code, stderr, stdout } = await run(words, { input: "sk-another-0123456789\n" })
      expect([code, stdout, words]).toEqual([2, "", words])
      expect(stderr).toMatch(
        /^claudex: Nothing was changed\. .*config\.yaml: .*: YAML is read and not written, expected a TOML file\nNext: claudex config migrate\n$/
      )
      expect(stderr).toContain(yaml)
    }
    expect(await read("home/.config/claudex/config.yaml")).toBe(text)
    expect(await stateFiles()).not.toContain("secrets.json")
    // what stands in a file of TOML is changed there
    await write("work/claudex.toml", "log_level = 'warn'\n")
    expect(await run(["config", "set", "log_level", "info"])).toMatchObject({ code: 0 })
  })

  it("is opened by edit, and replaced when it is valid", async () => {
    const { read, run, yaml } = await user()
    const edit = (editor: string) => run(["config", "edit"], { env: { EDITOR: editor } })
    expect(await edit("sed -i s/grok-4/grok-5/")).toMatchObject({ code: 0, stdout: `${yaml} has been changed.\n` })
    const after = text.replace("grok-4", "grok-5")
    expect(await read("home/.config/claudex/config.yaml")).toBe(after)
    const wrong = await edit("sed -i s/proxy_port/proxy_prot/")
    expect(wrong).toMatchObject({ code: 2, stdout: "" })
    expect(wrong.stderr).toContain(`${yaml}:2: proxy_prot: unknown key, did you mean "proxy_port"?`)
    expect(await read("home/.config/claudex/config.yaml")).toBe(after)
    await rm(/What you wrote is kept in (.*)\n/.exec(wrong.stderr)?.[1] ?? "/nowhere/x")
  })

  it("is not put aside by init", async () => {
    const { run, work, write, yaml } = await user()
    expect((await run(["config", "init", "--global"])).stderr).toContain(`There is a configuration already: ${yaml}`)
    await write("work/claudex.yml", "")
    expect(await run(["config", "init"])).toMatchObject({ code: 1, stdout: "" })
    expect(await readdir(work)).toEqual(["claudex.yml"])
  })

  it("is named where it is not read, as TOML in its place counts", async () => {
    const { run, toml, write, yaml } = await user()
    await write("home/.config/claudex/config.toml", "proxy_port = 0\n")
    const remark = `claudex: ${yaml} is not read, because ${toml} counts in its place. Remove it, or type claudex config migrate if both say the same.\n`
    for (const words of [["config"], ["config", "path"], ["config", "validate"]]) {
      expect(await run(words)).toMatchObject({ code: 0, stderr: remark })
    }
    expect((await run(["doctor"])).stdout.replace(/\s+/g, " ")).toContain(
      `warn config ${yaml} is not read, because ${toml}`
    )
    await write("bin/claude", "#!/bin/sh\nexit 0\n", 0o755)
    const started = await run(["run", "demo", "--no-gateway"])
    expect(started.stderr).toContain(remark)
    expect(await run(["config", "migrate"])).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: `claudex: ${yaml} says something else than ${toml}, which is there already; it was left as it is.\n`
    })
  })
})

describe("claudex config migrate", () => {
  it("makes TOML of what is in use, says both names, and finds nothing to do afterwards", async () => {
    const { folder, read, run, toml, work, write, yaml } = await user()
    await write("work/.claudex/config.yml", "log_level: warn # here\n")
    const before = await run(["config", "--json"])
    expect(await run(["config", "migrate"])).toEqual({
      code: 0,
      signal: null,
      stdout: `${toml} holds what ${yaml} did, which is kept as ${yaml}.bak.\n${work}/.claudex/config.toml holds what ${work}/.claudex/config.yml did, which is kept as ${work}/.claudex/config.yml.bak.\n`,
      stderr: ""
    })
    expect(await read("home/.config/claudex/config.toml")).toBe(migrated)
    expect(await read("home/.config/claudex/config.yaml.bak")).toBe(text)
    expect(await read("work/.claudex/config.toml")).toBe('log_level = "warn" # here\n')
    expect((await stat(toml)).mode & 0o777).toBe(0o600)
    expect((await readdir(folder)).toSorted()).toEqual(["config.toml", "config.yaml.bak"])
    expect(await run(["config", "--json"])).toEqual(before)
    const again = { code: 0, stderr: "", stdout: "No configuration file is YAML; there is nothing to migrate.\n" }
    expect(await run(["config", "migrate"])).toMatchObject(again)
    expect(await run(["config", "migrate", yaml])).toMatchObject(again)
    expect(await run(["config", "set", "log_level", "info", "--global"])).toMatchObject({
      code: 0,
      stderr: `claudex: ${work}/.claudex/config.toml sets log_level too, and counts more.\n`
    })
  })

  it("takes the file that is named, and says what is wrong with the name", async () => {
    const { run, work, write } = await user()
    await write("work/other.yml", "log_level: warn\n")
    expect(await run(["config", "migrate", "none.yaml"])).toMatchObject({
      code: 2,
      stderr: `claudex: There is no file ${work}/none.yaml.\nNext: claudex config path\n`
    })
    expect(await run(["config", "migrate", "other.toml"])).toMatchObject({ code: 2, stdout: "" })
    const { code, stderr, stdout } = await run(["config", "migrate", "other.yml", "--config", "other.yml"])
    expect([code, stdout]).toEqual([
      0,
      `${work}/other.toml holds what ${work}/other.yml did, which is kept as ${work}/other.yml.bak.\n`
    ])
    expect(stderr).toBe(`claudex: Name it from now on: --config ${work}/other.toml, or the same in CLAUDEX_CONFIG.\n`)
    expect((await run(["config", "get", "log_level", "--config", "other.yml"])).stderr).toContain(
      `there is no such file, but there is ${work}/other.toml`
    )
  })

  it("leaves a file that is no YAML as it is", async () => {
    const { folder, run, write, yaml } = await user()
    await write("home/.config/claudex/config.yaml", "a: [\n")
    const { code, stderr, stdout } = await run(["config", "migrate"])
    expect([code, stdout]).toEqual([2, ""])
    expect(stderr).toMatch(/^claudex: The file was left as it is:\n.*config\.yaml:\d+:\d+: is not valid YAML: /)
    expect(stderr).toContain(`Next: claudex --config ${yaml} config edit\n`)
    expect(await readdir(folder)).toEqual(["config.yaml"])
    expect(await readFile(yaml, "utf8")).toBe("a: [\n")
  })

  it("says how to open the file that was named and is no YAML, which takes no part otherwise", async () => {
    const { read, run, work, write } = await user()
    await write("work/b.yaml", "a: [\n")
    const { code, stderr } = await run(["config", "migrate", "b.yaml"])
    expect([code, stderr.split("\n").at(-2)]).toEqual([2, `Next: claudex --config ${work}/b.yaml config edit`])
    const env = { EDITOR: "sed -i 's/.*/log_level: warn/'" }
    expect(await run(["--config", `${work}/b.yaml`, "config", "edit"], { env })).toMatchObject({ code: 0 })
    expect(await read("work/b.yaml")).toBe("log_level: warn\n")
  })

  it(
    "that is killed at any moment leaves a configuration that says the same, and can be typed again",
    { timeout: 240_000 },
    async () => {
      const { folder, read, run, start, toml, write, yaml } = await user()
      const settings = (await run(["config", "--json"])).stdout
      const begun = performance.now()
      await run(["config", "migrate"])
      const moments = makeMoments(2, performance.now() - begun)
      const seen = new Set<string>()
      const outcomes: Array<string> = []
      const kept: Array<string> = []
      for (let round = 0; round < 30; round += 1) {
        for (const name of await readdir(folder)) await rm(join(folder, name))
        await write("home/.config/claudex/config.yaml", text)
        const { child, ended } = start(["config", "migrate"])
        const timer = setTimeout(() => child.kill("SIGKILL"), moments.next())
        await ended
        clearTimeout(timer)
        const names = (await readdir(folder)).filter((name) => !/^\.config\.toml\..*\.tmp$/.test(name)).toSorted()
        seen.add(names.join(" "))
        moments.learn(names.join(" ") === "config.yaml")
        expect(["config.yaml", "config.toml config.yaml", "config.toml config.yaml.bak"]).toContain(names.join(" "))
        expect(["", migrated]).toContain(await read("home/.config/claudex/config.toml"))
        expect(await read(`home/.config/claudex/${names.at(-1)}`)).toBe(text)
        if (round % 6 > 0) continue
        outcomes.push((await run(["config", "--json"])).stdout, (await run(["config", "migrate"])).stderr)
        kept.push(await readFile(toml, "utf8"), await readFile(`${yaml}.bak`, "utf8"))
      }
      expect([...new Set(outcomes)]).toEqual([settings, ""])
      expect([...new Set(kept)]).toEqual([migrated, text])
      expect(seen.size).toBeGreaterThan(1)
    }
  )
})
