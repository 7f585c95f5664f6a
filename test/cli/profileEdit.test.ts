import { Either, FastCheck as fc, Option, Redacted, Struct } from "effect"
import { describe, expect, it } from "vitest"
import { saidNothing, type ProfileWords } from "../../src/cli/newProfile.ts"
import { profileChanges, shownChanges } from "../../src/cli/profileChanges.ts"
import { assemble } from "../../src/config/assemble.ts"
import { readDocument } from "../../src/config/document.ts"
import { setIn, unsetIn } from "../../src/config/tomlEdit.ts"
import { modelSlots, type Profile } from "../../src/domain/Profile.ts"
import { makeUser } from "../support/claudex.ts"
import { holds } from "../support/holds.ts"
import { makeKeyUser } from "../support/keyUser.ts"
import { runs } from "../support/runs.ts"
import { addresses, types, word } from "./profileWords.ts"

const settingsOf = (text: string) =>
  Either.getOrThrow(
    assemble([{ layer: "global", path: "/c.toml", content: readDocument(text, "global", "/c.toml") }], {}, [])
  ).settings

const profileIn = ({ profiles }: ReturnType<typeof settingsOf>, wanted: string): Profile =>
  Option.getOrThrow(Option.fromNullable(profiles.find(({ name }) => name === wanted)))

/** A profile as people write one, with words of theirs anywhere. */
const profileText = fc
  .record({
    address: addresses.filter((url) => !url.includes("<")),
    key: fc.constantFrom("", 'api_key = "written-key"', 'api_key_env = "SOME_KEY" # here', 'api_key_keyring = "kept"'),
    slots: fc.constantFrom(
      "",
      'models = { haiku = "h", opus = "o" } # small and large',
      '\n# its models\n[profiles.models]\nsonnet = "s" # the middle\n',
      'models.haiku = "h"\nmodels.fable = "f"'
    ),
    note: fc.constantFrom("", "# a note", "\n# a note\n"),
    type: types
  })
  .map(({ address, key, note, slots, type }) =>
    [
      "[[profiles]]",
      'name = "mine" # my own',
      `provider_type = "${type}"`,
      note,
      `base_url = "${address}"  # there`,
      key,
      'default_model = "m1"',
      "priority = 7",
      slots
    ]
      .filter((line) => line !== "")
      .join("\n")
  )

const other = '[[profiles]]\nname = "other"\nbase_url = "https://other.example"\ndefault_model = "x" # stays\n'

const documents = fc
  .tuple(profileText, fc.boolean(), fc.constantFrom("\n", "\r\n"))
  .map(([own, isFirst, end]) =>
    `# head\nproxy_port = 1\n\n${(isFirst ? [`${own}\n`, other] : [other, `${own}\n`]).join("\n")}# tail\n`.replaceAll(
      "\n",
      end
    )
  )

type Field = keyof Pick<
  ProfileWords,
  "apiKeyEnv" | "baseUrl" | "fable" | "haiku" | "model" | "opus" | "sonnet" | "type"
>

const edits: fc.Arbitrary<readonly [Field, string]> = fc.oneof(
  fc.tuple(fc.constantFrom<Field>("model", "haiku", "sonnet", "opus", "fable"), word),
  fc.tuple(fc.constantFrom<Field>("haiku", "sonnet", "opus", "fable", "apiKeyEnv"), fc.constant("")),
  fc.tuple(fc.constant<Field>("apiKeyEnv"), fc.constantFrom("SOME_KEY", "OTHER_KEY")),
  fc.tuple(fc.constant<Field>("type"), types),
  fc.tuple(fc.constant<Field>("baseUrl"), fc.constantFrom("https://new.example/v1", "http://10.1.1.1:80/v1"))
)

/** The profile with the field as it is to be. */
const expected = (profile: Profile, field: Field, to: string): object => {
  if (field === "apiKeyEnv") {
    return to === ""
      ? Struct.omit(profile, "apiKey", "apiKeyEnv", "apiKeyKeyring")
      : { ...Struct.omit(profile, "apiKey", "apiKeyKeyring"), apiKeyEnv: to }
  }
  const slot = modelSlots.find((one) => one === field)
  if (slot !== undefined) {
    const { [slot]: _, ...models } = profile.models
    return { ...profile, models: to === "" ? models : { ...models, [slot]: to } }
  }
  const key = { model: "defaultModel", baseUrl: "baseUrl", type: "providerType" }[String(field)] ?? ""
  return { ...profile, [key]: to }
}

/** Redacted values are not told apart by a comparison. */
const open = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner: unknown) => (Redacted.isRedacted(inner) ? Redacted.value(inner) : inner)))

