import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { readFile } from "node:fs/promises"
import { describe, expect, it, onTestFinished } from "vitest"
import { base64Cores } from "../../src/protocol/spellings.ts"
import { eventually, makeUser } from "../support/claudex.ts"

/** A `claude` that has one conversation with the gateway and prints the answer. */
const talker = `
  const headers = { authorization: "Bearer " + process.env.ANTHROPIC_AUTH_TOKEN, "content-type": "application/json" }
  const body = JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] })
  fetch(process.env.ANTHROPIC_BASE_URL + "/v1/messages", { method: "POST", headers, body })
    .then((answer) => answer.text()).then(console.log)
`

const listen = async (answer: RequestListener): Promise<number> => {
  const server = createServer(answer)
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => void server.close().closeAllConnections())
  // cast: a listening TCP server has an address of this form
  return (server.address() as AddressInfo).port
}

/** The ways in which a provider repeats what it was sent: status, content type, body. */
const replies: ReadonlyArray<(said: string) => readonly [number, string, string]> = [
  (said) => [401, "application/json", JSON.stringify({ error: { message: said } })],
  (said) => [500, "text/html", `<html><body><p>${said}</p></body></html>`],
  (said) => [200, "application/json", JSON.stringify({ error: { message: said, code: said } })],
  (said) => [200, "text/event-stream", `data: ${JSON.stringify({ error: said })}\n\n`],
  (said) => [400, "text/plain", said]
]

describe("secrets", () => {
  it("are in no output, log, state or process list, whatever the provider repeats", { timeout: 90_000 }, async () => {
    // nothing by which a credential could be told from a word
    const canary = "zq-canary-7f31"
    const asked: Array<string> = []
    const port = await listen((request, response) => {
      const { authorization, "x-team": team } = request.headers
      asked.push(`${authorization} ${team} ${request.url}`)
      const basic = Buffer.from(`user:${authorization?.replace("Bearer ", "")}`).toString("base64")
      const said = `no entry for ${authorization}, ${team}, ${request.url}, ${basic}`
      const [status, type, body] = replies[asked.length % replies.length]?.(said) ?? [500, "text/plain", said]
      response.writeHead(status, { "content-type": type, "x-request-id": String(team) }).end(body)
    })
    const profile = (name: string, key: string) => `
      [[profiles]]
      name = "${name}"
      provider_type = "OpenAICompatible"
      base_url = "http://127.0.0.1:${port}/v1"
      default_model = "grok-4"
      ${key}
      [profiles.custom_headers]
      x-team = "${canary}-header"
      [profiles.query_params]
      key = "${canary}-query"
      [profiles.extra_env]
      SECRET_OF_CHILD = "${canary}-child"
    `
    const user = await makeUser(`
      ${profile("grok", `api_key = "${canary}-file"`)}
      ${profile("lent", 'api_key_env = "LENT_KEY"')}
      ${profile("unset", 'api_key_env = "NOT_THERE"')}
    `)
    const env = { LENT_KEY: `${canary}-lent`, CLAUDEX_LOG_LEVEL: "trace" }
    await user.claude(talker)
    const conversations = []
    for (const name of ["grok", "lent"])
      for (const _ of replies) conversations.push(await user.run(["run", name, "-p", "hi"], { env }))
    const outcomes = [
      ...conversations,
      await user.run(["run", "unset", "-p", "hi"], { env }),
      await user.run(["run", "grk"], { env }),
      await user.run(["run", "grok", "-m"], { env }),
      await user.run(["config", "validate"], { env }),
      await user.run(["config", "path"], { env }),
      await user.run(["proxy", "status"], { env }),
      await user.run(["proxy", "start"], { env }),
      await user.run(["explain"], { env }),
      await user.run(["explain", "--json"], { env }),
      await user.run(["logs", "-n", "1000"], { env }),
      await user.run(["profile", "test", "all", "--json"], { env }),
      await user.run(["doctor", "--json"], { env })
    ]
    const pid = (await user.state())?.pid
    const token = (await user.run(["proxy", "token"])).stdout.trim()
    const listed = await readFile(`/proc/${pid}/cmdline`, "utf8")
    const log = await user.read("home/.local/state/claudex/gateway.log")
    const files = await Promise.all(
      (await user.stateFiles())
        .filter((name) => name !== "token")
        .map((name) => user.read(`home/.local/state/claudex/${name}`))
    )

    // the same gateway in a terminal, with its log on stderr
    await user.run(["proxy", "stop"])
    const foreground = user.start(["proxy", "start"], { env })
    await eventually(() => user.state())
    conversations.push(await user.run(["run", "grok", "-p", "hi"], { env }))
    await user.run(["proxy", "stop"])
    outcomes.push(...conversations.slice(-1), await foreground.ended)

    // a file that cannot be read any more
    await user.write("home/.config/claudex/config.toml", `[[profiles]]\napi_key = "${canary}-file\n`)
    outcomes.push(await user.run(["config", "validate"], { env }), await user.run(["run", "grok"], { env }))

    expect(conversations.map(({ stdout }) => stdout.includes('"error"'))).toEqual(conversations.map(() => true))
    // they were sent, and the log has something to say
    for (const name of ["file", "lent", "header", "query"]) expect(asked.join("\n")).toContain(`${canary}-${name}`)
    expect(log).toContain("/v1/messages")
    for (const text of [...outcomes.map(({ stdout, stderr }) => stdout + stderr), ...files, listed]) {
      expect(text).not.toContain(canary)
      for (const core of base64Cores(canary)) expect(text).not.toContain(core)
      expect(text).not.toContain(token)
    }
  })

  it("of one session's environment reach the gateway that another session started", async () => {
    const seen: Array<string | undefined> = []
    const port = await listen((request, response) => {
      seen.push(request.headers.authorization)
      response.statusCode = 402
      response.end('{"error":{"message":"no more credit"}}')
    })
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
