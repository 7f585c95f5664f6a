import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { readFile } from "node:fs/promises"
import { describe, expect, it, onTestFinished } from "vitest"
import { makeUser } from "../support/claudex.ts"

/** A `claude` that has one conversation with the gateway and prints the answer. */
const talker = `
  const headers = { authorization: "Bearer " + process.env.ANTHROPIC_AUTH_TOKEN, "content-type": "application/json" }
  const body = JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] })
  fetch(process.env.ANTHROPIC_BASE_URL + "/v1/messages", { method: "POST", headers, body })
    .then((answer) => answer.text()).then(console.log)
`

describe("secrets", () => {
  it("are in no output, log, state or process list", async () => {
    const canary = "sk-canary-0123456789"
    const user = await makeUser(`
      [[profiles]]
      name = "grok"
      provider_type = "OpenAICompatible"
      base_url = "http://127.0.0.1:9/v1"
      default_model = "grok-4"
      api_key = "${canary}-file"
      [profiles.custom_headers]
      x-secret = "${canary}-header"

      [[profiles]]
      name = "lent"
      provider_type = "OpenAICompatible"
      base_url = "http://127.0.0.1:9/v1"
      default_model = "m"
      api_key_env = "LENT_KEY"
    `)
    const env = { LENT_KEY: `${canary}-lent`, CLAUDEX_LOG_LEVEL: "trace" }
    await user.claude(talker)
    const outcomes = [
      await user.run(["run", "grok", "-p", "hi"], { env }),
      await user.run(["run", "lent", "-p", "hi"], { env }),
      await user.run(["run", "grk"], { env }),
      await user.run(["run", "grok", "-m"], { env }),
      await user.run(["config", "validate"], { env }),
      await user.run(["config", "path"], { env }),
      await user.run(["proxy", "status"], { env }),
      await user.run(["proxy", "start"], { env })
    ]
    const pid = (await user.state())?.pid
    const token = (await user.run(["proxy", "token"])).stdout.trim()
    const said = outcomes.map(({ stdout, stderr }) => stdout + stderr).join("\n")
    const written = await Promise.all(
      ["gateway.log", "gateway.json"].map((name) => user.read(`home/.local/state/claudex/${name}`))
    )
    const listed = await readFile(`/proc/${pid}/cmdline`, "utf8")
    expect(outcomes[0]?.stdout).toContain("error")
    for (const text of [said, ...written, listed]) {
      expect(text).not.toContain(canary)
      expect(text).not.toContain(token)
    }
  })

  it("of one session's environment reach the gateway that another session started", async () => {
    const seen: Array<string | undefined> = []
    const provider = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.statusCode = 402
      response.end('{"error":{"message":"no more credit"}}')
    })
    await new Promise<void>((done) => provider.listen(0, "127.0.0.1", done))
    onTestFinished(() => void provider.close().closeAllConnections())
    // cast: a listening TCP server has an address of this form
    const { port } = provider.address() as AddressInfo
    const user = await makeUser(`
      [[profiles]]
      name = "lent"
      provider_type = "OpenAICompatible"
      base_url = "http://127.0.0.1:${port}/v1"
      default_model = "m"
      api_key_env = "LENT_KEY"
    `)
    await user.claude(talker)
    expect((await user.run(["run", "demo", "-p", "hi"])).code).toBe(0)
    const outcome = await user.run(["run", "lent", "-p", "hi"], { env: { LENT_KEY: "key-of-this-session" } })
    // the provider's own refusal: the request went all the way
    expect(outcome).toMatchObject({ code: 0, stderr: "" })
    expect(outcome.stdout).toContain("no more credit")
    expect(seen).toEqual(["Bearer key-of-this-session"])
  })
})
