import { mkdir, readFile, readlink, rm, symlink } from "node:fs/promises"
import { dirname } from "node:path"
import { describe, expect, it } from "vitest"
import { makeUser } from "../support/claudex.ts"
import { makeMoments } from "../support/moments.ts"

const file = "home/.config/claudex/config.toml"

const text = `# my settings
proxy_port = 4000  # the port

[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1?key=sk-planted-in-the-address"
api_key = "sk-planted-in-the-file-0123456789"
default_model = "grok-4"
custom_headers = { "x-team" = "planted-header" }
`

const planted = ["sk-planted-in-the-address", "sk-planted-in-the-file-0123456789", "planted-header"]

const user = async () => {
  const made = await makeUser()
  await made.write(file, text)
  return made
}

describe("claudex config", () => {
  it("show tells what is set, and where", async () => {
    const { home, run, work, write } = await user()
    await write("work/claudex.toml", "[timeouts]\nidle_seconds = 7\n")
    const { code, stderr, stdout } = await run(["config", "show"], { env: { CLAUDEX_LOG_LEVEL: "warn" } })
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toContain(`${home}/.config/claudex/config.toml\n     2  proxy_port = 4000\n`)
    expect(stdout).toContain('  profiles.grok.default_model = "grok-4"\n')
    expect(stdout).toContain(`${work}/claudex.toml\n     2  timeouts.idle_seconds = 7\n`)
    expect(stdout).toContain('CLAUDEX_LOG_LEVEL\n        log_level = "warn"\n')
  })

  it("show and get print no secret, in whatever form", async () => {
    const { run } = await user()
    const outcomes = await Promise.all(
      [
        ["show"],
        ["show", "--json"],
        ["get", "profiles"],
        ["get", "profiles.grok", "--json"],
        ["get", "profiles.grok.api_key"],
        ["get", "profiles.grok.custom_headers.x-team"]
      ].map((words) => run(["config", ...words]))
    )
    for (const { code, stderr, stdout } of outcomes) {
      expect([code, stderr]).toEqual([0, ""])
      for (const secret of planted) expect(stdout).not.toContain(secret)
    }
    expect(outcomes.at(4)?.stdout).toBe("[masked]\n")
  })

  it("get answers what holds, default or not; text bare, the rest as JSON", async () => {
    const { run } = await user()
    const get = async (...words: ReadonlyArray<string>) => (await run(["config", "get", ...words])).stdout
    expect(await get("proxy_port")).toBe("4000\n")
    expect(await get("log_level")).toBe("info\n")
    expect(await get("log_level", "--json")).toBe('"info"\n')
    expect(JSON.parse(await get("timeouts"))).toMatchObject({ idle_seconds: 300 })
    expect(await run(["config", "get", "proxy_prot"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr:
        'claudex: There is no setting "proxy_prot". Did you mean "proxy_port"?\nNext: claudex config get proxy_port\n'
    })
    expect(await run(["config", "get", "a b"])).toMatchObject({ code: 2, stdout: "" })
  })

  it.each([
    ["get profiles.grk.base_ul", 'There is no setting "profiles.grk.base_ul". Did you mean "profiles.grok.base_url"?'],
    ["get profiles.grok.models.haiku", "profiles.grok.models.haiku is not set."],
    ["get timeouts.idle", 'There is no setting "timeouts.idle".'],
    ["unset proxy_prt", 'There is no setting "proxy_prt". Did you mean "proxy_port"?'],
    [
      "unset profiles.nobody.base_ul",
      'There is no setting "profiles.nobody.base_ul". Did you mean "profiles.nobody.base_url"?'
    ]
  ])("%s says that there is nothing, and what was probably meant", async (line, message) => {
    const { read, run } = await user()
    const { code, stderr, stdout } = await run(["config", ...line.split(" ")])
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toContain(`claudex: ${message}\nNext: claudex config `)
    expect(await read(file)).toBe(text)
  })

  it("set and unset change one place and say which file; what would be wrong is refused", async () => {
    const { home, read, run } = await user()
    const own = `${home}/.config/claudex/config.toml`
    const words = async (...args: ReadonlyArray<string>) => run(["config", ...args])
    expect(await words("set", "proxy_port", "4001")).toEqual({
      code: 0,
      signal: null,
      stdout: `proxy_port is set in ${own}.\n`,
      stderr: ""
    })
    expect(await words("set", "profiles.grok.models.haiku", "grok-3-mini")).toMatchObject({ code: 0 })
    expect(await words("set", "profiles.grok.default_model", "4")).toMatchObject({ code: 0 })
    const after = text
      .replace("4000", "4001")
      .replace('default_model = "grok-4"', 'default_model = "4"')
      .concat('models.haiku = "grok-3-mini"\n')
    expect(await read(file)).toBe(after)
    const refused = await words("set", "proxy_port", "far")
    expect(refused).toMatchObject({ code: 2, stdout: "" })
    expect(refused.stderr).toMatch(/^claudex: Nothing was changed, because then:\n.*config\.toml:2: proxy_port: /)
    expect(await words("set", "profiles.gork.default_model", "x")).toMatchObject({
      code: 2,
      stderr:
        'claudex: Nothing was changed. There is no profile "gork". Did you mean "grok"?\nNext: claudex config set profiles.grok.default_model VALUE\n'
    })
    expect((await words("set", "profiles.one of mine.default_model", "x")).code).toBe(2)
    expect((await words("set", 'profiles."one of mine".default_model', "x")).stderr).toMatch(
      /There is no profile "one of mine"\.\nNext: claudex profile add 'one of mine'\n$/
    )
    expect(await words("set", "proxy_port", "1", "--global", "--project")).toMatchObject({ code: 2 })
    expect(await read(file)).toBe(after)
    expect((await words("unset", "profiles.grok.models")).stdout).toBe(
      `profiles.grok.models is no longer set in ${own}.\n`
    )
    expect((await words("unset", "profiles.grok.models")).stdout).toBe(`profiles.grok.models is not set in ${own}.\n`)
    expect(await words("set", "log_level", "warn", "--project")).toMatchObject({ code: 0 })
    expect(await read("work/claudex.toml")).toBe('log_level = "warn"\n')
  })
})

describe("a setting that is set elsewhere too", () => {
  it("is changed all the same, and what counts more is told", async () => {
    const { run, work, write } = await user()
    await write("work/claudex.toml", "proxy_port = 4100\n")
    const project = `${work}/claudex.toml`
    const change = async (words: string, env = {}) => (await run(["config", ...words.split(" ")], { env })).stderr
    const more = `claudex: ${project} sets proxy_port too, and counts more.\n`
    expect(await change("set --global proxy_port 4001")).toBe(more)
    expect(await change("set --global proxy_port 4001")).toBe(more)
    expect(await change("set proxy_port 4101")).toBe("")
    expect(await change("set proxy_port 4102", { CLAUDEX_PROXY_PORT: "4200" })).toBe(
      "claudex: CLAUDEX_PROXY_PORT sets proxy_port too, and counts more.\n"
    )
    expect(await change("unset --global proxy_port")).toBe(`claudex: proxy_port is set in ${project} too.\n`)
    expect(await change("unset proxy_port")).toBe("")
  })
})

describe("a file that is no TOML", () => {
  it("is to be mended before a setting in it is changed, with the command that opens it", async () => {
    const { read, run } = await makeUser("proxy_port = \n")
    const outcome = await run(["config", "set", "proxy_port", "1"])
    expect(outcome).toMatchObject({ code: 2, stdout: "" })
    expect(outcome.stderr).toMatch(/is not valid TOML: mend it first\nNext: claudex config edit\n$/)
    expect(await read(file)).toBe("proxy_port = \n")
  })
})

describe("a variable that is no setting", () => {
  it("is told with the command that takes it away", async () => {
    const { run } = await user()
    const outcome = await run(["config"], { env: { CLAUDEX_PROXY_PRT: "1" } })
    expect(outcome).toMatchObject({ code: 2, stdout: "" })
    expect(outcome.stderr).toMatch(/did you mean CLAUDEX_PROXY_PORT\?\nNext: unset CLAUDEX_PROXY_PRT\n$/)
  })
})

describe("a configuration file that is named and not there", () => {
  it("is told with the command that shows which files there are", async () => {
    const { run, work } = await user()
    expect(await run(["--config", "none.toml", "config"])).toEqual({
      code: 2,
      signal: null,
      stdout: "",
      stderr: `claudex: The configuration is not usable:\n${work}/none.toml: there is no such file, expected the one that --config or CLAUDEX_CONFIG names\nNext: claudex --config none.toml config path\n`
    })
  })

  it("is told to be a folder where it is one", async () => {
    const { run, work } = await user()
    const { code, stderr } = await run(["--config", ".", "config"])
    expect(code).toBe(2)
    expect(stderr).toBe(
      `claudex: The configuration is not usable:\n${work}: this is a folder, expected the file that --config or CLAUDEX_CONFIG names\nNext: claudex --config . config path\n`
    )
  })
})

describe("what stands where a configuration file may be, and is none", () => {
  it("is told by those who look at the files: a folder, or a link that leads to nothing", async () => {
    const { root, run, work } = await makeUser()
    const own = `${root}/${file}`
    await rm(own)
    await symlink("../../gone.toml", own)
    await mkdir(`${work}/.claudex/config.yaml`, { recursive: true })
    const stderr = [
      `claudex: ${own} is a link to ../../gone.toml, which is not there, and counts as no file. Make that file, or remove the link.`,
      `claudex: ${work}/.claudex/config.yaml is a folder, and counts as no file. Remove it, or give it another name.`,
      ""
    ].join("\n")
    for (const words of [["validate"], ["path"]]) {
      expect(await run(["config", ...words])).toMatchObject({ code: 0, stderr })
    }
    const { stdout } = await run(["doctor"])
    expect(stdout.replace(/\s+/g, " ")).toContain(`warn config ${own} is a link to ../../gone.toml, which is not there`)
    expect(stdout.replace(/\s+/g, " ")).toContain(`warn config ${work}/.claudex/config.yaml is a folder`)
  })
})

describe("claudex config edit", () => {
  it("puts what the editor wrote in the file's place, when it is valid", async () => {
    const { home, read, run, write } = await user()
    const own = `${home}/.config/claudex/config.toml`
    const edit = (editor: string, ...words: ReadonlyArray<string>) =>
      run(["config", "edit", ...words], { env: { EDITOR: editor } })
    expect(await edit("sed -i s/4000/4001/")).toEqual({
      code: 0,
      signal: null,
      stdout: `${own} has been changed.\n`,
      stderr: ""
    })
    const after = text.replace("4000", "4001")
    expect(await read(file)).toBe(after)
    expect((await edit("true")).stdout).toBe(`${own} is as it was.\n`)
    expect(await edit("exit 3;")).toMatchObject({ code: 1, stdout: "" })
    // nobody could type into an editor that was not chosen
    expect(await run(["config", "edit"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr:
        "claudex: There is no terminal here for an editor, and neither VISUAL nor EDITOR names one.\nNext: claudex config set KEY VALUE\n"
    })
    await write("work/claudex.toml", "log_level = 'warn'\n")
    expect(await edit("sed -i s/warn/info/")).toMatchObject({ code: 0 })
    expect(await read("work/claudex.toml")).toBe("log_level = 'info'\n")
    expect(await edit("sed -i s/4001/4002/", "--global")).toMatchObject({ code: 0 })
    expect(await read(file)).toBe(after.replace("4001", "4002"))
  })

  it("keeps the file, and what was written, when that is not valid or somebody else was faster", async () => {
    const { read, run } = await user()
    const edit = (editor: string) => run(["config", "edit"], { env: { EDITOR: editor } })
    const wrong = await edit("sed -i s/4000/far/")
    expect(wrong).toMatchObject({ code: 2, stdout: "" })
    expect(wrong.stderr).toMatch(/^claudex: Nothing was changed, because then:\n.*config\.toml:2/)
    expect(await read(file)).toBe(text)
    const draft = /What you wrote is kept in (.*)\n/.exec(wrong.stderr)?.[1] ?? ""
    expect(await readFile(draft, "utf8")).toBe(text.replace("4000", "far"))
    await rm(dirname(draft), { recursive: true })
    const faster = await edit(`echo "# faster" >> ~/.config/claudex/config.toml; sed -i s/4000/4001/`)
    expect(faster).toMatchObject({ code: 2, stdout: "" })
    expect(faster.stderr).toContain("was changed by somebody else meanwhile")
    expect(await read(file)).toBe(`${text}# faster\n`)
    await rm(dirname(/What you wrote is kept in (.*)\n/.exec(faster.stderr)?.[1] ?? "/nowhere/x"), { recursive: true })
    const crashed = await edit(`f() { sed -i s/4000/4009/ "$1"; kill -9 $$; }; f`)
    expect(crashed).toMatchObject({ code: 1, stdout: "" })
    expect(crashed.stderr).toMatch(/ended with 137\. Nothing was changed\./)
    const saved = /What you wrote is kept in (.*)\n/.exec(crashed.stderr)?.[1] ?? "/nowhere/x"
    expect(await readFile(saved, "utf8")).toBe(`${text.replace("4000", "4009")}# faster\n`)
    await rm(dirname(saved), { recursive: true })
  })
})

describe("claudex config schema", () => {
  it("prints the JSON Schema that is installed, whatever the configuration is", async () => {
    const { run } = await makeUser("proxy_prot = 1\n")
    const { code, stderr, stdout } = await run(["config", "schema"])
    expect([code, stderr]).toEqual([0, ""])
    expect(JSON.parse(stdout)).toEqual(JSON.parse(await readFile("config.schema.json", "utf8")))
  })
})

describe("a value that begins with a dash", () => {
  it("is set behind a border, which the error names where it is missing", async () => {
    const { read, run } = await user()
    const path = "profiles.grok.extra_env.FLAGS"
    const { code, stderr } = await run(["config", "set", path, "-x it"])
    expect([code, stderr.split("\n").at(-2)]).toEqual([2, `Next: claudex config set ${path} -- '-x it'`])
    for (const value of ["-x it", "--global", "--"]) {
      expect(await run(["config", "set", path, "--", value])).toMatchObject({ code: 0, stderr: "" })
      expect(await read(file)).toContain(`FLAGS = ${JSON.stringify(value)}`)
    }
    expect(await run(["config", "set", "proxy_port", "--", "-5"])).toMatchObject({ code: 2, stdout: "" })
  })
})

describe("a link to a configuration file that is not there yet", () => {
  it("stays, and the file is made where it points, by whatever command", async () => {
    for (const words of [
      ["set", "proxy_port", "4000"],
      ["init", "--global"]
    ]) {
      const made = await makeUser()
      const own = `${made.root}/${file}`
      await made.write("dotfiles/README", "")
      await rm(own)
      await symlink("../../../dotfiles/claudex.toml", own)
      expect(await made.run(["config", ...words])).toMatchObject({ code: 0, stderr: "" })
      expect(await made.read("dotfiles/claudex.toml")).toContain("proxy_port = ")
      expect(await readlink(own)).toBe("../../../dotfiles/claudex.toml")
    }
  })
})

describe("claudex config init", () => {
  it("writes every setting and sets none, here or for the user, and never over a file", async () => {
    const { home, read, run, work } = await makeUser()
    const here = await run(["config", "init"])
    expect(here).toMatchObject({ code: 0, stderr: "" })
    expect(here.stdout).toMatch(`${work}/claudex.toml holds every setting`)
    const template = await read("work/claudex.toml")
    const example = await readFile("config.example.toml", "utf8")
    expect(template.split("\n").every((line) => line === "" || line.startsWith("#"))).toBe(true)
    // editors find the schema from wherever the file stands
    const [first = "", ...others] = template.split("\n")
    const schema = JSON.parse(await readFile(new URL(first.replace("#:schema ", "")), "utf8"))
    expect(schema).toMatchObject({ title: "claudex configuration", properties: { proxy_port: { default: 13_456 } } })
    // what stands in the example is one character away
    const lines = new Set(others)
    for (const line of example.split("\n").slice(1))
      expect(lines).toContain(line.startsWith("#") || line === "" ? line : `#${line}`)
    for (const words of [["init"], ["--init"]]) {
      expect(await run(["config", ...words])).toMatchObject({
        code: 1,
        stdout: "",
        stderr: `claudex: There is a configuration already: ${work}/claudex.toml. Nothing was written.\nNext: claudex config show\n`
      })
    }
    expect((await run(["config", "init", "--global"])).stderr).toContain(`${home}/.config/claudex/config.toml`)
    const env = { HOME: `${work}/new` }
    expect(await run(["config", "init", "--global"], { env })).toMatchObject({ code: 0, stderr: "" })
    expect(await read("work/new/.config/claudex/config.toml")).toBe(template)
    expect((await run(["config"], { env })).stdout).toBe("Nothing is set; everything has its default.\n")
  })
})

describe("changes of the configuration", { timeout: 240_000 }, () => {
  it("that are made at the same time are all there afterwards", async () => {
    const { read, run } = await user()
    const keys = ["connect_seconds", "first_byte_seconds", "idle_seconds"].map((key) => `timeouts.${key}`)
    const all = [...keys, "log_level", "profiles.grok.priority", "journal.max_mb"]
    const values = ["11", "12", "13", "warn", "14", "15"]
    const outcomes = await Promise.all(all.map((key, at) => run(["config", "set", key, values[at] ?? ""])))
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(all.map(() => [0, ""]))
    const after = await read(file)
    for (const [at, key] of all.entries())
      expect(after).toMatch(new RegExp(`${key.split(".").at(-1)} = "?${values[at]}"?\n`))
  })

  it("that are killed at any moment leave the old file or the new one, and keep nobody from the next", async () => {
    const { oldDrafts, read, run, start, stateFiles } = await user()
    // how long one takes here
    const begun = performance.now()
    await run(["config", "set", "proxy_port", "1000"])
    const moments = makeMoments(1, performance.now() - begun)
    let before = 1000
    const seen = { old: 0, fresh: 0 }
    for (let round = 0; round < 100; round += 1) {
      const next = 2000 + round
      const { child, ended } = start(["config", "set", "proxy_port", String(next)])
      const timer = setTimeout(() => child.kill("SIGKILL"), moments.next())
      await ended
      clearTimeout(timer)
      const [old, fresh] = [before, next].map((port) => text.replace("4000", String(port)))
      const now = await read(file)
      expect([old, fresh]).toContain(now)
      if (now === fresh) before = next
      seen[now === fresh ? "fresh" : "old"] += 1
      moments.learn(now === old)
    }
    expect(Math.min(seen.old, seen.fresh)).toBeGreaterThan(5)
    expect(await run(["config", "set", "proxy_port", "3000"])).toMatchObject({ code: 0, stderr: "" })
    expect(await read(file)).toBe(text.replace("4000", "3000"))
    // drafts of those that were killed while they wrote one are gone as soon as they must be theirs
    await oldDrafts()
    expect(await run(["config", "set", "proxy_port", "3001"])).toMatchObject({ code: 0, stderr: "" })
    expect([await oldDrafts(), await stateFiles()]).toEqual([[], []])
  })
})
