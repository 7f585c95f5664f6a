import { readFileSync } from "node:fs"
import { readdir, stat, symlink } from "node:fs/promises"
import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc, Redacted, Schema } from "effect"
import { parse } from "smol-toml"
import { exportOf, exportText, type ExportFormat } from "../../src/cli/configExport.ts"
import { assemble, type ReadFile } from "../../src/config/assemble.ts"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import { readDocument } from "../../src/config/document.ts"
import type { EnvironmentRecord } from "../../src/config/Environment.ts"
import type { LoadedConfig } from "../../src/config/LoadedConfig.ts"
import { documentText, type TomlTable } from "../../src/config/tomlText.ts"
import { readYaml } from "../../src/config/yamlDocument.ts"
import { environment, plain, validConfigs } from "../config/configs.ts"
import { makeUser, type User } from "../support/claudex.ts"
import { key, openTerminal } from "../support/terminal.ts"
import { settingsView } from "../../src/cli/settingsView.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

/** A configuration is large: made, written, read and compared, it takes as long as a hundred of other things. */
const tries = Math.ceil(runs / 8)

/** What every configuration may say: a secret that is part of a word of it has nothing to hide. */
const ownWords = readFileSync(new URL("../../config.schema.json", import.meta.url), "utf8")

const assembled = (content: ReadFile["content"], variables: EnvironmentRecord): LoadedConfig =>
  Either.getOrThrowWith(
    assemble([{ layer: "global", path: "/f", content }], variables, []),
    (faults) => new Error(faults.map(({ message, path }) => `${path}: ${message}`).join("\n"))
  )

const readers = { toml: readDocument, json: readYaml } as const

/** What a file with this text comes to, where no variable is set. */
const readBack = (text: string, format: ExportFormat): LoadedConfig =>
  assembled(readers[format](text, "global", "/f"), {})

const meaning = ({ settings }: LoadedConfig): unknown => plain(Schema.encodeSync(ConfigFile)(settings))

/** The values that differ, of two that have the same form. */
const differences = (one: unknown, other: unknown): ReadonlyArray<readonly [unknown, unknown]> =>
  typeof one === "object" && one !== null && typeof other === "object" && other !== null
    ? Object.entries(one).flatMap(([name, inner]) =>
        differences(inner, Object.entries(other).find(([same]) => same === name)?.[1])
      )
    : Object.is(one, other)
      ? []
      : [[one, other]]

/** The keys and headers of 8 characters or more that stand in a configuration itself. */
const secretsOf = ({ settings }: LoadedConfig): ReadonlyArray<string> =>
  settings.profiles
    .flatMap(({ apiKey, customHeaders }) => [
      ...(apiKey === undefined ? [] : [apiKey]),
      ...Object.values(customHeaders)
    ])
    .map((secret) => String(Redacted.value(secret)))
    .filter((secret) => secret.length >= 8 && secret.trim() === secret && !secret.includes("${"))

const loadedFrom = (config: TomlTable): LoadedConfig =>
  assembled(readDocument(documentText(config), "global", "/f"), environment)

const formats = ["json", "toml"] as const

