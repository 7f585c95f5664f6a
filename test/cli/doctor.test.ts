import { chmod } from "node:fs/promises"
import { createServer as createHttp, type RequestListener } from "node:http"
import { type AddressInfo, createServer, type Server } from "node:net"
import { join } from "node:path"
import { Schema } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { type Check, Diagnosis } from "../../src/cli/doctor/check.ts"
import { version } from "../../src/domain/version.ts"
import { builtAs } from "../support/build.ts"
import { makeUser, type Outcome, type User } from "../support/claudex.ts"

const claude = "#!/bin/sh\necho '9.8.7 (Claude Code)'\n"

const withClaude = async (config = ""): Promise<User> => {
  const user = await makeUser(config)
  await user.claude(claude)
  return user
}

const portOf = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close())
  // cast: a listening TCP server has an address of this form
  return (server.address() as AddressInfo).port
}

const provider = (answer: RequestListener): Promise<number> =>
  portOf(createHttp((request, response) => answer(request, response.setHeader("connection", "close"))))

const profile = (name: string, port: number, more = "") => `
[[profiles]]
name = "${name}"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:${port}/v1"
default_model = "m"
${more}
`

/** What a run with `--json` found. */
const found = ({ stdout }: Outcome): Diagnosis => Schema.decodeUnknownSync(Schema.parseJson(Diagnosis))(stdout)

const checksOf = (outcome: Outcome, check: Check["check"]): ReadonlyArray<Check> =>
  found(outcome).checks.filter((one) => one.check === check)

