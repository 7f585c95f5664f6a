import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import { Context, Effect, Either, Layer } from "effect"
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { collect } from "../../src/upstream/collect.ts"
import * as Network from "../../src/upstream/undici.node.ts"
import { UpstreamHttp } from "../../src/upstream/UpstreamHttp.ts"
import { certificateFor } from "../support/certificate.ts"
import { makeUser } from "../support/claudex.ts"

const listening = async (server: Net.Server): Promise<number> => {
  const sockets = new Set<Net.Socket>()
  server.on("connection", (socket: Net.Socket) => sockets.add(socket))
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => server.close(done))
  })
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

interface Tunnel {
  readonly to: string | undefined
  readonly headers: Http.IncomingHttpHeaders
}

/** A proxy that answers each wish for a tunnel as told, and notes what it was asked. */
const makeProxy = async (answer: (socket: Net.Socket) => void) => {
  const asked: Array<Tunnel> = []
  const server = Http.createServer((_, response) => response.writeHead(500).end())
  server.on("connect", ({ headers, url }: Http.IncomingMessage, socket: Net.Socket) => {
    asked.push({ to: url, headers })
    socket.on("error", () => {})
    answer(socket)
  })
  return { asked, host: `127.0.0.1:${await listening(server)}` }
}

const tunnelTo = (port: number) => (socket: Net.Socket) => {
  const far = Net.connect(port, "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n")
    socket.pipe(far).pipe(socket)
  })
  far.on("error", () => socket.destroy())
}

const says = (status: string) => (socket: Net.Socket) =>
  void socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`)

const makeProvider = () =>
  listening(
    Http.createServer((request, response) => {
      request.resume().once("end", () => response.end(`${request.method} ${request.url} ${request.headers.host}`))
    })
  )

const key = "sk-of-the-provider-0123456789"

/** The answer's text, or the failure. The proxies are those that the environment names when it is called. */
const ask = (url: string, connectTimeout = 5_000) =>
  Effect.gen(function* () {
    const http = Context.get(yield* Layer.build(Network.layer), UpstreamHttp)
    const headers = { authorization: `Bearer ${key}` }
    const { body } = yield* http.send({ url, headers, body: new TextEncoder().encode("{}"), connectTimeout })
    return new TextDecoder().decode(yield* collect(body, 1_000_000))
  }).pipe(
    Effect.mapError(({ kind, message }) => `${kind}: ${message}`),
    Effect.either,
    Effect.map(Either.merge),
    Effect.scoped,
    Effect.runPromise
  )

beforeEach(() => {
  for (const name of ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]) {
    vi.stubEnv(name, undefined)
  }
  onTestFinished(() => void vi.unstubAllEnvs())
})

describe("a proxy that the environment names", () => {
  it("is asked for a tunnel with its own name and password, and hears nothing of the request", async () => {
    const { asked, host } = await makeProxy(tunnelTo(await makeProvider()))
    vi.stubEnv("HTTP_PROXY", `http://me:s%20cret@${host}`)
    expect(await ask("http://provider.test/v1?x=1")).toBe("POST /v1?x=1 provider.test")
    expect(asked).toMatchObject([
      {
        to: "provider.test:80",
        headers: { "proxy-authorization": `Basic ${Buffer.from("me:s cret").toString("base64")}` }
      }
    ])
    expect(JSON.stringify(asked)).not.toContain(key)
  })

  it("is not asked for what NO_PROXY names, and never for this machine", async () => {
    const { asked, host } = await makeProxy(says("500 No"))
    const port = await makeProvider()
    vi.stubEnv("HTTP_PROXY", `http://${host}`)
    vi.stubEnv("NO_PROXY", "other.test,0.0.0.0")
    expect(await ask(`http://0.0.0.0:${port}/v1`)).toBe(`POST /v1 0.0.0.0:${port}`)
    expect(await ask(`http://127.0.0.1:${port}/v1`)).toBe(`POST /v1 127.0.0.1:${port}`)
    expect(asked).toEqual([])
  })

  const refusals = [
    ["wants a name and a password", says("407 Proxy Authentication Required"), "answers HTTP 407"],
    ["does not know the host", says("502 Bad Gateway"), "answers HTTP 502"],
    ["closes the connection", (socket: Net.Socket) => void socket.destroy(), "closes the connection"],
    ["ends the connection", (socket: Net.Socket) => void socket.end(), "closes the connection"],
    ["does not speak HTTP", (socket: Net.Socket) => void socket.end("220 mail.test ESMTP\r\n"), "fails"],
    ["does not answer", () => {}, "does not answer"]
  ] as const

  for (const scheme of ["http", "https"]) {
    for (const [what, answer, fault] of refusals) {
      it(`is named, without its password, and asked once for ${scheme} when it ${what}`, async () => {
        const { asked, host } = await makeProxy(answer)
        vi.stubEnv(`${scheme.toUpperCase()}_PROXY`, `http://me:secret@${host}`)
        const failure = await ask(`${scheme}://provider.test/v1`, 100)
        expect(failure).toContain(`connect: provider.test: the proxy ${host} ${fault}`)
        expect(failure).not.toContain("secret")
        expect(asked.map(({ to }) => to)).toEqual([`provider.test:${scheme === "http" ? 80 : 443}`])
      })
    }
  }

  it("is named when nobody listens there", async () => {
    const server = Net.createServer()
    const port = await listening(server)
    await new Promise((done) => server.close(done))
    vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${port}`)
    expect(await ask("http://provider.test/v1")).toBe(
      `connect: provider.test: the proxy 127.0.0.1:${port} fails (ECONNREFUSED)`
    )
  })

  it("may speak SOCKS, and is asked once when it closes the connection", async () => {
    let connections = 0
    const port = await listening(
      Net.createServer((socket) => {
        connections += 1
        socket.on("error", () => {}).once("data", () => socket.destroy())
      })
    )
    vi.stubEnv("HTTP_PROXY", `socks5://127.0.0.1:${port}`)
    expect(await ask("http://provider.test/v1")).toMatch(/^(connect|reset): provider\.test: /)
    expect(connections).toBe(1)
  })
})

describe("a provider with a certificate of a private CA, behind a proxy", () => {
  it("is trusted by who names the CA, and by nobody else", async () => {
    const { cert, key: privateKey } = certificateFor("provider.test")
    const models = JSON.stringify({ object: "list", data: [{ id: "m", object: "model" }] })
    const seen: Array<string | undefined> = []
    const provider = Https.createServer({ cert, key: privateKey }, (request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(200, { "content-type": "application/json" }).end(models)
    })
    const { asked, host } = await makeProxy(tunnelTo(await listening(provider)))
    const user = await makeUser(
      `[[profiles]]\nname = "corp"\nbase_url = "https://provider.test/v1"\napi_key_env = "K"\ndefault_model = "m"\n`
    )
    const ca = await user.write("ca.pem", cert)
    const env = { HTTPS_PROXY: `http://me:secret@${host}`, K: key }

    const trusted = await user.run(["profile", "test", "corp"], { env: { ...env, NODE_EXTRA_CA_CERTS: ca } })
    expect(trusted).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^ok +corp /) })
    expect(seen).toEqual([`Bearer ${key}`])

    const refused = await user.run(["profile", "test", "corp"], { env })
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/^fail +corp [^]*NODE_EXTRA_CA_CERTS/) })
    expect(seen).toHaveLength(1)
    expect(new Set(asked.map(({ to }) => to))).toEqual(new Set(["provider.test:443"]))
    expect(refused.stdout + refused.stderr + JSON.stringify(asked.map(({ to }) => to))).not.toContain("secret")
  })
})
