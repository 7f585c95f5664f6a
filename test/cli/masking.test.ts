import { FastCheck as fc, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { stringify } from "smol-toml"
import { words } from "../../src/cli/commands.ts"
import type { CommandWord } from "../../src/cli/grammar.ts"
import { settingsView } from "../../src/cli/settingsView.ts"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import { makeUser } from "../support/claudex.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.!*'();:@&=+$,/?#[]{}<>|^% "

/** Any text of 8 characters or more, though one that is a line in TOML and fits into a header. */
const secret = fc
  .string({ unit: fc.constantFrom(...letters), minLength: 8, maxLength: 40 })
  .filter((text) => text.trim() === text && !"[masked]".includes(text) && !text.includes("${"))

/** Every place of a configuration where a secret may stand, with one of its own in each. */
const planted = ([key, header, child, query, inUrl, password, collector]: ReadonlyArray<string>) => ({
  proxy_port: 0,
  profiles: [
    {
      name: "grok",
      provider_type: "OpenAICompatible",
      base_url: `http://user:${encodeURIComponent(password ?? "")}@127.0.0.1:9/v1?api_key=${encodeURIComponent(inUrl ?? "")}`,
      default_model: "m",
      api_key: key,
      custom_headers: { "x-team": header },
      extra_env: { OTHER: child },
      query_params: { key: query }
    }
  ],
  telemetry: { otlp_endpoint: `http://user:${encodeURIComponent(collector ?? "")}@127.0.0.1:9/` }
})

const secrets = fc.uniqueArray(secret, { minLength: 7, maxLength: 7 })

/** As they are, and as an address has them. */
const leaks = (text: string, hidden: ReadonlyArray<string>): ReadonlyArray<string> =>
  hidden.filter((one) =>
    [one, encodeURIComponent(one), JSON.stringify(one).slice(1, -1)].some((form) => text.includes(form))
  )

describe("the settings that are shown", () => {
  it("never let a secret of 8 or more characters through, wherever it stands", async () => {
    await holds(
      fc.property(secrets, (hidden) => {
        const settings = Schema.decodeUnknownSync(ConfigFile)(planted(hidden))
        expect(leaks(JSON.stringify(settingsView(settings)), hidden)).toEqual([])
      }),
      { numRuns: runs }
    )
  })
})

describe("names that look like keys", () => {
  const names = ["xai-personal", "sk-local", "hf_mirror-one"]
  const text = `default_profile = "sk-local"
${names
  .map(
    (name) => `
[[profiles]]
name = "${name}"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:9/v1"
default_model = "m"
api_key_keyring = "${name}-api-key"
backup_providers = ["lm-studio"]`
  )
  .join("\n")}

[[profiles]]
name = "lm-studio"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:9/v1"
default_model = "m"
# sk-4f9a8b7c6d5e4f3a is a key
api_key = "lm-studio"
`

  it("are shown by every command, and their settings are found", async () => {
    const user = await makeUser(text)
    const outOf = async (...args: ReadonlyArray<string>) => {
      const { code, stderr, stdout } = await user.run([...args])
      expect([code, stderr.replace(/^claudex: Masked, .*: profiles\.lm-studio\.api_key\n$/, "")]).toEqual([0, ""])
      return stdout
    }
    for (const args of [
      ["config", "show"],
      ["config", "show", "--raw"],
      ["config", "show", "--json"],
      ["config", "export"]
    ]) {
      const shown = await outOf(...args)
      for (const name of [...names, "lm-studio"]) expect(shown).toContain(name)
      expect(shown).not.toContain("sk-4f9a")
      expect(shown.match(/\[masked\]/g)).toHaveLength(args.includes("--raw") ? 2 : 1)
    }
    for (const name of names) {
      expect(await outOf("config", "get", `profiles.${name}.default_model`)).toBe("m\n")
      expect(await outOf("config", "get", `profiles.${name}.api_key_keyring`)).toBe(`${name}-api-key\n`)
    }
    expect(await outOf("config", "get", "default_profile")).toBe("sk-local\n")
    expect(await outOf("config", "get", "profiles.lm-studio.api_key")).toBe("[masked]\n")
  })
})

describe("keys in the place of names", () => {
  it("are masked: whoever writes one as the name of a variable has made a mistake", () => {
    const key = "gsk_AbCdEfGh12345678"
    const settings = Schema.decodeUnknownSync(ConfigFile)({
      profiles: [
        { name: "a", base_url: "http://127.0.0.1:9", default_model: "m", api_key_env: key },
        { name: "b", base_url: "http://127.0.0.1:9", default_model: "m", api_key_keyring: key }
      ]
    })
    expect(JSON.stringify(settingsView(settings))).not.toContain(key)
  })
})

/** Those that change something or start something, and the one whose purpose is to show a secret. */
const elsewhere =
  /^(run|completions|proxy (start|stop|token)|config (set|unset|edit|init|trust|migrate)|profile (add|edit|remove|use|set-key|forget-key))\b/

const meanings: Readonly<Record<string, string>> = { "<profile>": "grok", "<key>": "profiles" }

/** A command that shows something, with nothing, and with each of its options that need no value or one of a few words. */
const lines = (word: CommandWord, path: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  if (elsewhere.test(path.join(" "))) return []
  const given = word.arguments.flatMap(({ name, optional }) => (optional ? [] : [meanings[name] ?? "grok"]))
  const options = word.options.flatMap(({ names, value }) => {
    const name = names.at(-1) ?? ""
    if (name === "--follow") return []
    return value === undefined ? [[name]] : value.includes(" | ") ? value.split(" | ").map((one) => [name, one]) : []
  })
  const own = path.length === 0 ? [] : [[], ...options].map((option) => [...path, ...option, ...given])
  return [...own, ...word.commands.flatMap((next) => lines(next, [...path, next.name]))]
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe("every command that shows something", { timeout: 240_000 }, () => {
  const all = lines(words, [])
  // lines for eval hold what they set; the schema knows no user; --init writes a file
  const shown = all.filter(
    (line) => !["--shell", "--fish", "--loopback", "schema", "--init"].some((one) => line.includes(one))
  )

  it("is among those that are tried, with its options", () => {
    const tried = shown.map((line) => line.join(" "))
    for (const line of [
      "config show --json",
      "config show --raw",
      "config get --json profiles",
      "config export --format toml",
      "profile show --all grok",
      "doctor --json"
    ])
      expect(tried).toContain(line)
    for (const line of [
      "env --explain grok",
      "explain --json",
      "logs",
      "profile list --json",
      "profile test --json grok"
    ])
      expect(tried).toContain(line)
  })

  const [first = [], second = []] = fc.sample(secrets, { numRuns: 2, seed: 11 })
  for (const [what, hidden, fault] of [
    ["of a configuration that is in order", first, {}],
    ["of one with a fault", second, { proxy_prot: 1, log_level: "loud" }]
  ] as const) {
    it(`lets no secret ${what} through, on stdout or stderr, and nothing that is no JSON where that was asked for`, async () => {
      const user = await makeUser()
      await user.write("home/.config/claudex/config.toml", stringify({ ...fault, ...planted(hidden) }))
      for (const line of shown) {
        const { stderr, stdout } = await user.run(line)
        expect([line, leaks(stdout + stderr, hidden)]).toEqual([line, []])
        const clean = line.includes("--json") ? stdout === "" || isJson(stdout) : !stdout.includes("claudex: ")
        expect([line, clean, stdout]).toEqual([line, true, stdout])
      }
    })
  }
})
