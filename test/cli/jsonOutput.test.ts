import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc, Schema } from "effect"
import { outputs } from "../../scripts/jsonOutput.ts"
import { LogLine, logLine } from "../../src/cli/logLine.ts"
import { placeList } from "../../src/cli/placeList.ts"
import { makeUser, type User } from "../support/claudex.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const canary = "sk-canary-0c1d2e3f4a5b6c7d8e9f0a1b"

/** A profile with a key in the file, whose provider nobody serves; the demo stands behind it. */
const configuration = `
model_aliases = { fast = "m-2" }

[[profiles]]
name = "lost"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:9/v1"
api_key = "${canary}"
default_model = "m-1"
backup_providers = ["demo"]
custom_headers = { "X-Secret" = "${canary}" }
`

/** One question, so that there is a request to tell of. */
const ask = async (user: User): Promise<void> => {
  const state = await user.state()
  const token = (await user.run(["proxy", "token"])).stdout.trim()
  const response = await fetch(`http://127.0.0.1:${state?.port}/proxy/lost/v1/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "sonnet", max_tokens: 100, messages: [{ role: "user", content: "hello" }] })
  })
  expect(response.status).toBe(200)
  await response.text()
}

/** What a command needs besides `--json`. */
const operands: { readonly [command: string]: ReadonlyArray<string> } = {
  env: ["lost"],
  "profile show": ["lost"],
  "profile test": ["all"],
  "config get": ["profiles.lost"]
}

describe("a command with --json", () => {
  it(
    "prints what the page of JSON documents says, whatever is there to tell, and no secret",
    { timeout: 240_000 },
    async () => {
      const user = await makeUser(configuration)
      expect((await user.run(["proxy", "start", "-d"])).code).toBe(0)
      await ask(user)
      for (const { command, schema } of outputs) {
        const words = [...command.split(" "), ...(operands[command] ?? []), "--json"]
        const { stdout } = await user.run(words, { env: { FORCE_COLOR: "1" } })
        const documents = command === "logs" ? stdout.trimEnd().split("\n") : [stdout]
        const read = Schema.decodeUnknownEither(Schema.parseJson(schema), { onExcessProperty: "error" })
        expect(documents.length, command).toBeGreaterThan(0)
        for (const document of documents) expect([command, read(document)]).toMatchObject([command, { _tag: "Right" }])
        expect(stdout, command).not.toContain(canary)
      }
    }
  )

  it(
    "prints nothing on stdout where the configuration is not usable, but for those who say why",
    { timeout: 240_000 },
    async () => {
      const user = await makeUser("proxy_prot = 1\n")
      const others = outputs.filter(
        ({ command }) =>
          !["doctor", "config validate", "proxy status", "logs", "explain", "config path"].includes(command)
      )
      for (const { command } of others) {
        const outcome = await user.run([...command.split(" "), ...(operands[command] ?? []), "--json"])
        expect([command, outcome.code, outcome.stdout]).toEqual([command, 2, ""])
        expect(outcome.stderr).toContain('unknown key, did you mean "proxy_port"?')
      }
    }
  )
})

describe("claudex config path", () => {
  it("tells programs and people the same", async () => {
    const user = await makeUser()
    const { stdout } = await user.run(["config", "path", "--json"])
    const found = JSON.parse(stdout)
    const own = `${user.home}/.config/claudex/config.toml`
    expect(found.places.filter(({ used }: { readonly used: boolean }) => used)).toEqual([
      { path: own, used: true, layer: "global" }
    ])
    expect(`${placeList(found).join("\n")}\n`).toBe((await user.run(["config", "path"])).stdout)
  })
})

describe("a line of the log for programs", () => {
  it("has what the line has, each part by its name", () => {
    const line = 'timestamp=2026-11-26T00:12:49.000Z level=INFO fiber=#3 message="GET /health 200" profile=grok'
    expect(logLine(line)).toEqual({
      time: "2026-11-26T00:12:49.000Z",
      level: "info",
      message: "GET /health 200",
      fields: { fiber: "#3", profile: "grok" }
    })
    expect(logLine("    at crash (file.js:1:2)")).toEqual({
      time: null,
      level: null,
      message: "    at crash (file.js:1:2)",
      fields: {}
    })
  })

  it("is a document whatever the line is", async () => {
    await holds(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.string()), (text, fields) => {
        const pairs = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        for (const line of [text, `timestamp=1 message=${JSON.stringify(text)} ${pairs.join(" ")}`]) {
          expect(Schema.is(LogLine)(logLine(line))).toBe(true)
        }
      }),
      { numRuns: runs }
    )
  })
})
