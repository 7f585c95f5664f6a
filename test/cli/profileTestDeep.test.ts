/** `claudex profile test --deep`: one real request to a scripted provider, and what is said of its answer. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChatScript, ScriptedUpstream, UpstreamScript } from "../../src/testing/index.ts"
import { makeUser } from "../support/claudex.ts"
import {
  call,
  canary,
  costs,
  decode,
  fine,
  isAnswer,
  type Kind,
  protocols,
  run,
  states,
  tested,
  written
} from "./deepTest.ts"

describe("claudex profile test --deep", () => {
  for (const [kind, { answer, path }] of Object.entries(protocols)) {
    // cast: the keys of the record above
    const setup = { kind: kind as Kind }

    it.scopedLive(`asks once for a small answer by ${kind}, and finds all of it well`, () =>
      Effect.gen(function* () {
        const { asked, lines, listed, test } = yield* tested(answer({ calls: [call] }), setup)
        expect(test).toMatchObject({ status: "ok", message: "some-model answers in a stream and calls tools" })
        expect(states(test)).toEqual(fine)
        expect([asked.map(({ url }) => url.split("?")[0]), listed]).toEqual([[path], 1])
        expect(asked[0]?.body).toMatchObject({ model: "some-model", stream: true, tools: [{}] })
        expect(lines.slice(1, 4)).toEqual([
          expect.stringMatching(/^ {6}ok {4}reach {3}127\.0\.0\.1:\d+ answers$/),
          "      ok    key     it is accepted",
          "      ok    model   some-model answers"
        ])
      })
    )

    it.scopedLive(`sees words instead of a call by ${kind}`, () =>
      Effect.gen(function* () {
        const { asked, test } = yield* tested(answer({ text: "I have noted it." }), setup)
        expect(test).toMatchObject({ status: "fail", reason: "tools", message: "words came, and no call of the tool" })
        expect(states(test)).toEqual(fine.with(4, "tools fail"))
        expect(asked).toHaveLength(1)
      })
    )

    it.scopedLive(`sees an answer that breaks off by ${kind}`, () =>
      Effect.gen(function* () {
        const { steps, ...head } = answer({ calls: [call] })
        const cut = { ...head, steps: [...steps.slice(0, 3), UpstreamScript.destroy] }
        const { asked, test } = yield* tested(cut, setup)
        expect(test).toMatchObject({ status: "fail", reason: "broken" })
        expect(states(test)).toEqual(["reach ok", "key ok", "answer fail"])
        expect(asked).toHaveLength(1)
      })
    )
  }

  const thinkers: ReadonlyArray<readonly [what: string, turn: ChatScript.ChatTurn, more: string, found: string]> = [
    ["that is shown", { reasoning: "A pelican." }, "", "it thinks, and shows it"],
    [
      "that is only counted",
      { usage: { prompt: 90, completion: 30, reasoning: 10 } },
      "",
      "it thinks, and does not show it"
    ],
    [
      "that is not done where it is asked for",
      {},
      'quirks = { effort = "none", thinking_switch = "thinking" }',
      "it was asked to think, and nothing was seen of it"
    ],
    [
      "that claudex cannot ask for",
      {},
      'quirks = { effort = "none", thinking_switch = "none" }',
      "the model can think, and claudex does not know how to ask this server for it"
    ]
  ]
  for (const [what, turn, more, message] of thinkers) {
    it.scopedLive(`tells of thinking ${what}`, () =>
      Effect.gen(function* () {
        const { test } = yield* tested(ChatScript.streamed({ calls: [call], ...turn }), { model: "glm-4.6", more })
        expect(test.capabilities?.at(-1)).toMatchObject({ check: "thinking", message })
      })
    )
  }

  it.scopedLive("waits no longer than the profile does", () =>
    Effect.gen(function* () {
      const more = "timeouts = { first_byte_seconds = 1 }"
      const { asked, test } = yield* tested(UpstreamScript.silence, { more })
      expect(test).toMatchObject({ status: "fail", reason: "timeout", message: expect.stringContaining("in time") })
      expect(states(test)).toEqual(["answer fail"])
      expect(asked).toHaveLength(1)
    })
  )

  it.scopedLive("tells of a connection that fails in one line and a remedy", () =>
    Effect.gen(function* () {
      const { asked, lines, test } = yield* tested(UpstreamScript.reset)
      expect(states(test)).toEqual(["reach fail"])
      expect(test).toMatchObject({ status: "fail", reason: "broken" })
      expect(lines.map((line) => line.slice(0, 10).trim())).toEqual(["fail  mine", "", ""])
      expect(asked).toHaveLength(1)
      const { code, out } = yield* run(written("http://127.0.0.1:9", {}), "profile", "test", "mine", "--deep")
      expect([code, out]).toEqual([1, expect.stringMatching(/^fail {2}mine {2}\S+ m?s {2}could not connect \(127\.0/)])
    })
  )

  it.scopedLive("asks the profile alone and once, a disabled one too, whatever backups and retries it has", () =>
    Effect.gen(function* () {
      const backup = yield* ScriptedUpstream.make
      const more = `enabled = false\nbackup_providers = ["backup"]\nresilience = { retries = 5 }\n
[[profiles]]
name = "backup"
provider_type = "OpenAICompatible"
base_url = "${backup.url}/v1"
default_model = "m"
`
      const { asked, test } = yield* tested(ChatScript.error(500, "Oops"), { more })
      expect([test.status, asked.length, (yield* backup.requests).length]).toEqual(["fail", 1, 0])
    })
  )

  it.scopedLive("asks nobody where something is missing or there is nobody to ask, and says nothing of costs", () =>
    Effect.gen(function* () {
      const config = written("http://127.0.0.1:9", { more: "" }).replace(/^api_key = .*$/m, 'api_key_env = "NOT_THERE"')
      const missing = yield* run(config, "profile", "test", "mine", "--deep", "--json")
      expect(decode(missing.out).tests).toEqual([
        {
          profile: "mine",
          status: "fail",
          reason: "key",
          message: "the environment variable NOT_THERE is not set",
          remedy: "export NOT_THERE=...",
          milliseconds: null
        }
      ])
      const demo = yield* run(config, "profile", "test", "demo", "--deep")
      expect(demo).toEqual({ code: 0, err: "", out: expect.stringMatching(/^ok {4}demo {2}- {2}answers inside/) })
    })
  )

  it.scopedLive("tells the same as a command of its own, in 80 columns and as JSON, and ends with 1", () =>
    Effect.gen(function* () {
      const provider = yield* ScriptedUpstream.make
      yield* provider.fallback(({ body, headers }) =>
        JSON.stringify(body).includes("wrong-model")
          ? ChatScript.error(401, `not ${headers["authorization"]}`)
          : ChatScript.streamed({ calls: [call] })
      )
      const config = written(provider.url, {}) + written(provider.url, { name: "other", model: "wrong-model" })
      const user = yield* Effect.promise(() => makeUser(config))
      const [text, json] = yield* Effect.promise(() =>
        Promise.all([[], ["--json"]].map((more) => user.run(["profile", "test", "all", "--deep", ...more])))
      )
      for (const outcome of [text, json]) {
        expect(outcome).toMatchObject({ code: 1, stderr: costs })
        expect(outcome?.stdout).not.toContain(canary)
      }
      const lines = (text?.stdout ?? "").split("\n")
      expect(lines[0]).toMatch(/^ok {4}demo {3}- +answers inside claudex, without a network$/)
      expect(lines[1]).toMatch(/^ok {4}mine {3}\S+ m?s +some-model answers in a stream and calls tools$/)
      expect(lines).toContain("      ok    tools   the tool was called with the right arguments")
      expect(lines).toContainEqual(expect.stringMatching(/^ {6}fail {2}key {4}the key is not accepted \(HTTP 401\)/))
      expect(lines.slice(-2)).toEqual(["1 of 3 profiles failed.", ""])
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
      const { tests } = decode(json?.stdout)
      expect(tests.map((one) => [one.profile, one.status, ...states(one)])).toEqual([
        ["demo", "ok"],
        ["mine", "ok", ...fine],
        ["other", "fail", "reach ok", "key fail"]
      ])
      expect((yield* provider.requests).filter(isAnswer)).toHaveLength(4)
      expect(yield* Effect.promise(() => user.stateFiles())).toEqual([])
    })
  )
})
