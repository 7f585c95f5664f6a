/**
 * A conversation through the gateway that can be watched from both sides: what the client sends, what the provider gets,
 * what comes back and what became of it, with one tool round trip. With Claude Code when it is on PATH, else with a small
 * client of its own. It ends by itself and leaves nothing behind.
 *
 *   npm run demo [-- --builtin]
 */
import { join } from "node:path"
import { parseArgs } from "node:util"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Effect, Exit, Option, Redacted, Schema } from "effect"
import { Profile } from "../src/domain/Profile.ts"
import { profilePath } from "../src/gateway/contract.ts"
import { applyChanges, childEnvironment } from "../src/launcher/childEnvironment.ts"
import { findExecutable } from "../src/launcher/executable.ts"
import { isObject } from "../src/protocol/json.ts"
import { converse } from "./demoClient.ts"
import { makePrinter } from "./demoPrinter.ts"
import {
  answerTable,
  chunkKind,
  clientRequest,
  eventKind,
  providerRequest,
  requestChanges,
  usageText
} from "./demoSummary.ts"
import { openTap, type TapObserver } from "./demoTap.ts"
import {
  DemoError,
  makeFolders,
  openGateway,
  openProvider,
  runProgram,
  writeText,
  type ProviderObserver
} from "./demoWorld.ts"

const prompt = "read README.md and tell me its first line"
const firstLine = "# The demo project 🚀"
const readme = `${firstLine}\n\nIt holds one file, and this is it.\n`

const profile = Schema.decodeUnknownSync(Profile)({
  name: "demo",
  provider_type: "OpenAICompatible",
  base_url: "http://127.0.0.1",
  default_model: "demo"
})

// a reader that went away (`| head`) must not keep the demo from ending its gateway and removing its folders
process.stdout.on("error", () => undefined)

const printer = makePrinter(
  (text) => void process.stdout.write(text),
  process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === ""
)

/** Prints an exchange while it happens. One at a time: a conversation has no more. */
const watch = (): TapObserver & ProviderObserver & { readonly count: () => number } => {
  let count = 0
  let client: unknown
  let chunks: ReadonlyArray<string> = []
  let events: Array<string> = []
  let usage: string | undefined
  return {
    count: () => count,
    request: (body) => {
      count += 1
      client = body
      chunks = []
      events = []
      usage = undefined
      printer.heading(`Request ${count}`)
      printer.block("client", ["sends Anthropic Messages", ...clientRequest(body)])
    },
    asked: (body) => {
      printer.block("provider", ["gets Chat Completions", ...providerRequest(body)])
      printer.block("translated", requestChanges(client, body))
    },
    records: (records) => {
      chunks = records.map((record) => chunkKind(record.replace(/^data: /, "")))
    },
    event: (event) => {
      events.push(eventKind(event))
      usage = usageText(event) ?? usage
      const delta = isObject(event) && isObject(event["delta"]) ? event["delta"] : {}
      if (typeof delta["thinking"] === "string") printer.stream("thinks", delta["thinking"])
      if (typeof delta["text"] === "string") printer.stream("says", delta["text"])
      if (typeof delta["partial_json"] === "string") printer.stream("calls with", delta["partial_json"])
      const block = isObject(event) && isObject(event["content_block"]) ? event["content_block"] : {}
      if (block["type"] === "tool_use") printer.block("calls", [`the client's tool ${String(block["name"])}`])
    },
    end: (status) => {
      printer.endStream()
      printer.block("became", status === 200 ? answerTable(chunks, events) : [`HTTP status ${status}`])
      if (usage !== undefined) printer.block("cost", [usage])
    }
  }
}

interface Conversation {
  /** The tap, in front of the gateway. */
  readonly url: string
  readonly project: string
  readonly env: Readonly<Record<string, string>>
}

