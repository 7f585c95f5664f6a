import { describe, expect, it } from "vitest"
import { makeUser } from "../support/claudex.ts"
import { makeMoments } from "../support/moments.ts"

const file = "home/.config/claudex/config.toml"

const text = `# my settings
proxy_port = 0  # any

[[profiles]]
name = "grok" # the first
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
api_key_env = "XAI_API_KEY"
default_model = "grok-4"
# the end`

const user = async () => {
  const made = await makeUser()
  await made.write(file, text)
  const add = (line: string, env: Readonly<Record<string, string>> = {}) =>
    made.run(["profile", "add", ...line.split(" ").filter((word) => word !== "")], { env })
  return { ...made, add, own: `${made.home}/.config/claudex/config.toml` }
}

describe("claudex profile add", () => {
  it("puts a profile behind all else, tells the file and what to type next", async () => {
    const { add, own, read, run } = await user()
    const line = "--provider deepseek --api-key-env DEEPSEEK_API_KEY -m deepseek-chat --opus deepseek-reasoner"
    expect(await add(line, { DEEPSEEK_API_KEY: "k" })).toEqual({
      code: 0,
      signal: null,
      stdout: `The profile deepseek is in ${own}.\nNext: claudex profile test deepseek\n`,
      stderr: ""
    })
    expect(await read(file)).toBe(`${text}

[[profiles]]
name = "deepseek"
provider_type = "OpenAICompatible"
base_url = "https://api.deepseek.com/v1"
api_key_env = "DEEPSEEK_API_KEY"
default_model = "deepseek-chat"
models = { opus = "deepseek-reasoner" }
`)
    const shown = await run(["profile", "show", "deepseek"])
    expect(shown.stdout).toContain("endpoint   https://api.deepseek.com/v1/chat/completions\n")
  })

  it("says what the profile still lacks: the variable, or a key at all", async () => {
    const { add } = await user()
    expect(await add("a --provider xai --api-key-env NOT_SET -m m")).toMatchObject({
      code: 0,
      stderr: "claudex: NOT_SET is not set here. Type: export NOT_SET=...\n"
    })
    expect((await add("b --provider xai -m m")).stderr).toContain("claudex profile set-key b")
    expect((await add("c --provider ollama -m m")).stderr).toBe("")
  })

  it("writes to the project's file when asked to, which then waits for consent where it has a say over keys", async () => {
    const { add, read, work } = await user()
    const outcome = await add("ours --provider xai --api-key-env XAI_API_KEY -m m --project --yes", {
      XAI_API_KEY: "k"
    })
    expect(outcome.code).toBe(0)
    expect(outcome.stdout).toContain(`The profile ours is in ${work}/claudex.toml.\n`)
    expect(outcome.stderr).toMatch(/The configuration is not usable yet:\n[^]*\nNext: claudex config trust\n$/)
    expect(await read("work/claudex.toml")).toMatch(/^\[\[profiles\]\]\nname = "ours"\n/)
    expect(await read(file)).toBe(text)
  })

  it("begins a configuration where there is none", async () => {
    const { add, own, read, run } = await user()
    await run(["config", "path"])
    const env = { XDG_CONFIG_HOME: own.replace("config.toml", "fresh") }
    expect(await add("--provider ollama -m qwen3:30b", env)).toMatchObject({ code: 0, stderr: "" })
    expect(await read("home/.config/claudex/fresh/claudex/config.toml")).toMatch(/^\[\[profiles\]\]\nname = "ollama"\n/)
  })

  it("never waits for an answer: what is missing or wrong is told, with 2, and nothing is written", async () => {
    const { add, read } = await user()
    const refused = [
      ["", "needs --provider and --model"],
      ["new --provider xai", "needs --model"],
      ["--provider azure -m m", "needs --base-url"],
      ["--provider grok -m m", 'Did you mean "xai"?'],
      ["grok --provider xai -m m", 'There is a profile "grok" already, in '],
      ["demo --provider xai -m m", 'There is a profile "demo" already, built in'],
      ["new --provider xai -m m --base-url nowhere", "profiles.new.base_url: is not an address"],
      ["new --provider xai -m m --api-key sk-planted-0123456789", "--api-key-env"],
      ["new --provider xai -m m --global --project", "name two files"],
      ["new --provider", '"--provider" needs a value']
    ] as const
    const outcomes = await Promise.all(refused.map(([line]) => add(line)))
    for (const [at, { code, stderr, stdout }] of outcomes.entries()) {
      expect([code, stdout]).toEqual([2, ""])
      expect(stderr).toContain(refused[at]?.[1])
      expect(stderr).not.toContain("planted")
    }
    expect(outcomes[4]?.stderr).toMatch(/\nNext: claudex profile show grok\n$/)
    expect(await read(file)).toBe(text)
  })
})

describe("profiles", { timeout: 240_000 }, () => {
  it("that are added at the same time are all there afterwards", async () => {
    const { add, read } = await user()
    const names = ["a", "b", "c", "d"]
    const outcomes = await Promise.all(names.map((name) => add(`${name} --provider ollama -m m`)))
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(names.map(() => [0, ""]))
    const after = await read(file)
    expect(after.startsWith(text)).toBe(true)
    expect([...after.matchAll(/^name = "(.)"$/gm)].map(([, name]) => name).toSorted()).toEqual(names)
  })

  it("whose adding is killed at any moment are there or not, and keep nobody from the next", async () => {
    const { add, oldDrafts, read, start, stateFiles } = await user()
    const fresh = (name: string) =>
      `\n[[profiles]]\nname = "${name}"\nprovider_type = "OpenAICompatible"\nbase_url = "http://127.0.0.1:11434/v1"\ndefault_model = "m"\n`
    // how long one takes here
    const begun = performance.now()
    await add("first --provider ollama -m m")
    const moments = makeMoments(2, performance.now() - begun)
    let before = `${text}\n${fresh("first")}`
    expect(await read(file)).toBe(before)
    const seen = { old: 0, fresh: 0 }
    for (let round = 0; round < 50; round += 1) {
      const name = `p${round}`
      const { child, ended } = start(["profile", "add", name, "--provider", "ollama", "--model", "m"])
      const timer = setTimeout(() => child.kill("SIGKILL"), moments.next())
      await ended
      clearTimeout(timer)
      const after = before + fresh(name)
      const now = await read(file)
      expect([before, after]).toContain(now)
      seen[now === after ? "fresh" : "old"] += 1
      moments.learn(now === before)
      before = now
    }
    expect(Math.min(seen.old, seen.fresh)).toBeGreaterThan(2)
    expect(await add("last --provider ollama -m m")).toMatchObject({ code: 0, stderr: "" })
    expect(await read(file)).toBe(before + fresh("last"))
    // drafts of those that were killed while they wrote one are gone as soon as they must be theirs
    await oldDrafts()
    expect(await add("swept --provider ollama -m m")).toMatchObject({ code: 0, stderr: "" })
    expect([await oldDrafts(), await stateFiles()]).toEqual([[], []])
  })
})
