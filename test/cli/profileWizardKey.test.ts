import { stat } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { key } from "../support/terminal.ts"
import { type Begun, begin, file, fine, left, provider, type Steps, text, walk } from "./wizardUser.ts"

/** Up to the place of the key, and that. */
const upTo = (url: string, place: string): Steps => [
  ["Provider:", "any other"],
  ["Provider: any other", key.enter],
  ["Address:", `${url}${key.enter}`],
  ["Name of the profile: generic", `\u0015mine${key.enter}`],
  ["Where the key is:", place],
  [`Where the key is: ${place} > type it`, key.enter]
]

const typedKey: Steps = [["Key of mine: Type or paste it, unseen", `the-keX${key.backspace}y${key.enter}`]]

/** From the list of models up to the last question. */
const rest: Steps = [
  ["Key of mine: typed, not shown", ""],
  ["> grok-4", `fast${key.enter}`],
  ["> grok-4-fast for all", key.enter],
  ["Add this profile", ""]
]

const agree: Steps = [["> yes", key.enter]]

const modeOf = async ({ user }: Begun, path: string) => (await stat(join(user.root, path))).mode & 0o777

/** Neither claudex nor the terminal's echo ever wrote it. */
const isUnseen = ({ terminal }: Begun) => {
  for (const seen of ["the-k", "a-wrong"]) expect(terminal.transcript()).not.toContain(seen)
}

const profile = (url: string, entry: string) => `${text}
[[profiles]]
name = "mine"
provider_type = "OpenAICompatible"
base_url = "${url}"
${entry}
default_model = "grok-4-fast"
`

const stored = { secrets: [{ account: "mine-api-key", secret: "the-key" }], keyring: [] }

