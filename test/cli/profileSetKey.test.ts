import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { chmod, stat } from "node:fs/promises"
import { describe, expect, it, onTestFinished } from "vitest"
import { keyFrom, typed } from "../../src/cli/secretInput.ts"
import { Effect, Either } from "effect"
import { makeKeyUser } from "../support/keyUser.ts"
import { key, openTerminal } from "../support/terminal.ts"
import { eventually, type User } from "../support/claudex.ts"
import { provider as knowingProvider } from "./wizardUser.ts"

const config = (url = "http://127.0.0.1:9/v1") => `
# mine
[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "${url}"
api_key_env = "XAI_API_KEY" # from the shell
default_model = "grok-4"

[[profiles]]
name = "plain"
base_url = "https://api.anthropic.com"
api_key = "sk-old-canary"
default_model = "claude-sonnet-4-6"

[[profiles]]
name = "login"
base_url = "https://api.anthropic.com"
default_model = "claude-sonnet-4-6"
auth_type = "oauth"
oauth_provider = "claude"
`

const configOf = (user: User) => user.read("home/.config/claudex/config.toml")

describe("claudex profile set-key", () => {
  it("stores the key that is piped in, in a private file where there is no keyring, and has the profile use it", async () => {
    const { file, run, user } = await makeKeyUser(config())
    const before = await configOf(user)
    const { code, stderr, stdout } = await run("profile set-key grok", "sk-canary-1\n")
    expect(stdout.split("\n")).toEqual([
      `The key of "grok" is in ${file}, as "grok-api-key".`,
      expect.stringMatching(/^The profile grok is changed in .*config.toml:$/),
      "  api_key_env      taken away (was XAI_API_KEY)",
      expect.stringMatching(/^ {2}api_key_keyring {2}grok-api-key/),
      ""
    ])
    expect(stderr).toBe("claudex: The system keyring is not used: no keyring here\n")
    expect(code).toBe(0)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const after = await configOf(user)
    expect(after).toContain('api_key_keyring = "grok-api-key"')
    expect(after).not.toContain("XAI_API_KEY")
    expect(after).not.toContain("canary-1")
    // all else stands as it stood
    const kept = (text: string) => text.split("\n").filter((line) => !/api_key_(env|keyring)/.test(line))
    expect(kept(after)).toEqual(kept(before))
    expect((await run("profile show grok")).stdout).toContain('key        stored as "grok-api-key"')
    expect((await run("profile list")).stdout).toMatch(/^grok .* present /m)
  })

  it("puts it into the keyring where there is one, and leaves a profile alone that names its entry already", async () => {
    const own = config().replace('api_key_env = "XAI_API_KEY" # from the shell', 'api_key_keyring = "shared"')
    const { file, run, user } = await makeKeyUser(own, true)
    const before = await configOf(user)
    const { code, stderr, stdout } = await run("profile set-key --stdin grok", "sk-canary-1")
    expect(stdout).toBe('The key of "grok" is in the system keyring, as "shared" of claudex.\n')
    expect([code, stderr]).toEqual([0, ""])
    expect(JSON.parse(await user.read("keyring/entries.json"))).toEqual({ "claudex/shared": "sk-canary-1" })
    expect(await user.read(file.slice(user.root.length + 1))).not.toContain("canary")
    expect(await configOf(user)).toBe(before)
    expect((await run("profile show grok")).stdout).toContain('stored as "shared"')
  })

  it("takes a key that stood in the configuration out of it", async () => {
    const { run, user } = await makeKeyUser(config())
    const { code, stdout } = await run("profile set-key plain", "sk-canary-2")
    expect(code).toBe(0)
    expect(stdout).not.toContain("canary")
    const after = await configOf(user)
    expect(after).not.toContain("canary")
    expect(after).toContain('api_key_keyring = "plain-api-key"')
  })

  it.each([
    ["grok", "", "No key was given; nothing was changed.", 2],
    ["grok", " \n", "No key was given; nothing was changed.", 2],
    ["grok", "sk-canary one\n", "A key is one line without spaces", 2],
    ["grok", "sk-canary\nsk-canary\n", "A key is one line without spaces", 2],
    ["demo", "sk-canary", "it answers inside claudex", 2],
    ["login", "sk-canary", "Claude Code uses its own login", 2],
    ["grk", "sk-canary", 'Did you mean "grok"?', 1]
  ])("changes nothing for %s and %j", async (profile, input, message, expected) => {
    const { run, user } = await makeKeyUser(config())
    const before = await configOf(user)
    const { code, stderr, stdout } = await run(`profile set-key ${profile}`, input)
    expect([code, stdout]).toEqual([expected, ""])
    expect(stderr).toContain(message)
    expect(stderr).not.toContain("canary")
    expect(await configOf(user)).toBe(before)
    expect(await user.stateFiles()).toEqual([])
  })

  it("does not read a file to its end that was piped by mistake", async () => {
    const { run, user } = await makeKeyUser(config())
    const { code, stderr } = await run("profile set-key grok", "sk-canary".repeat(5_000))
    expect([code, stderr]).toEqual([2, "claudex: That is too long for a key.\n"])
    expect(await user.stateFiles()).toEqual([])
  })

  it("refuses a file that others may read, for every use, and says what to type", async () => {
    const { file, run, user } = await makeKeyUser(config())
    await run("profile set-key grok", "sk-canary-1")
    await chmod(file, 0o644)
    const { code, stderr } = await run("profile set-key grok", "sk-canary-2")
    expect(code).toBe(1)
    expect(stderr).toContain("others may read or change it (mode 0644)")
    expect(stderr).toContain(`Next: chmod 600 ${file}\n`)
    expect((await run("profile show grok")).stdout).toContain("missing: ")
    const doctor = JSON.parse((await run("doctor --json")).stdout)
    expect(doctor.checks).toContainEqual(
      expect.objectContaining({ check: "key", profile: "grok", status: "fail", remedy: `chmod 600 ${file}` })
    )
    await user.claude("process.exit(0)")
    const started = await run("run grok")
    expect(started.code).toBe(2)
    expect(started.stderr).toContain("chmod 600")
  })

  it("has a running gateway use the key, and the next one, without a restart", async () => {
    const seen: Array<string | undefined> = []
    const provider = createServer((request, response) => {
      if (request.method === "POST") seen.push(request.headers.authorization)
      response.setHeader("content-type", "application/json")
      response.end(
        JSON.stringify({ id: "1", choices: [{ message: { role: "assistant", content: "hi" }, finish_reason: "stop" }] })
      )
    })
    await new Promise<void>((done) => provider.listen(0, "127.0.0.1", done))
    onTestFinished(() => void provider.close())
    // a server that listens on TCP has an address of this kind
    const { port } = provider.address() as AddressInfo
    const { env, run, user } = await makeKeyUser(config(`http://127.0.0.1:${port}/v1`), true)
    await run("profile set-key grok", "sk-canary-1")
    await run("proxy start -d")
    const token = (await run("proxy token")).stdout.trim()
    const state = await user.state()
    const ask = async () => {
      const answer = await fetch(`http://127.0.0.1:${state?.port}/proxy/grok/v1/messages`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] })
      })
      await answer.text()
      return seen.at(-1)
    }
    expect(await ask()).toBe("Bearer sk-canary-1")
    await run("profile set-key grok", "sk-canary-2")
    await eventually(async () => ((await ask()) === "Bearer sk-canary-2" ? true : undefined))
    // into the file this time, as the keyring is out of reach
    const outside = { NODE_OPTIONS: env.NODE_OPTIONS }
    await user.run(["profile", "set-key", "grok"], { env: outside, input: "sk-canary-3" })
    await eventually(async () => ((await ask()) === "Bearer sk-canary-3" ? true : undefined))
    expect((await run("logs")).stdout).not.toContain("canary")
  })
})