describe("claudex doctor", () => {
  it("finds nothing wrong where there is no configuration yet, and leaves no files", async () => {
    const user = await withClaude()
    const nowhere = { XDG_CONFIG_HOME: join(user.root, "nowhere"), CLAUDEX_PROXY_PORT: "0", FORCE_COLOR: "1" }
    const { code, stderr, stdout } = await user.run(["doctor"], { env: nowhere })
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toContain(`ok    node      ${process.versions.node}\n`)
    expect(stdout).toContain("ok    claude    9.8.7 (Claude Code), ")
    expect(stdout).toContain("ok    config    CLAUDEX_PROXY_PORT\n")
    expect(stdout).toContain("ok    gateway   does not run;")
    expect(stdout).toMatch(/^warn {2}profile {3}none that is yours is enabled\n {16}Remedy: /m)
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("1 warning, nothing failed.")
    expect(stdout).not.toContain("\u001b")
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([])
    expect(await user.stateFiles()).toEqual([])
  })

  it("says how to get Claude Code, and does everything else all the same", async () => {
    const user = await makeUser()
    const { code, stderr, stdout } = await user.run(["doctor"])
    expect([code, stderr]).toEqual([1, ""])
    expect(stdout).toMatch(/^fail {2}claude {4}Claude Code was not found:/m)
    expect(stdout).toContain("                Remedy: npm install -g @anthropic-ai/claude-code\n")
    expect(stdout).toMatch(/^ok {4}provider {2}demo: /m)
    expect(stdout).toContain("1 check failed, 1 warning.")
  })

  it("tells of a claude that does not run", async () => {
    const user = await makeUser()
    await user.claude("#!/bin/sh\necho 'no such library' >&2\nexit 3\n")
    const [check] = checksOf(await user.run(["doctor", "--json"]), "claude")
    expect(check).toMatchObject({ status: "fail", message: expect.stringContaining("no such library") })
  })

  it("warns of a file that others can read while a key stands in it, with the command that mends it", async () => {
    const user = await withClaude()
    const shared = `${profile("one", 9, 'api_key = "sk-canary-1"')}${profile("two", 9, 'api_key = "${A_KEY}"')}`
    const file = await user.write("home/.config/claudex/config.toml", shared, 0o644)
    const openFile = async () =>
      checksOf(await user.run(["doctor", "--json"]), "key").filter(({ status }) => status === "warn")
    // others come no further than the user's own folder
    expect(await openFile()).toEqual([])
    await chmod(user.root, 0o755)
    expect(await openFile()).toEqual([
      {
        check: "key",
        status: "warn",
        message: `${file} holds the key of one in clear, and others can read it (mode 0644)`,
        remedy: `chmod 600 ${file}`
      }
    ])
    await chmod(file, 0o600)
    expect(await openFile()).toEqual([])
    await user.write("home/.config/claudex/config.toml", profile("two", 9, 'api_key = "${A_KEY}"'), 0o644)
    expect(await openFile()).toEqual([])
  })

  it("names file, line and key of each fault of the configuration, and looks at the rest", async () => {
    const user = await withClaude('proxy_prot = 1\nlog_level = "loud"\n')
    const outcome = await user.run(["doctor", "--json"])
    expect(outcome).toMatchObject({ code: 1, stderr: "" })
    const file = join(user.home, ".config/claudex/config.toml")
    const faults = checksOf(outcome, "config")
    expect(faults.map(({ status }) => status)).toEqual(["fail", "fail"])
    expect(faults[0]?.message).toMatch(new RegExp(`^${file}:2: proxy_prot: .*proxy_port`))
    expect(faults[1]?.message).toMatch(new RegExp(`^${file}:3: log_level: `))
    expect(checksOf(outcome, "claude")).toMatchObject([{ status: "ok" }])
    expect(checksOf(outcome, "gateway")).toMatchObject([{ status: "ok" }])
    expect(checksOf(outcome, "profile")).toMatchObject([{ status: "warn" }])
  })

  it("asks for consent to a project's file", async () => {
    const user = await withClaude()
    await user.write("work/claudex.toml", 'claude_binary = "./claude"\n')
    const [check] = checksOf(await user.run(["doctor", "--json"]), "config")
    expect(check).toMatchObject({ status: "fail", remedy: "claudex config trust" })
  })

  it("recognises the gateway that runs, its version, its port and whether it knows our token", async () => {
    const taken = await portOf(createServer())
    const user = await withClaude()
    const program = await builtAs("99.0.0", join(user.root, "other"))
    expect((await user.run(["proxy", "start", "-d"])).code).toBe(0)
    const state = await user.state()
    const own = { CLAUDEX_PROXY_PORT: String(state?.port) }
    const same = await user.run(["doctor", "--json"], { env: own })
    expect(same.code).toBe(0)
    expect(checksOf(same, "gateway")).toEqual([
      {
        check: "gateway",
        status: "ok",
        message: `http://127.0.0.1:${state?.port}, process ${state?.pid}, claudex ${version}`
      }
    ])
    expect(checksOf(same, "port")).toMatchObject([{ status: "ok", message: expect.stringContaining("the gateway's") }])
    const stranger = await user.run(["doctor", "--json"], {
      env: { CLAUDEX_PROXY_PORT: String(taken), CLAUDEX_PROXY_TOKEN: "another-token-0123456789" }
    })
    expect(stranger.code).toBe(1)
    expect(checksOf(stranger, "gateway")).toMatchObject([{ status: "fail" }])
    expect(checksOf(stranger, "port")).toMatchObject([{ status: "warn" }])
    const other = await user.run(["doctor", "--json"], { program })
    expect(checksOf(other, "gateway")).toMatchObject([{ status: "fail", remedy: "claudex proxy stop" }])
  })

  it("warns of a port that a stranger has taken", async () => {
    const port = await portOf(createServer())
    const user = await withClaude(`proxy_port = ${port}`)
    const { code, stdout } = await user.run(["doctor"])
    expect(code).toBe(0)
    expect(stdout).toContain(`warn  port      ${port} on 127.0.0.1 is used by another program;`)
  })

  it("tells which providers answer, which do not, and why", async () => {
    const fine = await provider((_, response) => response.end("{}"))
    const strict = await provider((_, response) => response.writeHead(401).end())
    const key = 'api_key_env = "GROK_KEY"'
    const user = await withClaude(
      [
        profile("fine", fine),
        profile("strict", strict, key),
        profile("lost", 9),
        profile("unset", fine, 'api_key_env = "NOT_THERE"'),
        profile("off", 9, "enabled = false")
      ].join("")
    )
    const outcome = await user.run(["doctor", "--json"], { env: { GROK_KEY: "k" } })
    expect(outcome).toMatchObject({ code: 1, stderr: "" })
    expect(checksOf(outcome, "provider").map((one) => [one.profile, one.status])).toEqual([
      ["demo", "ok"],
      ["fine", "ok"],
      ["strict", "fail"],
      ["lost", "fail"],
      ["unset", "warn"]
    ])
    expect(checksOf(outcome, "provider")[3]).toMatchObject({
      message: "could not connect (127.0.0.1:9: ECONNREFUSED)"
    })
    expect(checksOf(outcome, "key").map((one) => [one.profile, one.status])).toEqual([
      ["fine", "ok"],
      ["strict", "ok"],
      ["lost", "ok"],
      ["unset", "fail"]
    ])
    expect(checksOf(outcome, "clock")).toMatchObject([{ status: "ok" }])
  })

  it("warns of a clock that no provider agrees with", async () => {
    const later = await provider((_, response) =>
      response.setHeader("date", new Date(Date.now() + 10_830_000).toUTCString()).end("{}")
    )
    const user = await withClaude(profile("later", later))
    expect((await user.run(["doctor"])).stdout).toMatch(
      /^warn {2}clock {5}3 hours( \d+ seconds)? behind that of the provider of later$/m
    )
  })

  it("has Claude Code ask the demo where that is wanted, and knows what the demo says", async () => {
    const user = await makeUser()
    // the only thing a real one needs to be: a client of the gateway
    await user.claude(`
      const { ANTHROPIC_AUTH_TOKEN: token, ANTHROPIC_BASE_URL: url } = process.env
      const headers = { authorization: "Bearer " + token, "content-type": "application/json" }
      const messages = [{ role: "user", content: process.argv[2] }]
      const body = JSON.stringify({ model: "m", max_tokens: 999, messages })
      if (process.argv[2] === "--version") console.log("9.8.7")
      else
        fetch(url + "/v1/messages", { method: "POST", headers, body })
          .then((answer) => answer.json())
          .then(({ content }) => console.log(content.find(({ type }) => type === "text").text))
    `)
    const right = await user.run(["doctor", "--loopback", "--json"])
    expect(checksOf(right, "loopback")).toMatchObject([{ status: "ok" }])
    await user.claude(claude)
    const wrong = await user.run(["doctor", "--loopback"])
    expect(wrong).toMatchObject({ code: 1, stderr: "" })
    expect(wrong.stdout).toContain("Claude Code said what is not the demo's: 9.8.7 (Claude Code)\n")
  })

  it("shows no secret, wherever it is written, whatever the provider repeats", async () => {
    const canary = "zq-canary-7f31"
    const port = await provider(({ headers, url }, response) =>
      response.writeHead(500, { "x-said": String(headers["x-team"]) }).end(`${headers.authorization} ${url}`)
    )
    const more = `
      [profiles.custom_headers]
      x-team = "${canary}-header"
      [profiles.query_params]
      key = "${canary}-query"
    `
    const user = await withClaude(
      profile("written", port, `api_key = "${canary}-file"\n${more}`) +
        profile("named", port, `api_key_env = "GROK_KEY"\n${more}`) +
        profile("unreachable", 9, `api_key = "${canary}-file"\n${more}`) +
        profile("broken", port, `api_key = "${canary}\\n-file"`)
    )
    const env = {
      GROK_KEY: `${canary}-env`,
      HTTP_PROXY: `http://${canary}:${canary}@127.0.0.1:9`,
      HTTPS_PROXY: `${canary}:${canary}@127.0.0.1:9`,
      CLAUDEX_PROXY_TOKEN: `${canary}-token-0123456789`
    }
    for (const line of [["doctor"], ["doctor", "--json"]]) {
      const { code, stderr, stdout } = await user.run(line, { env })
      expect([code, stderr]).toEqual([1, ""])
      expect(stdout).not.toContain(canary)
      expect(stdout).toContain("[masked]")
    }
  })
})
