import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { Schema } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { Validation } from "../../src/cli/validation.ts"
import { makeUser, type Outcome } from "../support/claudex.ts"

const provider = async (listener: RequestListener): Promise<number> => {
  const server = createServer((request, response) => listener(request, response.setHeader("connection", "close")))
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close())
  // cast: a listening TCP server has an address of this form
  return (server.address() as AddressInfo).port
}

const profile = (name: string, port: number, more = "") => `
[[profiles]]
name = "${name}"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:${port}/v1"
default_model = "m"
${more}
`

const found = ({ stdout }: Outcome): Validation => Schema.decodeUnknownSync(Schema.parseJson(Validation))(stdout)

const models: RequestListener = (_, response) => response.end('{"data":[{"id":"m"}]}')

describe("claudex config validate --connectivity", () => {
  it("asks all enabled profiles at once, says how each does and what to do, and ends with 1 when one fails", async () => {
    const waiting: Array<() => void> = []
    // both answer only when both were asked
    const together = await provider((request, response) => {
      waiting.push(() => models(request, response))
      if (waiting.length === 2) for (const release of waiting) release()
    })
    const strict = await provider((_, response) => response.writeHead(401).end())
    const listless = await provider((_, response) => response.writeHead(404).end())
    const user = await makeUser(
      [
        profile("one", together),
        profile("two", together),
        profile("strict", strict, 'api_key = "canary-0123456789"'),
        profile("listless", listless),
        profile("off", strict, "enabled = false")
      ].join("")
    )
    const outcome = await user.run(["config", "validate", "--connectivity"])
    expect([outcome.code, outcome.stderr]).toEqual([1, ""])
    const [first, ...lines] = outcome.stdout.split("\n")
    expect(first).toBe("The configuration is valid.")
    expect(lines.filter((line) => /^(ok|warn|fail)/.test(line)).map((line) => line.split(/\s+/).slice(0, 2))).toEqual([
      ["ok", "demo"],
      ["ok", "one"],
      ["ok", "two"],
      ["fail", "strict"],
      ["warn", "listless"]
    ])
    expect(outcome.stdout).toContain("Remedy: Put a valid key where the profile says it is.\n")
    expect(outcome.stdout).toContain("\n1 of 5 profiles failed.\n")
    expect(outcome.stdout.split("\n").filter((line) => line.length > 80 && !line.startsWith("  files:"))).toEqual([])
    waiting.length = 0
    const json = await user.run(["config", "validate", "--connectivity", "--json"])
    expect([json.code, json.stderr]).toEqual([1, ""])
    const { faults, files, ok, tests = [] } = found(json)
    expect([ok, faults]).toEqual([false, []])
    expect(files).toEqual([{ layer: "global", path: `${user.home}/.config/claudex/config.toml` }])
    expect(tests.map(({ profile: name, status }) => `${status} ${name}`)).toEqual([
      "ok demo",
      "ok one",
      "ok two",
      "fail strict",
      "warn listless"
    ])
    expect(outcome.stdout + json.stdout).not.toContain("canary")
  })

  it("ends with 0 where none fails", async () => {
    const user = await makeUser(profile("one", await provider(models)))
    const { code, stdout } = await user.run(["config", "validate", "--connectivity"])
    expect([code, stdout.trimEnd().split("\n").at(-1)]).toEqual([0, "None failed."])
  })

  it("asks nobody where the files have faults, and ends with 2", async () => {
    let asked = 0
    const port = await provider((request, response) => {
      asked += 1
      models(request, response)
    })
    const user = await makeUser(profile("one", port, "priority = 'high'"))
    expect(await user.run(["config", "validate", "--connectivity"])).toMatchObject({ code: 2, stdout: "" })
    expect(asked).toBe(0)
  })
})

describe("claudex config validate --json", () => {
  it("has all faults with their places in one document, and ends with 2", async () => {
    const user = await makeUser()
    const file = await user.write("work/claudex.toml", 'proxy_prot = 1\nlog_level = "loud"\n')
    const outcome = await user.run(["config", "validate", "--json"], { env: { CLAUDEX_PROXY_PORT: "far" } })
    expect([outcome.code, outcome.stderr]).toEqual([2, ""])
    expect(found(outcome)).toMatchObject({
      ok: false,
      faults: [
        { source: file, line: 1, path: "proxy_prot" },
        { source: file, line: 2, path: "log_level" },
        { source: "CLAUDEX_PROXY_PORT", path: "proxy_port" }
      ],
      files: [],
      profiles: []
    })
  })

  it("has the files and profiles where nothing is wrong, and asks nobody", async () => {
    const user = await makeUser(profile("lost", 9, "enabled = false"))
    const outcome = await user.run(["config", "validate", "--json"])
    expect([outcome.code, outcome.stderr]).toEqual([0, ""])
    expect(found(outcome)).toEqual({
      ok: true,
      faults: [],
      files: [{ layer: "global", path: `${user.home}/.config/claudex/config.toml` }],
      profiles: [
        { name: "demo", enabled: true },
        { name: "lost", enabled: false }
      ]
    })
  })
})
