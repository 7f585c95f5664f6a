import * as Http from "node:http"
import * as Net from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { ChatScript, ScriptedUpstream, UpstreamScript } from "../../src/testing/index.ts"

interface Answer {
  readonly status: number
  readonly text: string
  /** False when the connection broke before the body's end. */
  readonly complete: boolean
}

/** A plain client that tells a clean end from a cut one; `onData` sees every network piece. */
const ask = (url: string, body: unknown = {}, onData: (piece: string) => void = () => {}) =>
  Effect.async<Answer, NodeJS.ErrnoException>((resume) => {
    const request = Http.request(url, { method: "POST", agent: false }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (piece: string) => {
        text += piece
        onData(piece)
      })
      response.on("error", () => {})
      response.on("close", () =>
        resume(Effect.succeed({ status: response.statusCode ?? 0, text, complete: response.complete }))
      )
    })
    request.on("error", (cause: NodeJS.ErrnoException) => resume(Effect.fail(cause)))
    request.end(JSON.stringify(body))
    return Effect.sync(() => void request.destroy())
  })

describe("ScriptedUpstream", () => {
  it.scoped("answers queued scripts in order, then by the fallback, and records what it was asked", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      yield* upstream.enqueue(UpstreamScript.respond(429, { error: "slow" }), ChatScript.whole({ text: "hi" }))
      const first = yield* ask(`${upstream.url}/a?x=1`, { n: 1 })
      const second = yield* ask(`${upstream.url}/b`, { n: 2 })
      const third = yield* ask(`${upstream.url}/c`, { n: 3 })
      yield* upstream.fallback((request) => UpstreamScript.respond(200, { echoed: request.body }))
      const fourth = yield* ask(`${upstream.url}/d`, { n: 4 })
      expect([first.status, second.status, third.status]).toEqual([429, 200, 500])
      expect(second.text).toContain(`"content":"hi"`)
      expect(third.text).toContain("no script for request 2: POST /c")
      expect(fourth.text).toBe(`{"echoed":{"n":4}}`)
      const requests = yield* upstream.requests
      expect(requests.map((one) => [one.index, one.method, one.url, one.body])).toEqual([
        [0, "POST", "/a?x=1", { n: 1 }],
        [1, "POST", "/b", { n: 2 }],
        [2, "POST", "/c", { n: 3 }],
        [3, "POST", "/d", { n: 4 }]
      ])
      expect((yield* upstream.take).url).toBe("/a?x=1")
      expect((yield* upstream.take).url).toBe("/b")
    })
  )

  it.scoped("holds a body back until the signal, and says that the client got all of it", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      const signal = yield* Deferred.make<void>()
      const firstPiece = yield* Deferred.make<string>()
      yield* upstream.enqueue(UpstreamScript.stream(["before ", UpstreamScript.wait(Deferred.await(signal)), "after"]))
      const client = yield* Effect.fork(
        ask(upstream.url, {}, (piece) => Deferred.unsafeDone(firstPiece, Effect.succeed(piece)))
      )
      expect(yield* Deferred.await(firstPiece)).toBe("before ")
      yield* Deferred.succeed(signal, undefined)
      expect(yield* Fiber.join(client)).toEqual({ status: 200, text: "before after", complete: true })
      expect(yield* Effect.flatMap(upstream.take, (request) => request.outcome)).toBe("answered")
    })
  )

  it.scoped("cuts the connection where the script says so, and calls that answered", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      yield* upstream.enqueue(UpstreamScript.stream(["half", UpstreamScript.destroy, "never"]), UpstreamScript.reset)
      const cut = yield* ask(upstream.url)
      expect([cut.text, cut.complete]).toEqual(["half", false])
      expect(yield* Effect.flatMap(upstream.take, (request) => request.outcome)).toBe("answered")
      expect((yield* Effect.flip(ask(upstream.url))).code).toBe("ECONNRESET")
    })
  )

  it.scoped("sees that a client went away while the answer stalled", () =>
    Effect.gen(function* () {
      const upstream = yield* ScriptedUpstream.make
      const piece = yield* Deferred.make<string>()
      yield* upstream.enqueue(UpstreamScript.stream(["one", UpstreamScript.stall]), UpstreamScript.silence)
      const streaming = yield* Effect.fork(
        ask(upstream.url, {}, (text) => Deferred.unsafeDone(piece, Effect.succeed(text)))
      )
      yield* Deferred.await(piece)
      yield* Fiber.interrupt(streaming)
      expect(yield* Effect.flatMap(upstream.take, (request) => request.outcome)).toBe("abandoned")
      const silent = yield* Effect.fork(ask(upstream.url))
      const request = yield* upstream.take
      yield* Fiber.interrupt(silent)
      expect(yield* request.outcome).toBe("abandoned")
    })
  )

  it.effect("frees its port and cuts what is still open when its scope closes", () =>
    Effect.gen(function* () {
      const [port, client] = yield* Effect.scoped(
        Effect.gen(function* () {
          const upstream = yield* ScriptedUpstream.make
          yield* upstream.enqueue(UpstreamScript.stream(["one", UpstreamScript.stall]))
          const open = yield* Effect.forkDaemon(ask(upstream.url))
          yield* upstream.take
          return [upstream.port, open] as const
        })
      )
      const ended = yield* Effect.exit(Fiber.join(client))
      expect(ended._tag === "Failure" || !ended.value.complete).toBe(true)
      const refused = yield* Effect.async<string>((resume) => {
        const socket = Net.connect(port, "127.0.0.1")
        socket.on("connect", () => resume(Effect.succeed("connected")))
        socket.on("error", (cause: NodeJS.ErrnoException) => resume(Effect.succeed(cause.code ?? "")))
      })
      expect(refused).toBe("ECONNREFUSED")
    })
  )
})

