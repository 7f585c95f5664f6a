import { FastCheck as fc } from "effect"
import { parse, stringify } from "smol-toml"
import { describe, expect, it } from "vitest"
import { parse as parseYaml, stringify as stringifyYaml } from "yaml"
import { maskFile } from "../../src/cli/raw/mask.ts"
import { secretsInToml } from "../../src/cli/raw/toml.ts"
import { secretsInYaml } from "../../src/cli/raw/yaml.ts"
import { makeUser } from "../support/claudex.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"
import { key, openTerminal } from "../support/terminal.ts"

const secret = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== "")

/** A configuration with secrets wherever they may stand, and what is shown of it. */
const configurations = fc
  .tuple(fc.array(secret, { minLength: 4, maxLength: 4 }), fc.boolean())
  .map(([[api = "", header = "", child = "", query = ""], isNested]) => {
    const config = (...[one, two, three, four]: ReadonlyArray<string>) => ({
      proxy_port: 4000,
      profiles: [
        {
          name: "grok",
          base_url: "https://api.x.ai/v1",
          api_key: one,
          default_model: "m",
          custom_headers: { "X-Team": two, Authorization: "Bearer ${TOKEN}" },
          extra_env: isNested ? { A: three, B: "" } : {},
          query_params: { key: four, region: "eu" }
        }
      ]
    })
    return {
      config: config(api, header, child, query),
      shown: config("[masked]", "[masked]", "[masked]", "[masked]")
    }
  })

/** The same values, in spellings of people. */
const spelled = (text: string, turn: number): string =>
  [text, text.replaceAll("\n", "\r\n"), text.replace(/^(\w+) = /gm, "  $1=")][turn % 3] ?? text

describe("a file that is shown as it is", () => {
  it("has no value where a secret stands, and all other values, in TOML", () =>
    holds(
      fc.property(configurations, fc.nat(2), ({ config, shown }, turn) => {
        const text = spelled(stringify(config), turn)
        expect(parse(maskFile(text, secretsInToml(text), []))).toEqual(shown)
      }),
      { numRuns: runs }
    ))

  it("has none in YAML either", () =>
    holds(
      fc.property(
        configurations,
        fc.record({
          collectionStyle: fc.constantFrom("any" as const, "flow" as const),
          defaultStringType: fc.constantFrom("PLAIN" as const, "QUOTE_DOUBLE" as const, "BLOCK_LITERAL" as const),
          lineWidth: fc.constantFrom(0, 20)
        }),
        ({ config, shown }, style) => {
          const text = stringifyYaml(config, style)
          expect(parseYaml(maskFile(text, secretsInYaml(text), []))).toEqual(shown)
        }
      ),
      { numRuns: runs }
    ))

  it("masks every spelling in place, and keeps comments, names of variables and references", () => {
    const text = `# api_key = "old-secret-1"
proxy_port = 4000 # the port
profiles = [{ name = "a", api_key = """two
lines""", custom_headers = { x = 'y' } }, { name = "b", api_key_env = "B_KEY" }]
# api_key = "\${B_KEY}" and api_key_env = "B_KEY", never planted-elsewhere
`
    expect(maskFile(text, secretsInToml(text), ["planted-elsewhere"])).toBe(`# api_key = "[masked]"
proxy_port = 4000 # the port
profiles = [{ name = "a", api_key = "[masked]", custom_headers = { x = "[masked]" } }, { name = "b", api_key_env = "B_KEY" }]
# api_key = "\${B_KEY}" and api_key_env = "B_KEY", never [masked]
`)
  })

  it("keeps what config init writes as it is", async () => {
    const user = await makeUser()
    await user.run(["config", "init"])
    const text = await user.read("work/claudex.toml")
    expect(maskFile(text, secretsInToml(text), [])).toBe(text)
  })
})

const config = `# mine
proxy_port = 4000  # the port

[[profiles]]
name = "grok"
base_url = "https://api.x.ai/v1"
api_key = "canary-in-the-file" # canary-in-the-file
default_model = "grok-4"
`

const masked = config.replaceAll('"canary-in-the-file" # canary-in-the-file', '"[masked]" # [masked]')

describe("claudex config show --raw", () => {
  it("prints one file as it is, but for its secrets, and several behind their names", async () => {
    const user = await makeUser(config)
    for (const words of [
      ["config", "show", "--raw"],
      ["config", "--raw"]
    ]) {
      expect(await user.run(words)).toEqual({ code: 0, signal: null, stdout: masked, stderr: "" })
    }
    const file = await user.write("work/claudex.yaml", "# ours\r\nlog_level: warn\r\n")
    expect(await user.run(["config", "show", "--raw"])).toMatchObject({
      code: 0,
      stdout: `# ${user.home}/.config/claudex/config.toml\n${masked}\n# ${file}\n# ours\nlog_level: warn\n`,
      stderr: ""
    })
  })

  it("says so where there is no file, and refuses two forms at once", async () => {
    const user = await makeUser()
    const env = { XDG_CONFIG_HOME: user.work }
    expect(await user.run(["config", "show", "--raw"], { env })).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "claudex: There is no configuration file yet; everything has its default.\n"
    })
    expect(await user.run(["config", "show", "--raw", "--json"])).toMatchObject({ code: 2, stdout: "" })
  })
})

describe("claudex config show and get with --reveal", () => {
  it("are refused where nobody can be asked, with the command that masks", async () => {
    const user = await makeUser(config)
    for (const words of ["show", "show --json", "show --raw", "get profiles.grok.api_key"]) {
      const { code, stderr, stdout } = await user.run(["config", ...words.split(" "), "--reveal"])
      expect([code, stdout]).toEqual([2, ""])
      expect(stderr).toContain(`Next: claudex config ${words}\n`)
    }
  })

  it("show secrets to somebody at a terminal who says yes, and to nobody else", async () => {
    const user = await makeUser(config)
    for (const words of ["show", "show --json", "show --raw", "get profiles.grok.api_key"]) {
      for (const [answer, last] of [
        ["y\r", "canary-in-the-file"],
        [key.enter, "[masked]"],
        [key.ctrlC, "in clear, on this screen? [y/N]"]
      ] as const) {
        const terminal = openTerminal(user, ["config", ...words.split(" "), "--reveal"], { rows: 200 })
        await terminal.until("in clear, on this screen? [y/N]")
        terminal.type(answer)
        await terminal.until(last)
        const code = answer === key.ctrlC ? 130 : 0
        expect(await terminal.ended()).toMatchObject({ code, asBefore: true })
        expect(terminal.screen().join("\n").includes("canary")).toBe(last.includes("canary"))
      }
    }
  })
})

describe("claudex config get", () => {
  it("finds a member of a list by its place, and a profile by either", async () => {
    const user = await makeUser(`${config}[context.rag]\nindex_paths = ["src", "docs"]\n`)
    const get = async (path: string) => (await user.run(["config", "get", path])).stdout
    expect(await get("context.rag.index_paths.1")).toBe("docs\n")
    expect(await get("profiles.1.name")).toBe("grok\n")
    expect(await user.run(["config", "get", "context.rag.index_paths.2"])).toMatchObject({ code: 1, stdout: "" })
  })
})
