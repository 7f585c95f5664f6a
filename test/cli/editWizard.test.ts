import { Either } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { assemble } from "../../src/config/assemble.ts"
import { readDocument } from "../../src/config/document.ts"
import * as questions from "../../src/cli/wizard/editQuestions.ts"
import { makeKeyUser } from "../support/keyUser.ts"
import { key, openTerminal } from "../support/terminal.ts"

const file = "home/.config/claudex/config.toml"

const text = (url: string) => `# mine
[[profiles]]
name = "mine"
provider_type = "OpenAICompatible"
base_url = "${url}"  # there
api_key_env = "FAKE_API_KEY"
default_model = "model-a" # the first
models = { haiku = "model-b" }
# the end
`

/** A provider that lists three models. */
const provider = async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" })
    const data = ["model-a", "model-b", "model-c"].map((id) => ({ id, object: "model" }))
    response.end(JSON.stringify({ object: "list", data }))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // cast: a server that listens on a port has an address of this form
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}/v1`
}

const begin = async (keyring = false) => {
  const url = await provider()
  const { env, user } = await makeKeyUser("", keyring)
  await user.write(file, text(url), 0o600)
  const terminal = openTerminal(user, ["profile", "edit", "mine"], {
    columns: 100,
    env: { ...env, FAKE_API_KEY: "canary-key" }
  })
  const answer = async (question: string, typed: string) => {
    await terminal.until(question)
    terminal.type(typed)
  }
  return { url, user, terminal, answer }
}

type Begun = Awaited<ReturnType<typeof begin>>
type Steps = ReadonlyArray<readonly [question: string, typed: string]>

/** Enter to all questions but those that are answered otherwise; what holds is marked. */
const steps = (url: string, answers: Readonly<Record<string, string>> = {}): Steps =>
  [
    ["Address:", url],
    ["Protocol:", "OpenAICompatible"],
    ["Where the key is:", "in the environment variable FAKE_API_KEY"],
    ["Model:", "model-a"],
    ["Model of haiku:", "model-b"],
    ["Model of sonnet:", "the profile's model"],
    ["Model of opus:", "the profile's model"],
    ["Model of fable:", "the profile's model"]
  ].map(([label = "", marked = ""]) => [`${label} > ${marked} (as it is)`, `${answers[label] ?? ""}${key.enter}`])

const walk = async ({ answer }: Begun, path: Steps) => {
  for (const [question, typed] of path) await answer(question, typed)
}

const changes = { "Model:": "model-c", "Model of haiku:": "the profile's", "Model of opus:": "own-model" }

describe("claudex profile edit, of somebody in front of a terminal", () => {
  it("asks with what holds now as the answers, shows what changes, and writes what was agreed to", async () => {
    const begun = await begin()
    await walk(begun, steps(begun.url, changes))
    await begun.terminal.until("Write this:")
    expect(await begun.user.read(file)).toBe(text(begun.url))
    const shown = begun.terminal.screen().join("\n")
    expect(shown).toContain("  default_model  model-c (was model-a)\n  models.haiku   taken away (was model-b)")
    await begun.answer("> yes", key.enter)
    expect(await begun.terminal.ended()).toEqual({ code: 0, asBefore: true, cursorShown: true })
    const expected = text(begun.url)
      .replace('"model-a" #', '"model-c" #')
      .replace('{ haiku = "model-b" }', '{ opus = "own-model" }')
    expect(await begun.user.read(file)).toBe(expected)
    const screen = begun.terminal.screen().join("\n")
    expect(screen).toContain("Next: claudex profile test mine")
    expect(screen).not.toContain("canary")
  })

  it("takes a key that is typed unseen, tries it at once, and keeps it where its user says, with all else that was answered", async () => {
    const kept: ReadonlyArray<readonly [home: string, entry: string, where: string, holds: string]> = [
      [
        "system keyring",
        'api_key_keyring = "mine-api-key"',
        "keyring/entries.json",
        '"claudex/mine-api-key":"typed-canary"'
      ],
      ["private file", 'api_key_keyring = "mine-api-key"', "home/.local/state/claudex/secrets.json", '"typed-canary"'],
      ["configuration", 'api_key = "typed-canary"', file, 'api_key = "typed-canary"']
    ]
    for (const [home, entry, where, holds] of kept) {
      const begun = await begin(true)
      await walk(begun, [
        ...steps(begun.url).slice(0, 2),
        ["Where the key is:", home],
        [`${home} > type it`, key.enter],
        ["Key of mine: Type or paste it, unseen", `typed-canarX${key.backspace}y${key.enter}`],
        ["Model: > model-a", `model-c${key.enter}`],
        ...steps(begun.url).slice(4),
        ["Write this:", ""]
      ])
      const shown = begun.terminal.screen().join("\n")
      expect(shown).toMatch(/ api_key_env +taken away \(was FAKE_API_KEY\)\n/)
      expect(shown).toContain("the typed key, ")
      expect(await begun.user.read(file)).toBe(text(begun.url))
      expect(await begun.user.stateFiles()).toEqual([])
      await begun.answer("> yes", key.enter)
      expect(await begun.terminal.ended()).toEqual({ code: 0, asBefore: true, cursorShown: true })
      const written = await begun.user.read(file)
      expect(written).toContain(entry)
      expect(written).not.toContain("api_key_env")
      expect(written).toContain('default_model = "model-c" # the first')
      expect((await begun.user.read(where)).replaceAll(": ", ":")).toContain(holds.replaceAll(": ", ":"))
      expect(begun.terminal.transcript()).not.toContain("canar")
    }
  })

  it("drops a typed key of who leaves or does not agree, and has the profile without a key of who says none", async () => {
    for (const [end, code] of [
      [key.ctrlC, 130],
      [`${key.down}${key.enter}`, 1]
    ] as const) {
      const begun = await begin()
      await walk(begun, [
        ...steps(begun.url).slice(0, 2),
        ["Where the key is:", `type it${key.enter}`],
        ["Key of mine: Type or paste it, unseen", `typed-canary${key.enter}`],
        ...steps(begun.url).slice(3),
        ["> yes", end]
      ])
      expect(await begun.terminal.ended()).toEqual({ code, asBefore: true, cursorShown: true })
      expect(await begun.user.read(file)).toBe(text(begun.url))
      expect(await begun.user.stateFiles()).toEqual([])
    }
    const begun = await begin()
    await walk(begun, [
      ...steps(begun.url).slice(0, 2),
      ["Where the key is:", "none"],
      ["> none", key.enter],
      ...steps(begun.url).slice(3),
      ["> yes", key.enter]
    ])
    expect(await begun.terminal.ended()).toMatchObject({ code: 0 })
    expect(await begun.user.read(file)).toBe(text(begun.url).replace('api_key_env = "FAKE_API_KEY"\n', ""))
  })

  it("writes nothing for who presses Enter at every question, and says that all is as it was", async () => {
    const begun = await begin()
    await walk(begun, steps(begun.url))
    await begun.terminal.until("The profile mine is as it was.")
    expect(await begun.terminal.ended()).toEqual({ code: 0, asBefore: true, cursorShown: true })
    expect(await begun.user.read(file)).toBe(text(begun.url))
  })

  it("writes nothing for who leaves, at whichever question, or does not agree at the end", async () => {
    for (const at of [0, 3, 7]) {
      const begun = await begin()
      const path = steps(begun.url, changes)
      await walk(begun, path.slice(0, at))
      await begun.answer(path[at]?.[0] ?? "", key.ctrlC)
      await begun.terminal.until("claudex: Nothing was written.")
      expect(await begun.terminal.ended()).toEqual({ code: 130, asBefore: true, cursorShown: true })
      expect(await begun.user.read(file)).toBe(text(begun.url))
    }
    const begun = await begin()
    await walk(begun, [...steps(begun.url, changes), ["> yes", `${key.down}${key.enter}`]])
    expect(await begun.terminal.ended()).toEqual({ code: 1, asBefore: true, cursorShown: true })
    expect(await begun.user.read(file)).toBe(text(begun.url))
  })
})

const profileOf = (content: string) => {
  const loaded = { layer: "global" as const, path: "/c.toml", content: readDocument(content, "global", "/c.toml") }
  const { settings } = Either.getOrThrow(assemble([loaded], {}, []))
  return settings.profiles.filter(({ name }) => name === "mine")
}

describe("the questions for a change", () => {
  it("offer what holds first, and show neither a key nor a secret in an address", () => {
    const secret = text("https://me:canary-a@relay.example/v1").replace(/api_key_env.*/, 'api_key = "canary-b"')
    for (const profile of profileOf(secret)) {
      const asked = [
        questions.addressQuestion(profile),
        questions.typeQuestion(profile),
        questions.keyQuestion(profile, { A_KEY: "canary-c" }, ["file"]),
        questions.modelQuestion(profile, ["model-a", "x"])
      ]
      for (const { choices } of asked) expect(choices[0]?.value).toBe(questions.asItIs)
      expect(JSON.stringify(asked.map(({ choices }) => choices.map(({ shown }) => shown)))).not.toContain("canary")
      // what holds is offered once
      expect(asked[3]?.choices.map(({ value }) => value)).toEqual([questions.asItIs, "x"])
    }
    expect(profileOf(secret)).toHaveLength(1)
  })

  it("take no answer that would be refused when it is written", () => {
    for (const profile of profileOf(text("https://relay.example/v1"))) {
      const faults = (question: ReturnType<typeof questions.addressQuestion>, wrong: ReadonlyArray<string>) =>
        wrong.filter((answer) => question.fault?.(answer) !== undefined)
      const addresses = ["", "relay", "ftp://x.example", "https://a:b@x.example"]
      expect(faults(questions.addressQuestion(profile), [...addresses, "https://x.example"])).toEqual(addresses)
      expect(faults(questions.keyQuestion(profile, {}, []), ["sk-ant-planted0123456789", "OK_KEY", ""])).toHaveLength(1)
      expect(faults(questions.modelQuestion(profile, []), ["", "m"])).toEqual([""])
    }
  })
})
