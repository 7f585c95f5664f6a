/** What the user entrusts to the gateway reaches the provider and nobody else, whatever the provider does with it. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { eventually, hello, type Kind, start, streamed, token } from "./support.ts"

/** None of these has a look by which a credential could be told from a word. */
const planted = {
  key: "zq-canary-7f31-abcdef",
  /** Begins like the key: hiding the key in it must not leave its end. */
  bearer: "zq-canary-7f31-abcdef-relay/51c8=",
  header: "team/8842 marigold",
  /** Looks different inside of a URL. */
  query: "vault+9d20/ünder",
  lent: "quokka-lent-3306"
}

/** A piece of each that nothing else contains, in every spelling. */
const canaries = ["7f31", "51c8", "8842", "marigold", "9d20", "nder", "3306", "dormouse"]
const leaks = (text: string) => canaries.filter((canary) => text.includes(canary))

const profile = {
  api_key: planted.key,
  custom_headers: { "x-relay": `Bearer ${planted.bearer}`, "x-team": planted.header, "x-lent": "${LENT}" },
  query_params: { key: planted.query },
  extra_env: { SECRET: "dormouse-child" }
}

/** Everything that was planted, in one text, as a provider may repeat it. */
const echo = `denied to ${Object.values(planted).join(" and ")} at /v1?${new URLSearchParams({ code: planted.query })}.`

const failures: Readonly<Record<string, UpstreamScript.Script>> = {
  "a JSON error": UpstreamScript.respond(401, { error: { message: echo, type: echo, code: planted.key } }),
  "an error quoted inside an error": UpstreamScript.respond(502, {
    error: { message: "Provider returned error", metadata: { raw: JSON.stringify({ error: { message: echo } }) } }
  }),
  "plain text": UpstreamScript.respond(400, echo, { "content-type": "text/plain" }),
  "a page": UpstreamScript.respond(500, `<html><body><h1>No</h1><p>${echo}</p></body></html>`, {
    "content-type": "text/html"
  }),
  "JSON without a message": UpstreamScript.respond(403, { seen: { by: [echo] } }),
  headers: UpstreamScript.respond(
    429,
    { error: { message: "slow" } },
    {
      "x-request-id": planted.key,
      "retry-after": planted.key,
      "x-ratelimit-limit-requests": planted.key,
      "x-ratelimit-reset-tokens": planted.key,
      "set-cookie": planted.key
    }
  ),
  "a redirect": UpstreamScript.respond(307, echo, { location: `http://127.0.0.1:1/${planted.key}` }),
  "an error under a success status": UpstreamScript.respond(200, { error: { message: echo, code: planted.key } }),
  "a page under a success status": UpstreamScript.respond(200, `<html><body>${echo}</body></html>`, {
    "content-type": "text/html"
  }),
  "text under a success status": UpstreamScript.respond(200, echo, { "x-request-id": planted.header }),
  "an error instead of the first word": UpstreamScript.stream([ChatScript.record({ error: { message: echo } })]),
  "an error in the middle": UpstreamScript.stream([
    ChatScript.text("half"),
    ChatScript.record({ error: { message: echo, code: planted.bearer } })
  ]),
  "an error that is a text": UpstreamScript.stream([ChatScript.text("half"), ChatScript.record({ error: echo })]),
  "a named error event": UpstreamScript.stream([
    ChatScript.text("half"),
    `event: error\ndata: ${JSON.stringify({ message: echo })}\n\n`
  ]),
  "a record nobody can read": UpstreamScript.stream([ChatScript.text("half"), `data: {${echo}\n\n`]),
  "a list of errors": UpstreamScript.stream([
    ChatScript.text("half"),
    ChatScript.record([{ error: { message: echo } }])
  ])
}

const kinds: ReadonlyArray<Kind> = ["node", "portable"]

describe.each(kinds)("a credential over the %s wire", (kind) => {
  it.scoped.each(Object.entries(failures))("is not repeated from %s", ([, failure]) =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start({ kind, profile, environment: { LENT: planted.lent } })
      yield* upstream.enqueue(failure, failure)
      for (const body of [hello(), streamed()]) {
        const answer = yield* ask({ body })
        expect(answer.text).toContain("error")
        expect(leaks(JSON.stringify(answer))).toEqual([])
        // it was there to be repeated
        const sent = yield* upstream.take
        expect(sent.headers["authorization"]).toBe(`Bearer ${planted.key}`)
        expect(sent.headers["x-lent"]).toBe(planted.lent)
        expect(new URL(sent.url, "http://x").searchParams.get("key")).toBe(planted.query)
        expect(JSON.stringify(sent)).not.toContain(token)
      }
      yield* eventually(() => log.lines.length === 2)
      expect(leaks(log.lines.join("\n"))).toEqual([])
      expect(log.lines.join("\n")).not.toContain(token)
    })
  )
})
