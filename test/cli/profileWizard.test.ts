import { describe, expect, it } from "vitest"
import { key } from "../support/terminal.ts"
import { begin, file, fine, left, provider, type Steps, text, variable, walk } from "./wizardUser.ts"

const steps = (url: string): Steps => [
  ["Provider:", "any other"],
  ["Provider: any other", key.enter],
  ["Address:", `${url}${key.enter}`],
  ["Name of the profile: generic", `\u0015mine${key.enter}`],
  ["> the variable FAKE_API_KEY", key.enter],
  ["> grok-4", "fast"],
  ["Model: fast", key.enter],
  ["> grok-4-fast for all", key.enter],
  ["> yes", key.enter]
]

/** Up to the model. */
const before = (url: string) => steps(url).slice(0, 5)

/** Not narrower than the hint of the models: this terminal counts lines broken below its cursor as if they were above. */
const sizes: ReadonlyArray<readonly [columns: number, rows: number]> = [
  [40, 12],
  [100, 30],
  [30, 12],
  [40, 12],
  [100, 30],
  [75, 12]
]

const written = (url: string) => `${text}
[[profiles]]
name = "mine"
provider_type = "OpenAICompatible"
base_url = "${url}"
api_key_env = "FAKE_API_KEY"
default_model = "grok-4-fast"
`

