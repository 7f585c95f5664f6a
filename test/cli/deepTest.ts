/** `claudex profile test --deep` in this process, with a real request to a scripted provider, and what holds of every outcome. */
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeFileSystem, NodePath, NodeTerminal } from "@effect/platform-node"
import { Effect, Layer, Logger, Schema } from "effect"
import { expect } from "vitest"
import { commandLine } from "../../src/cli/commandLine.ts"
import { displayWidth } from "../../src/cli/displayWidth.ts"
import { Streams } from "../../src/cli/output.ts"
import { type ProfileTest, ProfileTests, profileTests } from "../../src/cli/profileTest.ts"
import { Environment } from "../../src/config/Environment.ts"
import { Paths } from "../../src/config/Paths.ts"
import { Program } from "../../src/daemon/Program.ts"
import type { Profile } from "../../src/domain/Profile.ts"
import {
  AnthropicScript,
  ChatScript,
  type RecordedRequest,
  ResponsesScript,
  ScriptedUpstream,
  UpstreamScript
} from "../../src/testing/index.ts"

export type Script = UpstreamScript.Script
export type Kind = Profile["providerType"]

export const canary = "zq-canary-5be1"
export const call = { id: "call_1", name: "note", args: '{"word":"pelican","number":42}', pieces: 2 }
export const costs = "claudex: each provider is asked for one small answer, which costs a few tokens\n"

/** Where each protocol asks for an answer, and how it gives one. */
export const protocols: Readonly<
  Record<Kind, { readonly path: string; readonly answer: (turn: ChatScript.ChatTurn) => Script }>
> = {
  OpenAICompatible: { path: "/v1/chat/completions", answer: ChatScript.streamed },
  OpenAIResponses: { path: "/v1/responses", answer: ResponsesScript.streamed },
  DirectAnthropic: { path: "/v1/messages", answer: (turn) => AnthropicScript.streamed(turn) }
}

export interface Setup {
  readonly name?: string
  readonly kind?: Kind
  readonly model?: string
  /** Lines of the profile's table, or of tables in it. */
  readonly more?: string
}

export const written = (
  url: string,
  { kind = "OpenAICompatible", model = "some-model", more = "", name = "mine" }: Setup
) => `
[[profiles]]
name = "${name}"
provider_type = "${kind}"
base_url = "${url}${kind === "DirectAnthropic" ? "" : "/v1"}"
default_model = "${model}"
api_key = "${canary}"
custom_headers = { x-team = "${canary}-of-a-header" }
query_params = { code = "${canary}-of-the-query" }
${more}
`

/** Runs the command line in this process, with a configuration of these profiles. */
export const run = (config: string, ...argv: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const home = yield* Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "claudex-deep-"))),
      (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
    )
    const file = join(home, "claudex.toml")
    yield* Effect.promise(() => writeFile(file, config, { mode: 0o600 }))
    const said = { out: "", err: "" }
    const world = Layer.mergeAll(
      NodeFileSystem.layer,
      NodePath.layer,
      NodeTerminal.layer,
      Layer.succeed(Program, { command: process.execPath, arguments: [] }),
      Logger.remove(Logger.defaultLogger),
      Layer.succeed(Streams, { out: (text) => void (said.out += text), err: (text) => void (said.err += text) })
    ).pipe(Layer.provideMerge(Paths.layer), Layer.provideMerge(Environment.layerOf({ HOME: home })))
    const code = yield* Effect.provide(commandLine([...argv, "--config", file], Effect.succeed(home)), world)
    return { code, ...said }
  })

export const decode = Schema.decodeUnknownSync(Schema.parseJson(ProfileTests))

export const isAnswer = ({ method }: RecordedRequest) => method === "POST"

/** Tests the profile against a provider that answers so, and looks at what holds of every outcome. */
export const tested = (answer: Script | ((request: RecordedRequest) => Script), setup: Setup = {}) =>
  Effect.gen(function* () {
    const provider = yield* ScriptedUpstream.make
    yield* provider.fallback((request) => {
      if (request.method === "GET")
        return UpstreamScript.respond(200, { data: [{ id: "some-model" }, { id: "some-other-model" }] })
      return typeof answer === "function" ? answer(request) : answer
    })
    const { code, err, out } = yield* run(written(provider.url, setup), "profile", "test", "mine", "--deep", "--json")
    expect(err).toBe(costs)
    const { ok, tests } = decode(out)
    const [test] = tests
    if (test === undefined) return yield* Effect.dieMessage(`nothing was tested: ${out}`)
    const lines = profileTests({ ok, tests })
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80)
    expect(out + lines.join("\n")).not.toContain(canary)
    expect([code, ok]).toEqual(test.status === "fail" ? [1, false] : [0, true])
    const requests = yield* provider.requests
    const asked = requests.filter(isAnswer)
    return { test, lines, asked, listed: requests.length - asked.length }
  })

export const states = ({ capabilities = [] }: ProfileTest) =>
  capabilities.map(({ check, status }) => `${check} ${status}`)

export const fine = ["reach ok", "key ok", "model ok", "stream ok", "tools ok", "usage ok", "stop ok"]