/** Claude Code, started as `claudex run` starts it, without a question. */
const withClaude = (claude: string, { env, project, url }: Conversation) =>
  Effect.gen(function* () {
    const changes = childEnvironment({
      profile,
      model: undefined,
      aliases: {},
      gateway: { url, token: Redacted.make(env["CLAUDEX_PROXY_TOKEN"] ?? "") },
      inherited: env,
      workspace: project,
      configFile: undefined,
      contextWindow: 200_000,
      interactive: false,
      direct: false
    })
    const child = {
      ...applyChanges(env, changes),
      // the demo talks to nobody but the gateway
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1"
    }
    const { code, stderr, stdout } = yield* runProgram(claude, ["-p", prompt, "--allowedTools", "Read"], {
      cwd: project,
      env: child
    })
    if (code !== 0) return yield* new DemoError({ detail: `Claude Code ended with ${code}:\n${stdout}${stderr}` })
    return stdout.trim()
  })

const withBuiltin = ({ env, project, url }: Conversation) =>
  converse(prompt, {
    baseUrl: `${url}${profilePath("demo")}`,
    token: env["CLAUDEX_PROXY_TOKEN"] ?? "",
    model: "demo",
    folder: project
  })

/** Claude Code's path and version; none when it is not there. */
const findClaude = (env: Readonly<Record<string, string>>, cwd: string) =>
  findExecutable("claude", { environment: env, home: env["HOME"] ?? cwd, cwd }).pipe(
    Effect.flatMap((path) =>
      Effect.map(runProgram(path, ["--version"], { cwd, env }), ({ stdout }) => ({ path, version: stdout.trim() }))
    ),
    Effect.option
  )

const milliseconds = (text: string | undefined): number =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : 25

const program = (bin: string, builtin: boolean) =>
  Effect.gen(function* () {
    const { env, project, root } = yield* makeFolders
    yield* writeText(join(project, "README.md"), readme)
    const watcher = watch()
    const provider = yield* openProvider(milliseconds(process.env["CLAUDEX_DEMO_PACE"]), watcher)
    yield* writeText(
      join(root, "config", "claudex", "config.toml"),
      [
        `[[profiles]]`,
        `name = "demo"`,
        `provider_type = "OpenAICompatible"`,
        `base_url = "${provider}/v1"`,
        `api_key = "no-key-needed"`,
        `default_model = "demo"`
      ].join("\n")
    )
    const gateway = yield* openGateway(bin, { cwd: project, env })
    const url = yield* openTap(gateway, watcher)
    const claude = builtin ? Option.none() : yield* findClaude(env, project)
    printer.heading("A conversation through claudex")
    printer.block("client", [
      Option.match(claude, {
        onNone: () => `the demo's own${builtin ? "" : " (Claude Code is not on PATH)"}`,
        onSome: ({ version }) => version
      })
    ])
    printer.block("gateway", [gateway])
    printer.block("provider", [`${provider}/v1, played by the offline demo model`])
    printer.block("prompt", [prompt])
    const said = yield* Option.match(claude, {
      onNone: () => withBuiltin({ url, project, env }),
      onSome: ({ path }) => withClaude(path, { url, project, env })
    })
    printer.heading("The end")
    printer.block("answer", [said])
    if (said !== firstLine) return yield* new DemoError({ detail: `the first line is ${JSON.stringify(firstLine)}` })
    printer.block("result", [
      `That is its first line. ${watcher.count()} requests, one tool call, nothing left behind.`
    ])
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({
      duration: "3 minutes",
      onTimeout: () => new DemoError({ detail: "no end after three minutes" })
    })
  )

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { builtin: { type: "boolean", default: false } }
})

NodeRuntime.runMain(
  program(positionals[0] ?? "", values.builtin).pipe(
    Effect.tapError((error) =>
      Effect.sync(() => {
        printer.endStream()
        process.stderr.write(`\nThe demo failed: ${error.message}\n`)
      })
    ),
    Effect.provide(NodeContext.layer)
  ),
  { disableErrorReporting: true, teardown: (exit, end) => end(Exit.isSuccess(exit) ? 0 : 1) }
)