describe("a key that is typed for a new profile", () => {
  it("is kept in a private file, and nothing is before the last question is agreed to", async () => {
    const { keys, url } = await provider()
    const begun = await begin()
    await walk(begun, [...upTo(url, "private"), ...typedKey, ...rest])
    expect(begun.terminal.screen().join("\n")).toContain("mine-api-key (the typed key, in a private file of claudex)")
    expect(begun.terminal.screen().join("\n")).not.toContain("keyring >")
    expect(await begun.user.read(file)).toBe(text)
    expect(await begun.user.stateFiles()).toEqual([])
    await walk(begun, agree)
    expect(await begun.terminal.ended()).toEqual(fine)
    expect(keys).toEqual(["Bearer the-key", "Bearer the-key"])
    expect(await begun.user.read(file)).toBe(profile(url, 'api_key_keyring = "mine-api-key"'))
    expect(JSON.parse(await begun.user.read(begun.secrets))).toEqual(stored)
    expect(await modeOf(begun, begun.secrets)).toBe(0o600)
    const screen = begun.terminal.screen().join("\n")
    expect(screen).toContain('The key of "mine" is in ')
    expect(screen).toContain("Next: claudex run mine")
    expect(screen).not.toContain("no key yet")
    isUnseen(begun)
  })

  it("is kept in the system keyring where there is one", async () => {
    const { url } = await provider()
    const begun = await begin({ keyring: true })
    await walk(begun, [...upTo(url, "keyring"), ...typedKey, ...rest, ...agree])
    expect(await begun.terminal.ended()).toEqual(fine)
    expect(await begun.user.read(file)).toBe(profile(url, 'api_key_keyring = "mine-api-key"'))
    expect(JSON.parse(await begun.user.read("keyring/entries.json"))).toEqual({ "claudex/mine-api-key": "the-key" })
    expect(await begun.user.read(begun.secrets)).not.toContain("the-key")
    expect(begun.terminal.screen().join("\n")).toContain('is in the system keyring, as "mine-api-key"')
    isUnseen(begun)
  })

  it("is written into the configuration, which nobody else can read then", async () => {
    const { url } = await provider()
    const begun = await begin()
    await walk(begun, [...upTo(url, "configuration"), ...typedKey, ...rest, ...agree])
    expect(await begun.terminal.ended()).toEqual(fine)
    expect(await begun.user.read(file)).toBe(profile(url, 'api_key = "the-key"'))
    expect(await modeOf(begun, file)).toBe(0o600)
    expect(await begun.user.read(file)).toContain("api_key")
    isUnseen(begun)
  })

  it("is not offered to go into a project's file, however that is named, nor into a keyring where none works", async () => {
    const cases = [["--project"], ["--config", "claudex.toml"], ["--config", "own.toml"]]
    for (const words of cases) {
      const [, name = "claudex.toml"] = words
      const begun = await begin({ own: [`work/${name}`, "# here\n"] }, ["mine", ...words])
      await walk(begun, [
        ["Provider:", "xai\r"],
        ["> the variable FAKE_API_KEY", "type"],
        ["Where the key is: type > type it", ""]
      ])
      const screen = begun.terminal.screen().join("\n")
      expect(screen).toContain("private file")
      expect(screen).not.toContain("keyring")
      expect(screen.includes("in the configuration")).toBe(name === "own.toml")
      begun.terminal.type(key.ctrlC)
      expect(await begun.terminal.ended()).toEqual(left)
    }
  })

  it("is typed again when the provider does not accept it, or its user goes on with it", async () => {
    const { keys, url } = await provider()
    const begun = await begin()
    const refused = "The key is not accepted (HTTP 401): > type it again"
    await walk(begun, [
      ...upTo(url, "private"),
      ["Key of mine: Type", "a-wrong-one\nof two lines\n"],
      ["A key is one line without spaces", `a-wrong-one${key.enter}`],
      [refused, key.enter],
      ["type it again Key of mine: Type", `the-key${key.enter}`],
      ...rest,
      ...agree
    ])
    expect(await begun.terminal.ended()).toEqual(fine)
    expect(keys.slice(0, 2)).toEqual(["Bearer a-wrong-one", "Bearer the-key"])
    expect(JSON.parse(await begun.user.read(begun.secrets))).toEqual(stored)
    isUnseen(begun)
    const other = await begin()
    await walk(other, [
      ...upTo(url, "private"),
      ["Key of mine: Type", `a-wrong-one${key.enter}`],
      [refused, `${key.down}${key.enter}`],
      ["The key is not accepted (HTTP 401), so type the model's name.", `own-model${key.enter}`],
      ["> own-model for all", key.enter],
      ...agree
    ])
    expect(await other.terminal.ended()).toEqual(fine)
    expect(await other.user.read(other.secrets)).toContain("a-wrong-one")
    isUnseen(other)
  })

  it("is dropped by who leaves, at the key or behind it, and nothing is written", async () => {
    const { url } = await provider()
    const ends: ReadonlyArray<Steps> = [
      [["Key of mine: Type", `the-key${key.ctrlC}`]],
      [
        ["Key of mine: Type", "the-key"],
        ["Key of mine: Type", "\u001b"]
      ],
      [...typedKey, ...rest, ["> yes", key.ctrlC]]
    ]
    for (const end of ends) {
      const begun = await begin()
      await walk(begun, [...upTo(url, "private"), ...end])
      await begun.terminal.until("claudex: Nothing was written.")
      expect(await begun.terminal.ended()).toEqual(left)
      expect(await begun.user.read(file)).toBe(text)
      expect(await begun.user.stateFiles()).toEqual([])
      isUnseen(begun)
    }
  })

  it("is asked for in a window of any size", async () => {
    const { url } = await provider()
    const begun = await begin()
    await walk(begun, upTo(url, "private"))
    await begun.terminal.until("Key of mine: Type")
    begun.terminal.type(`the-${key.up}`)
    await begun.terminal.resize(70, 12)
    await begun.terminal.resize(100, 30)
    begun.terminal.type(`key${key.enter}`)
    await walk(begun, [...rest, ...agree])
    expect(await begun.terminal.ended()).toEqual(fine)
    expect(JSON.parse(await begun.user.read(begun.secrets))).toEqual(stored)
    // each drawing took the one before away
    expect(
      begun.terminal
        .screen()
        .join("\n")
        .match(/Key of mine/g)
    ).toHaveLength(1)
    isUnseen(begun)
  })

  it("is not kept where the profile cannot be added, and what was kept before is kept again", async () => {
    const { url } = await provider()
    const another = '[[profiles]]\nname = "mine"\nbase_url = "https://x.example"\ndefault_model = "m"\n'
    for (const old of [undefined, "the-old-one"]) {
      const begun = await begin()
      const secrets = old === undefined ? [] : [{ account: "mine-api-key", secret: old }]
      await walk(begun, [...upTo(url, "private"), ...typedKey, ...rest])
      // somebody else is faster
      await begun.user.write(begun.secrets, JSON.stringify({ secrets, keyring: [] }), 0o600)
      await begun.user.write(file, another, 0o600)
      await walk(begun, agree)
      expect(await begun.terminal.ended()).toEqual({ ...fine, code: 2 })
      expect(begun.terminal.screen().join("\n")).toContain('There is a profile "mine" already')
      expect(await begun.user.read(file)).toBe(another)
      expect(JSON.parse(await begun.user.read(begun.secrets))).toEqual({ secrets, keyring: [] })
      isUnseen(begun)
    }
  })

  it("takes no account from another profile, and may be in a variable that is named", async () => {
    const { url } = await provider()
    const begun = await begin()
    const other =
      '[[profiles]]\nname = "old"\nbase_url = "https://x.example"\ndefault_model = "m"\napi_key_keyring = "mine-api-key"\n'
    await begun.user.write(file, other, 0o600)
    await walk(begun, [...upTo(url, "private"), ...typedKey, ...rest, ...agree])
    expect(await begun.terminal.ended()).toEqual(fine)
    expect(await begun.user.read(file)).toContain('api_key_keyring = "mine-api-key-2"')
    isUnseen(begun)
  })

  it("need not be typed: a variable can be named", async () => {
    const { url } = await provider()
    const begun = await begin()
    await walk(begun, [
      ...upTo(url, "x").slice(0, 4),
      ["Where the key is:", `by its name${key.enter}`],
      ["Name of the variable:", `the key${key.enter}`],
      ["That is no name of a variable", `\u0015FAKE_API_KEY${key.enter}`],
      ...rest.slice(1),
      ...agree
    ])
    expect(await begun.terminal.ended()).toEqual(fine)
    expect(await begun.user.read(file)).toBe(profile(url, 'api_key_env = "FAKE_API_KEY"'))
  })
})