describe("the configuration that is exported", () => {
  it("comes to the same when it is read back, in either format", () =>
    holds(
      fc.property(validConfigs, fc.constantFrom(...formats), (config, format) => {
        const loaded = loadedFrom(config)
        const { document, masked } = exportOf(loaded, "clear")
        expect(masked).toEqual([])
        expect(meaning(readBack(exportText(document, format), format))).toEqual(meaning(loaded))
      }),
      { numRuns: tries }
    ))

  it("comes to the same save for what is masked, and has no secret of 8 or more characters", () =>
    holds(
      fc.property(validConfigs, fc.constantFrom(...formats), (config, format) => {
        const loaded = loadedFrom(config)
        const { document, masked } = exportOf(loaded, "masked")
        const text = exportText(document, format)
        const again = readBack(text, format)
        expect(settingsView(again.settings)).toEqual(settingsView(loaded.settings))
        // references are as they were
        const hidden = differences(exportOf(loaded, "clear").document, document)
        expect(hidden.length).toBe(masked.length)
        for (const [before, now] of hidden) {
          expect(now).toContain("[masked]")
          expect(before).not.toMatch(/^(Bearer )?\$\{HERE\}$/)
        }
        const told = secretsOf(loaded).filter((secret) => text.includes(JSON.stringify(secret).slice(1, -1)))
        expect(told.filter((secret) => !ownWords.includes(secret))).toEqual([])
      }),
      { numRuns: tries }
    ))

  it("is a TOML document that says what it was made from, whatever it holds", () =>
    holds(
      fc.property(validConfigs, (config) => {
        expect(plain(parse(documentText(config)))).toEqual(plain(config))
      }),
      { numRuns: tries }
    ))

  it("has a number without end, and no character that could move a cursor", () => {
    const loaded = loadedFrom({ timeouts: { idle_seconds: Infinity }, model_aliases: { "a\u009b": "b\u007f\u0085" } })
    for (const format of formats) {
      const text = exportText(exportOf(loaded, "masked").document, format)
      expect(text).not.toMatch(/[\u007f-\u009f]/)
      expect(meaning(readBack(text, format))).toEqual(meaning(loaded))
    }
  })

  it("leaves out what is built in, unless something was written over it", () => {
    const none = exportOf(loadedFrom({}), "masked").document
    expect(none["profiles"]).toEqual([])
    const { document } = exportOf(loadedFrom({ profiles: [{ name: "demo", priority: 7 }] }), "masked")
    expect(document["profiles"]).toMatchObject([{ name: "demo", priority: 7 }])
    expect(JSON.stringify(document)).not.toContain("base_url")
  })
})

const config = `proxy_port = 0
default_profile = "grok"

[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://user:canary-a@api.x.ai/v1"
api_key = "canary-b-0123456789"
default_model = "\${MODEL}"
custom_headers = { "x-team" = "canary-c", "authorization" = "Bearer \${TOKEN}" }

[[profiles]]
name = "kimi"
base_url = "https://api.moonshot.ai/anthropic"
api_key_env = "KIMI_API_KEY"
default_model = "kimi-k2"
`

const own = "home/.config/claudex/config.toml"