describe("a key that is typed", () => {
  const open = async (url?: string, keyring = false) => {
    const { env, file, user } = await makeKeyUser(config(url), keyring)
    const terminal = openTerminal(user, ["profile", "set-key", "grok"], { columns: 200, env })
    await terminal.until("Key of grok: >")
    return { file, terminal, user }
  }
  const choose = async ({ terminal }: Awaited<ReturnType<typeof open>>, home: string) => {
    terminal.type(home)
    await terminal.until(`Key of grok: ${home} > type it`)
    terminal.type(key.enter)
    await terminal.until("Key of grok: Type or paste it, unseen")
  }

  it("is never shown, and kept where its user says", async () => {
    for (const [home, kept] of [
      ["private", '"sk-canary-9"'],
      ["keyring", "sk-canary-9"],
      ["configuration", 'api_key = "sk-canary-9"']
    ] as const) {
      const begun = await open(undefined, true)
      await choose(begun, home)
      begun.terminal.type(`sk-canary-X${key.backspace}9`)
      begun.terminal.type(key.enter)
      await begun.terminal.until("The profile grok is changed in")
      expect(await begun.terminal.ended()).toEqual({ code: 0, asBefore: true, cursorShown: true })
      expect(begun.terminal.transcript()).not.toContain("canary")
      const files = {
        private: begun.file.slice(begun.user.root.length + 1),
        keyring: "keyring/entries.json",
        configuration: "home/.config/claudex/config.toml"
      }
      expect(await begun.user.read(files[home])).toContain(kept)
      expect(await configOf(begun.user)).not.toContain("XAI_API_KEY")
    }
  })

  it("is tried at once, and typed again where the provider does not accept it", async () => {
    const { keys, url } = await knowingProvider()
    const begun = await open(url)
    await choose(begun, "private")
    begun.terminal.type(`a-wrong-one${key.enter}`)
    await begun.terminal.until("The key is not accepted (HTTP 401): > type it again")
    expect(await begun.user.stateFiles()).toEqual([])
    begun.terminal.type(key.enter)
    await begun.terminal.until("type it again Key of grok: Type")
    begun.terminal.type(`the-key${key.enter}`)
    expect(await begun.terminal.ended()).toMatchObject({ code: 0, asBefore: true })
    expect(keys).toEqual(["Bearer a-wrong-one", "Bearer the-key"])
    expect(await begun.user.read(begun.file.slice(begun.user.root.length + 1))).toContain('"the-key"')
  })

  it("is dropped at Ctrl-C at any question, and the terminal is as it was", async () => {
    const first = await open()
    first.terminal.type(key.ctrlC)
    expect(await first.terminal.ended()).toEqual({ code: 130, asBefore: true, cursorShown: true })
    const begun = await open()
    await choose(begun, "private")
    begun.terminal.type(`sk-canary${key.ctrlC}`)
    await begun.terminal.until("Nothing was written.")
    expect(await begun.terminal.ended()).toEqual({ code: 130, asBefore: true, cursorShown: true })
    expect(begun.terminal.transcript()).not.toContain("canary")
    for (const { user } of [first, begun]) expect(await user.stateFiles()).toEqual([])
  })

  it("is asked for again where more than one line was pasted, of which none goes to the shell", async () => {
    const begun = await open()
    await choose(begun, "private")
    begun.terminal.type("sk-canary\nsk-other\n")
    await begun.terminal.until("A key is one line without spaces")
    begun.terminal.type("\u001b")
    expect(await begun.terminal.ended()).toEqual({ code: 130, asBefore: true, cursorShown: true })
    expect(begun.terminal.transcript()).not.toMatch(/canary|other/)
    expect(await begun.user.stateFiles()).toEqual([])
  })

  it("is not asked for where its questions would not be seen", async () => {
    const { env, user } = await makeKeyUser(config())
    const terminal = openTerminal(user, ["profile", "set-key", "grok"], { env, into: "shown" })
    expect(await terminal.ended()).toEqual({ code: 2, asBefore: true, cursorShown: true })
    expect(terminal.screen().at(-1)).toBe("Next: claudex profile set-key grok --stdin < FILE")
    expect(await user.read("work/shown")).toBe("")
  })

  it("is edited as a terminal's line, and ends with Enter, Ctrl-D or Ctrl-C", () => {
    const line = (...pieces: ReadonlyArray<string>) => pieces.reduce(typed, { text: "" })
    expect(line("s", "k", "-", "x", "\u007f", "1")).toEqual({ text: "sk-1" })
    expect(line("oops", "\u0015", "sk", "\r", "more")).toEqual({ text: "sk", end: "enter" })
    expect(line("sk-pasted\r\n")).toEqual({ text: "sk-pasted", end: "enter" })
    expect(line("sk\u0004")).toEqual({ text: "sk", end: "enter" })
    expect(line("sk", "\u0003")).toEqual({ text: "sk", end: "interrupt" })
    expect(line("\u007f")).toEqual({ text: "" })
  })

  it("is one word that a header can carry", () => {
    const read = (text: string) => Effect.runSync(Effect.either(keyFrom(text)))
    expect(read(" sk-1\r\n")).toEqual(Either.right("sk-1"))
    for (const text of ["", "a b", "a\nb", "sk-\u001b[A", "schlüssel"]) expect(Either.isLeft(read(text))).toBe(true)
  })
})