describe("claudex profile add, of somebody in front of a terminal", () => {
  it("asks for everything, shows the provider's models, and writes what was agreed to", async () => {
    const { keys, url } = await provider()
    const begun = await begin()
    await walk(begun, steps(url).slice(0, -1))
    await begun.terminal.until("Add this profile")
    expect(await begun.user.read(file)).toBe(text)
    await walk(begun, steps(url).slice(-1))
    expect(await begun.terminal.ended()).toEqual(fine)
    // for the list, and to see whether it works
    expect(keys).toEqual(["Bearer the-key", "Bearer the-key"])
    expect(await begun.user.read(file)).toBe(written(url))
    const screen = begun.terminal.screen().join("\n")
    expect(screen).toMatch(/ok +mine +\d+ ms +answers and has grok-4-fast/)
    expect(screen).toContain("Next: claudex run mine")
    expect(screen).not.toContain("the-key")
    expect(await begun.user.run(["profile", "show", "mine"])).toMatchObject({ code: 0, stderr: "" })
  })

  it("takes what is pasted for one answer, and tells the terminal to say what was pasted while it asks", async () => {
    const { url } = await provider()
    const begun = await begin()
    const paste = (pasted: string) => `\u001b[200~${pasted}\u001b[201~`
    await walk(begun, [
      ...steps(url).slice(0, 2),
      ["Address:", paste(`${url}\n`)],
      ["Address:", key.enter],
      ["Name of the profile: generic", `\u0015${paste("my\r\nown")}`],
      ["Name of the profile: my own", key.enter],
      ...steps(url).slice(4)
    ])
    expect(await begun.terminal.ended()).toEqual(fine)
    expect(await begun.user.read(file)).toBe(written(url).replace('"mine"', '"my own"'))
    const modes = begun.terminal.transcript().match(/\?2004[hl]/g) ?? []
    expect(modes.length).toBeGreaterThan(6)
    expect(modes.filter((_, at) => at % 2 === 0).every((mode) => mode === "?2004h")).toBe(true)
    expect(modes.at(-1)).toBe("?2004l")
  })

  it("proposes a small model for haiku, or asks for the model of each slot", async () => {
    const { url } = await provider()
    const ways: ReadonlyArray<readonly [Steps, string]> = [
      [[["> haiku grok-4-fast, else grok-4", key.enter]], 'models = { haiku = "grok-4-fast" }\n'],
      [
        [
          ["> haiku grok-4-fast", "each"],
          ["> choose for each", key.enter],
          ["Model of haiku:", `typed-one${key.enter}`],
          ["Model of sonnet:", key.enter],
          ["Model of opus:", "fast"],
          ["> grok-4-fast", key.enter],
          ["Model of fable:", key.enter]
        ],
        'models = { haiku = "typed-one", opus = "grok-4-fast" }\n'
      ]
    ]
    for (const [way, models] of ways) {
      const begun = await begin()
      await walk(begun, [...before(url), ["> grok-4", key.enter], ...way, ["> yes", key.enter]])
      expect(await begun.terminal.ended()).toEqual(fine)
      expect(await begun.user.read(file)).toContain(`default_model = "grok-4"\n${models}`)
    }
  })

  it("adds a profile that does not work yet, and says what is wrong", async () => {
    const { url } = await provider()
    const begun = await begin({ env: { [variable]: "another" } })
    await walk(begun, [
      ...before(url),
      ["The key is not accepted (HTTP 401), so type the model's name.", "my-model\r"],
      ["> my-model for all", "\r"],
      ["> yes", "\r"]
    ])
    expect(await begun.terminal.ended()).toEqual(fine)
    const screen = begun.terminal.screen().join("\n")
    expect(screen).toMatch(/fail +mine .*HTTP 401[^]*Remedy: /)
    expect(screen).toContain("Next: claudex profile test mine")
    expect(await begun.user.read(file)).toContain('default_model = "my-model"\n')
  })

  it("says why there is no list of models to choose from", async () => {
    const nobody = "http://127.0.0.1:1/v1"
    const unset: Steps = [
      ...before(nobody).slice(0, 4),
      ["> the variable FAKE_API_KEY", "another"],
      ["> another variable", key.enter],
      ["Name of the variable:", `NOT_SET_ANYWHERE${key.enter}`]
    ]
    for (const [way, why] of [
      [before(nobody), "claudex: mine: could not connect (127.0.0.1:1: ECONNREFUSED), so type the model's name."],
      [unset, "claudex: mine: the environment variable NOT_SET_ANYWHERE is not set, so type the model's name."]
    ] as const) {
      const begun = await begin({ columns: 100 })
      await walk(begun, [...way, ["Model:", key.ctrlC]])
      await begun.terminal.ended()
      expect(begun.terminal.screen().join("\n")).toContain(why)
    }
  })

  it("goes on where it was in a terminal of another size", async () => {
    const { url } = await provider()
    const begun = await begin()
    const path = steps(url)
    for (const [at, step] of path.entries()) {
      await begun.terminal.until(step[0])
      const [columns = 80, rows = 24] = sizes[at % sizes.length] ?? []
      await begun.terminal.resize(columns, rows)
      await walk(begun, [step])
    }
    expect(await begun.terminal.ended()).toEqual(fine)
    expect(await begun.user.read(file)).toBe(written(url))
    // each question was taken away as it had been drawn
    const screen = begun.terminal.screen().join("\n")
    expect(screen.match(/Provider:/g)).toHaveLength(1)
    expect(screen.match(/> /g)).toBeNull()
  })

  it("writes nothing for who leaves, at whichever question, and leaves the terminal as it was", async () => {
    const { url } = await provider()
    const path = steps(url)
    for (const at of path.keys()) {
      const begun = await begin()
      await walk(begun, path.slice(0, at))
      await begun.answer(path[at]?.[0] ?? "", key.ctrlC)
      expect(await begun.terminal.ended()).toEqual(left)
      expect(begun.terminal.screen().at(-1)).toBe("claudex: Nothing was written.")
      expect(await begun.user.read(file)).toBe(text)
    }
  })

  it("can be left while a provider is asked that does not answer", async () => {
    const { url } = await provider(true)
    const begun = await begin()
    await walk(begun, steps(url).slice(0, 5))
    await begun.answer("Asking mine for its models", key.ctrlC)
    expect(await begun.terminal.ended()).toEqual(left)
    expect(await begun.user.read(file)).toBe(text)
  })

  it("has models typed where there is no list, and says why", async () => {
    const { url } = await provider()
    const begun = await begin({ env: { [variable]: "another" } })
    await walk(begun, steps(url).slice(0, 5))
    await begun.answer("The key is not accepted (HTTP 401), so type the model's name.", "my-model\r")
    await begun.answer("> my-model for all", key.enter)
    await begun.answer("Add this profile", "no")
    await begun.answer("> no, leave everything", key.enter)
    expect(await begun.terminal.ended()).toEqual({ ...fine, code: 1 })
    expect(await begun.user.read(file)).toBe(text)
  })

  it("asks only for what was not said, and says at once what cannot be", async () => {
    const begun = await begin({}, ["grok", "--model", "grok-4"])
    await walk(begun, [
      ["Provider:", "xai\r"],
      ["Where the key is:", "sk-ant-api03-abc\r"],
      ["That is no name of a variable", `\u0015XAI_API_KEY\r`],
      ["> yes", key.enter]
    ])
    expect(await begun.terminal.ended()).toEqual(fine)
    expect(await begun.user.read(file)).toContain('name = "grok"\n')
    const screen = begun.terminal.screen().join("\n")
    expect(screen).toContain("XAI_API_KEY is not set here.")
    expect(screen).not.toContain("Asking")
    expect(screen).not.toContain("sk-ant")
  })

  it("is told to use flags when it wants no questions", async () => {
    const { terminal, user } = await begin({}, ["--yes"])
    expect(await terminal.ended()).toEqual({ ...fine, code: 2 })
    expect(await user.read(file)).toBe(text)
  })
})