const commentsOf = (text: string) => text.split(/\r?\n/).flatMap((line) => /#.*$/.exec(line)?.[0].trimEnd() ?? [])

describe("a profile of which one field is edited", () => {
  it("is decoded as the expected change, and nothing else of the file is another", () =>
    holds(
      fc.property(documents, edits, (text, [field, to]) => {
        const before = settingsOf(text)
        const mine = profileIn(before, "mine")
        const at = before.profiles.filter(({ name }) => name !== "demo").indexOf(mine)
        const changes = Either.getOrThrow(profileChanges(mine, { ...saidNothing, [field]: to }))
        const after = changes.reduce((left, { path: [, , ...keys], value }) => {
          const place = ["profiles", at, ...keys]
          return Either.getOrThrow(value === undefined ? unsetIn(left, place) : setIn(left, place, value))
        }, text)
        const wanted = before.profiles.map((one) => (one === mine ? expected(mine, field, to) : one))
        expect(open(settingsOf(after))).toEqual(open({ ...before, profiles: wanted }))
        // every line that is not one of the field's own stands as it stood
        const own =
          /^\s*(\[profiles\.models\]|(api_key\w*|base_url|default_model|provider_type|models|haiku|sonnet|opus|fable)\b)/
        const kept = (all: string) => all.split("\n").filter((line) => !own.test(line))
        expect(kept(after)).toEqual(kept(text))
        const gone = changes.filter(({ value }) => value === undefined).length
        const lost = commentsOf(text).filter((one) => !commentsOf(after).includes(one))
        // only with the line that they stand in
        expect(lost.length).toBeLessThanOrEqual(gone)
        expect(commentsOf(text).filter((one) => !lost.includes(one))).toEqual(commentsOf(after))
      }),
      { numRuns: runs }
    ))

  it("is told with what it was, and never with a secret", () => {
    const settings = settingsOf(
      '[[profiles]]\nname = "a"\nbase_url = "https://x:canary@a.example"\napi_key = "canary-key"\ndefault_model = "m"\n'
    )
    const words = { ...saidNothing, model: "n", apiKeyEnv: "A_KEY", baseUrl: "https://b.example" }
    const changes = Either.getOrThrow(profileChanges(profileIn(settings, "a"), words))
    const told = shownChanges(changes, settings).join("\n")
    expect(told).toMatch(/default_model +n \(was m\)/)
    expect(told).toMatch(/api_key +taken away/)
    expect(told).not.toContain("canary")
  })
})

const file = "home/.config/claudex/config.toml"

const text = `# mine
default_profile = "grok"

# the first
[[profiles]]
name = "grok" # its name
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
api_key_env = "XAI_API_KEY"   # from the shell
default_model = "grok-4" # for all
models = { haiku = "grok-3-mini" }

# the second
[[profiles]]
name = "other"
base_url = "https://other.example"
default_model = "m"
# the end`

const user = async (content = text) => {
  const made = await makeUser()
  await made.write(file, content, 0o600)
  const edit = (line: string, env: Readonly<Record<string, string>> = {}) =>
    made.run(["profile", "edit", ...line.split(" ").map((one) => (one === "''" ? "" : one))], { env })
  return { ...made, edit, path: `${made.root}/${file}` }
}

describe("claudex profile edit", () => {
  it("changes what is named and nothing else, and tells the file, the values and what to type next", async () => {
    const { edit, path, read } = await user()
    expect(await edit("grok --model grok-5 --opus grok-5-max")).toEqual({
      code: 0,
      signal: null,
      stdout: [
        `The profile grok is changed in ${path}:`,
        "  default_model  grok-5 (was grok-4)",
        "  models.opus    grok-5-max",
        "Next: claudex profile test grok",
        ""
      ].join("\n"),
      stderr: ""
    })
    expect(await read(file)).toBe(
      text.replace('"grok-4" # for', '"grok-5" # for').replace("grok-3-mini", 'grok-3-mini", opus = "grok-5-max')
    )
  })

  it("goes to another provider with its address and protocol, and back to what tells itself", async () => {
    const { edit, read, run } = await user()
    expect(await edit("grok --provider vllm --base-url http://10.0.0.7:9/v1")).toMatchObject({ code: 0 })
    expect((await run(["profile", "show", "grok"])).stdout).toContain("vLLM (vllm), named by dialect")
    expect(await edit("grok --provider anthropic -m claude-sonnet-4-6")).toMatchObject({ code: 0 })
    const now = await read(file)
    expect(now).toContain('base_url = "https://api.anthropic.com"\n')
    expect(now).toContain('provider_type = "DirectAnthropic"\n')
    expect(now).not.toContain("dialect")
  })

  it("says where a key comes from that another host is sent now, unless one is named for it", async () => {
    const remedy = "For another one, type: claudex profile edit grok --api-key-env VARIABLE"
    const said = (place: string) => `claudex: api.deepseek.com is sent the key ${place} from now on. ${remedy}\n`
    for (const [entry, place] of [
      ['api_key_env = "XAI_API_KEY"', "in the environment variable XAI_API_KEY"],
      ['api_key = "canary-0123456789"', "in the configuration"],
      ['api_key_keyring = "kept"', 'stored as "kept"']
    ] as const) {
      const { edit } = await user(text.replace('api_key_env = "XAI_API_KEY"', entry))
      expect(await edit("grok --base-url https://API.x.ai/v2")).toMatchObject({ code: 0, stderr: "" })
      expect(await edit("grok --provider deepseek -m deepseek-chat")).toMatchObject({ code: 0, stderr: said(place) })
      expect(await edit("grok -m deepseek-reasoner")).toMatchObject({ code: 0, stderr: "" })
    }
    const { edit } = await user()
    const named = "grok --provider deepseek -m deepseek-chat --api-key-env DEEPSEEK_API_KEY"
    expect(await edit(named, { DEEPSEEK_API_KEY: "k" })).toMatchObject({ code: 0, stderr: "" })
    // no key, nothing to send
    expect(await edit("other --base-url https://elsewhere.example")).toMatchObject({ code: 0, stderr: "" })
  })

  it("tells nothing of what holds already, unless that is all that is written", async () => {
    const { edit } = await user()
    const { stdout } = await edit("grok --provider xai --model grok-5")
    expect(stdout.split("\n").slice(1, -2)).toEqual(["  default_model  grok-5 (was grok-4)"])
    const implied = await edit("other --type DirectAnthropic")
    expect(implied.stdout.split("\n").slice(1, -2)).toEqual(["  provider_type  DirectAnthropic"])
  })

  it("has a variable take the place of a key that is written or stored, and says when it is not set", async () => {
    const { edit, read } = await user(text.replace('api_key_env = "XAI_API_KEY"', 'api_key = "canary-0123456789"'))
    const { code, stderr, stdout } = await edit("grok --api-key-env NEW_KEY")
    expect([code, stderr]).toEqual([0, "claudex: NEW_KEY is not set here. Type: export NEW_KEY=...\n"])
    expect(stdout).not.toContain("canary")
    const now = await read(file)
    expect(now).toContain('api_key_env = "NEW_KEY"')
    expect(now).not.toContain("canary")
    const { run } = await makeKeyUser(text.replace('api_key_env = "XAI_API_KEY"', 'api_key_keyring = "kept"'))
    expect((await run("profile edit grok --api-key-env XAI_API_KEY")).stdout).toMatch(
      /api_key_keyring +taken away \(was kept\)/
    )
  })

  it("says so when all of it stands there already", async () => {
    const { edit, read } = await user()
    expect(await edit("grok --model grok-4")).toMatchObject({
      code: 0,
      stdout: "The profile grok is as it was; all of that stands there already.\n"
    })
    expect(await read(file)).toBe(text)
  })

  it("changes the file where the setting stands, or the one that is named", async () => {
    const { edit, read, work, write } = await user()
    await write("work/claudex.toml", '[[profiles]]\nname = "grok"\npriority = 3\ndefault_model = "ours"\n')
    expect((await edit("grok -m next --haiku small")).stdout).toContain(`changed in ${work}/claudex.toml:\n`)
    expect(await read("work/claudex.toml")).toContain('default_model = "next"')
    // the slot stands in the user's own file
    expect(await read(file)).toContain('haiku = "small"')
    expect(await edit("grok -m mine --global")).toMatchObject({ code: 0 })
    expect(await read(file)).toContain('default_model = "mine" # for all')
    expect(await edit("grok -m x --global --project")).toMatchObject({ code: 2 })
  })

  it("changes nothing when the configuration would not be valid then", async () => {
    const { edit, read } = await user()
    for (const line of ["grok --model ''", "grok --base-url relay.example", "grok -m ok --type Nothing"]) {
      const { code, stderr, stdout } = await edit(line)
      expect([code, stdout]).toEqual([2, ""])
      expect(stderr).toMatch(/^claudex: (Nothing was changed|There is no protocol|"--model" needs a value)/)
    }
    expect(await read(file)).toBe(text)
  })

  it("takes no key on the command line, and repeats none", async () => {
    const { edit, read } = await user()
    for (const line of [
      "grok --api-key-env sk-ant-planted0123456789",
      "grok --base-url https://me:planted@relay.example/v1"
    ]) {
      const { code, stderr, stdout } = await edit(line)
      expect([code, stdout]).toEqual([2, ""])
      expect(stderr).toContain("Next: claudex profile edit --help")
      expect(stderr).not.toContain("planted")
    }
    expect(await read(file)).toBe(text)
  })

  it("names the options where nothing is said and nobody can be asked", async () => {
    const { edit } = await user()
    expect(await edit("grok")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(
        /--model, --base-url, --api-key-env[^]*\nNext: claudex profile edit grok --model MODEL\n$/
      )
    })
  })

  it("suggests a profile for a name that is not there, and makes no YAML", async () => {
    const { edit } = await user()
    expect(await edit("grk -m x")).toMatchObject({
      code: 1,
      stderr: 'claudex: There is no profile "grk". Did you mean "grok"?\nNext: claudex profile edit grok\n'
    })
    const yaml = await makeUser()
    await yaml.write(
      "work/.claudex/config.yaml",
      "profiles:\n  - name: y\n    base_url: https://y.example\n    default_model: m\n"
    )
    const refused = await yaml.run(["profile", "edit", "y", "-m", "x"])
    expect([refused.code, refused.stdout]).toEqual([2, ""])
    expect(refused.stderr).toContain("Next: claudex config migrate")
  })
})
