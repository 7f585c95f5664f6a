import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type RecordedRequest, ScriptedUpstream, UpstreamScript } from "../../src/testing/index.ts"
import { dialects, failed, type Seen } from "./dialect.ts"
import { openStage } from "./stage.ts"

/** How the provider fails before it has said anything. */
const faults = {
  "answers 429": failed(429, "slow down", { code: "rate_limit_exceeded" }),
  "answers 500": failed(500, "broken"),
  "answers 529": failed(529, "overloaded"),
  "says nothing at all": UpstreamScript.silence,
  "dies before its first word": UpstreamScript.stream([UpstreamScript.destroy])
}

describe.each(dialects)("Claude Code behind a provider that fails and speaks $name", (dialect) => {
  const seen = (request: RecordedRequest | undefined): Seen => dialect.seen(request?.body)

  /** A tool that leaves a mark each time it runs, then the end of the turn. */
  const mark = "echo ran >> marks.txt"
  const marking = (request: RecordedRequest) =>
    dialect.answer(
      request,
      seen(request).steps.some(({ kind }) => kind === "result")
        ? { text: "The mark is made." }
        : { calls: [{ id: "call_mark", name: "Bash", args: JSON.stringify({ command: mark, description: "Mark" }) }] }
    )
  const marks = (project: string) => Effect.promise(() => readFile(join(project, "marks.txt"), "utf8"))
  const allowed = ["--allowedTools", "Bash"]

  for (const [what, fault] of Object.entries(faults)) {
    it.scoped(`finishes its turn through the backup when the provider ${what}`, () =>
      Effect.gen(function* () {
        const backup = yield* ScriptedUpstream.make
        const { claudex, print, project, upstream } = yield* openStage({
          profile: `${dialect.profile}\nbackup_providers = ["spare"]\ntimeouts = { first_byte_seconds = 1 }`,
          more: `[[profiles]]\nname = "spare"\nbase_url = "${backup.url}/v1"\napi_key = "spare-key"\ndefault_model = "spare-model"\n${dialect.profile}`
        })
        yield* upstream.fallback(() => fault)
        yield* backup.fallback(marking)
        const { code, stdout } = yield* print("make a mark", allowed)
        expect([code, stdout]).toEqual([0, "The mark is made.\n"])
        expect(yield* marks(project)).toBe("ran\n")
        const requests = yield* backup.requests
        expect(requests.map((request) => seen(request).model)).toEqual(["spare-model", "spare-model"])
        expect(requests.map(({ headers }) => headers["authorization"])).toEqual([
          "Bearer spare-key",
          "Bearer spare-key"
        ])
        expect((yield* upstream.requests).length).toBeGreaterThan(0)
        const explained = yield* claudex(["explain", "last"])
        expect(explained.code).toBe(0)
        expect(explained.stdout).toMatch(/^ {2}\d\. scripted, scripted-model: /m)
        expect(explained.stdout).toMatch(/^ {2}\d\. spare, spare-model: backup of scripted$/m)
      })
    )
  }

  it.scoped("recovers by its own retry when the provider dies after its first words, and runs no tool twice", () =>
    Effect.gen(function* () {
      const backup = yield* ScriptedUpstream.make
      const { print, project, upstream } = yield* openStage({
        profile: `${dialect.profile}\nbackup_providers = ["spare"]`,
        more: `[[profiles]]\nname = "spare"\nbase_url = "${backup.url}/v1"\napi_key = "spare-key"\ndefault_model = "spare-model"\n${dialect.profile}`
      })
      yield* backup.fallback(marking)
      yield* upstream.fallback(marking)
      const args = JSON.stringify({ command: mark, description: "Mark" })
      const broken = dialect.records({ text: "Let me.", calls: [{ id: "call_mark", name: "Bash", args }] })
      yield* upstream.enqueue(
        UpstreamScript.stream([...dialect.beginning("Let me"), UpstreamScript.destroy]),
        // the call is whole, and then nothing more comes
        UpstreamScript.stream([...broken.slice(0, -2), UpstreamScript.destroy])
      )
      const { code, stdout } = yield* print("make a mark", allowed)
      expect([code, stdout]).toEqual([0, "The mark is made.\n"])
      expect(yield* marks(project)).toBe("ran\n")
    })
  )

  it.scoped("finishes a plain turn in the first words of a backup that took over late", () =>
    Effect.gen(function* () {
      const backup = yield* ScriptedUpstream.make
      const { print, upstream } = yield* openStage({
        profile: `${dialect.profile}\nbackup_providers = ["spare"]\ntimeouts = { first_byte_seconds = 13 }`,
        more: `[[profiles]]\nname = "spare"\nbase_url = "${backup.url}/v1"\napi_key = "spare-key"\ndefault_model = "spare-model"\n${dialect.profile}`
      })
      yield* upstream.fallback(() => UpstreamScript.silence)
      yield* backup.fallback((request) => dialect.answer(request, { text: "Late, but here." }))
      const { code, stdout } = yield* print("say something")
      // after ten seconds the client had got its headers and a ping
      expect([code, stdout]).toEqual([0, "Late, but here.\n"])
      expect(yield* upstream.requests).toHaveLength(1)
      expect(yield* backup.requests).toHaveLength(1)
    })
  )
})