describe("claudex config export", () => {
  it("prints JSON, or TOML, that is a configuration, without secrets and with what names them", async () => {
    const user = await makeUser(config)
    const [json, toml] = await Promise.all([
      user.run(["config", "export"]),
      user.run(["config", "export", "--format", "toml"])
    ])
    for (const { code, stderr, stdout } of [json, toml]) {
      expect(code).toBe(0)
      expect(stderr).toBe(
        "claudex: Masked, and to be written in before it is used as a configuration: profiles.grok.base_url, profiles.grok.api_key, profiles.grok.custom_headers.x-team\n"
      )
      expect(stdout).not.toContain("canary")
    }
    expect(parse(toml.stdout)).toEqual(JSON.parse(json.stdout))
    expect(JSON.parse(json.stdout)).toMatchObject({
      proxy_port: 0,
      log_level: "info",
      profiles: [
        {
          name: "grok",
          api_key: "[masked]",
          default_model: "${MODEL}",
          custom_headers: { authorization: "Bearer ${TOKEN}" }
        },
        { name: "kimi", api_key_env: "KIMI_API_KEY" }
      ]
    })
    const file = await user.write("again.toml", toml.stdout)
    const yaml = await user.write("again.yaml", json.stdout)
    await user.write(own, "")
    for (const one of [file, yaml]) {
      const again = await user.run(["config", "export", "--config", one])
      expect([again.code, again.stdout]).toEqual([0, json.stdout])
    }
  })

  it("writes a file that only its owner can read, in the format of its name, and over none without --force", async () => {
    const user = await makeUser(config)
    const out = (...words: ReadonlyArray<string>) => user.run(["config", "export", "-o", "out.toml", ...words])
    expect(await out()).toMatchObject({ code: 0, stdout: `${user.work}/out.toml holds the configuration.\n` })
    const text = await user.read("work/out.toml")
    expect(parse(text)).toMatchObject({ default_profile: "grok" })
    expect((await stat(`${user.work}/out.toml`)).mode & 0o777).toBe(0o600)
    await user.write("work/out.toml", "# mine\n")
    expect(await out()).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: `claudex: ${user.work}/out.toml is there already. Nothing was written.\nNext: claudex config export -o out.toml --force\n`
    })
    expect(await user.read("work/out.toml")).toBe("# mine\n")
    expect(await out("--force", "--format", "json")).toMatchObject({ code: 0 })
    expect(JSON.parse(await user.read("work/out.toml"))).toMatchObject({ default_profile: "grok" })
    expect(await readdir(user.work)).toEqual(["out.toml"])
  })

  it("spares the files of the configuration, whose secrets it masks, and what is no file", async () => {
    const user = await makeUser(config)
    const forced = (file: string) => user.run(["config", "export", "--force", "-o", file])
    await symlink(`${user.root}/${own}`, `${user.work}/link.toml`)
    for (const [file, why] of [
      [`${user.root}/${own}`, "is a part of this configuration, and would lose its secrets."],
      ["link.toml", "is a part of this configuration, and would lose its secrets."],
      [".", "is no file."],
      ["/dev/null", "is no file."]
    ] as const) {
      const { code, stderr, stdout } = await forced(file)
      expect([code, stdout]).toEqual([1, ""])
      expect(stderr).toContain(`${why} Nothing was written.\n`)
    }
    expect(await user.read(own)).toBe(config)
  })

  it("prints nothing of a configuration with faults", async () => {
    const user = await makeUser("proxy_prot = 1\n")
    expect(await user.run(["config", "export"])).toMatchObject({ code: 2, stdout: "" })
  })

  it("has no secrets in clear where nobody can be asked, and writes nothing then", async () => {
    const user = await makeUser(config)
    for (const more of [[], ["-o", "out.json"]]) {
      const { code, stderr, stdout } = await user.run(["config", "export", "--reveal", ...more])
      expect([code, stdout]).toEqual([2, ""])
      expect(stderr).toContain(`Next: ${["claudex config export", ...more].join(" ")}\n`)
    }
    expect(await readdir(user.work)).toEqual([])
  })

  const open = async (user: User, ...more: ReadonlyArray<string>) => {
    const terminal = openTerminal(user, ["config", "export", "--reveal", ...more], { columns: 120, rows: 300 })
    await terminal.until("in clear")
    expect(terminal.screen().join("\n")).not.toContain("canary")
    return terminal
  }

  it("has them for somebody at a terminal who says yes, on the screen or in a file", async () => {
    const user = await makeUser(config)
    const shown = await open(user)
    shown.type("y\r")
    await shown.until("canary-b-0123456789")
    expect(await shown.ended()).toMatchObject({ code: 0, asBefore: true })
    const written = await open(user, "-o", "all.toml")
    written.type("y\r")
    await written.until("holds the configuration.")
    expect(await written.ended()).toMatchObject({ code: 0, asBefore: true })
    const text = await user.read("work/all.toml")
    for (const secret of ["canary-a", "canary-b-0123456789", "canary-c"]) expect(text).toContain(secret)
    expect(written.screen().join("\n")).not.toContain("canary")
  })

  it("masks them for who says no", async () => {
    const user = await makeUser(config)
    for (const no of ["n\r", key.enter]) {
      const terminal = await open(user)
      terminal.type(no)
      await terminal.until("Masked, and to be written in")
      expect(await terminal.ended()).toMatchObject({ code: 0, asBefore: true })
      expect(terminal.screen().join("\n")).not.toContain("canary")
    }
  })

  it("writes and shows nothing at Ctrl-C, and ends with 130", async () => {
    const user = await makeUser(config)
    for (const more of [[], ["-o", "all.toml"]]) {
      const terminal = await open(user, ...more)
      terminal.type(key.ctrlC)
      expect(await terminal.ended()).toEqual({ code: 130, asBefore: true, cursorShown: true })
      expect(terminal.screen()).toHaveLength(1)
    }
    expect(await readdir(user.work)).toEqual([])
  })
})