describe("ChatScript", () => {
  it("renders the same turn streamed and whole", () => {
    const turn = {
      reasoning: "hm",
      text: "héllo 👋",
      calls: [{ id: "c1", name: "Read", args: `{"file_path":"/a"}`, pieces: 4 }],
      usage: { prompt: 10, completion: 5, cached: 4, reasoning: 2 }
    }
    const pieces = ChatScript.records(turn)
      .filter((one) => one !== ChatScript.done)
      .map((one) => JSON.parse(one.slice("data: ".length)))
    const field = (name: string) => pieces.map((piece) => piece.choices[0]?.delta[name] ?? "").join("")
    const args = pieces.flatMap((piece) => piece.choices[0]?.delta.tool_calls ?? [])
    expect([field("content"), field("reasoning_content")]).toEqual(["héllo 👋", "hm"])
    expect(args.map((call: { function: { arguments: string } }) => call.function.arguments).join("")).toBe(
      `{"file_path":"/a"}`
    )
    expect(pieces.at(-2).choices[0].finish_reason).toBe("tool_calls")
    expect(pieces.at(-1).usage.prompt_tokens_details.cached_tokens).toBe(4)
    const [step] = ChatScript.whole(turn).steps
    const body = JSON.parse(step?.type === "write" ? new TextDecoder().decode(step.bytes) : "")
    expect(body.choices[0].message.content).toBe("héllo 👋")
    expect(body.choices[0].message.tool_calls[0].function.arguments).toBe(`{"file_path":"/a"}`)
    expect(body.usage.completion_tokens_details.reasoning_tokens).toBe(2)
  })

  it("puts a body into pieces of any size without losing a byte", () => {
    const text = "a👋ü\r\n".repeat(5)
    for (const size of [1, 2, 3, 7, 1000]) {
      const steps = UpstreamScript.inPieces(text, size)
      const bytes = steps.flatMap((step) => (step.type === "write" ? [...step.bytes] : []))
      expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe(text)
    }
  })
})
