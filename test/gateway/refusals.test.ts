/** Every path of the gateway, as it is for somebody who may not be there. */
import * as Net from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { routes } from "../../src/gateway/routes.ts"
import { type Answer, hello, start } from "./support.ts"

const paths = routes.map(({ access, method, path }) => ({
  access,
  method: method as string,
  path: path.replace(":profile", "p").replace(":id", "model-1")
}))
const withHead = [
  ...paths,
  ...paths.filter(({ method }) => method === "GET").map((one) => ({ ...one, method: "HEAD" }))
]
const unknown = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"].flatMap((method) =>
  ["/nowhere", "/proxy/p/v1/complete", "/%", "/proxy/p/v1/messages/../../../health"].map((path) => ({ method, path }))
)
const wrongMethod = ["DELETE", "PATCH", "OPTIONS"].flatMap((method) => paths.map(({ path }) => ({ method, path })))

/** Refused with this status, in Anthropic's words where an answer may have a body, and with nothing for a browser. */
const expectRefused = (method: string, answer: Answer, status: number, type: string) => {
  expect(answer.status).toBe(status)
  expect(answer.headers["request-id"]).toMatch(/^req_/)
  expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([])
  if (method === "HEAD") expect(answer.text).toBe("")
  else expect(JSON.parse(answer.text)).toMatchObject({ type: "error", error: { type, message: expect.any(String) } })
}

describe("every path there is or is not", () => {
  it.scoped("is closed to web pages and to requests for other hosts, with the token too", () =>
    Effect.gen(function* () {
      const { ask, port, upstream } = yield* start()
      const strangers = [
        { origin: "https://evil.example" },
        { origin: "null" },
        { origin: "" },
        { origin: `http://127.0.0.1:${port}` },
        { host: "evil.example" },
        { host: `evil.example:${port}` },
        { host: `127.0.0.1:${port + 1}` }
      ]
      for (const { method, path } of [...withHead, ...unknown, ...wrongMethod]) {
        for (const headers of strangers) {
          const body = method === "GET" || method === "HEAD" || method === "TRACE" ? undefined : hello()
          const answer = yield* ask({ method, path, headers, ...(body === undefined ? {} : { body }) })
          expectRefused(method, answer, 403, "permission_error")
        }
      }
      expect(yield* upstream.requests).toEqual([])
    })
  )

  it.scoped("is closed without the token, except for what tells and costs nothing", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      for (const { access, method, path } of withHead) {
        for (const headers of [{}, { "x-api-key": "guess" }, { authorization: "Bearer guess" }]) {
          const answer = yield* ask({ method, path, anonymous: true, headers })
          if (access === "open") expect(answer.status).toBe(200)
          else expectRefused(method, answer, 401, "authentication_error")
        }
      }
      for (const { method, path } of unknown) {
        const answer = yield* ask({ method, path, anonymous: true })
        expectRefused(method, answer, 404, "not_found_error")
      }
      expect(withHead.filter(({ access }) => access === "open").map(({ method, path }) => `${method} ${path}`)).toEqual(
        ["GET", "HEAD"].flatMap((method) =>
          ["/", "/api/hello", "/proxy/p", "/proxy/p/api/hello", "/health"].map((path) => `${method} ${path}`)
        )
      )
      expect(yield* upstream.requests).toEqual([])
    })
  )
})

/** Sends the lines as they are and answers the first line of what comes back; "" when the connection is just closed. */
const raw = (port: number, lines: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.async((resume) => {
    let text = ""
    const socket = Net.connect(port, "127.0.0.1", () => void socket.write(`${lines.join("\r\n")}\r\n\r\n`))
    const finish = () => {
      socket.destroy()
      resume(Effect.succeed(text.split("\r\n", 1)[0] ?? ""))
    }
    socket.on("error", finish).on("close", finish)
    socket.on("data", (piece) => {
      text += piece.toString("latin1")
      if (text.includes("\r\n")) finish()
    })
  })

describe("a request in an odd form", () => {
  it.scoped("gets past nothing, and the gateway answers the next one", () =>
    Effect.gen(function* () {
      const { ask, port } = yield* start()
      const ours = `Host: 127.0.0.1:${port}`
      const oddities: ReadonlyArray<readonly [lines: ReadonlyArray<string>, expected: string]> = [
        [["GET /v1/models HTTP/1.0"], "HTTP/1.1 403 Forbidden"],
        [["GET /v1/models HTTP/1.1", ours, "Connection: close"], "HTTP/1.1 401 Unauthorized"],
        [["GET http://evil.example/health HTTP/1.1", "Host: evil.example"], "HTTP/1.1 403 Forbidden"],
        [["GET /health HTTP/1.1", "Host: evil.example", ours], "HTTP/1.1 403 Forbidden"],
        [["GET /health HTTP/1.1", "Host:"], "HTTP/1.1 403 Forbidden"],
        [["OPTIONS * HTTP/1.1", ours], "HTTP/1.1 405 Method Not Allowed"],
        [
          ["GET /v1/models HTTP/1.1", ours, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
          "HTTP/1.1 401 Unauthorized"
        ],
        [["CONNECT evil.example:443 HTTP/1.1", ours], ""],
        [["nonsense"], "HTTP/1.1 400 Bad Request"]
      ]
      for (const [lines, expected] of oddities) expect([lines, yield* raw(port, lines)]).toEqual([lines, expected])
      expect((yield* ask({ method: "GET", path: "/health" })).status).toBe(200)
    })
  )
})
