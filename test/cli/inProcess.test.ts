/** Every command in this process, in a world of layers: a home of its own, its variables, and streams that are listened to. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeFileSystem, NodePath, NodeTerminal } from "@effect/platform-node"
import { Effect, Layer, Logger } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { commandLine } from "../../src/cli/commandLine.ts"
import { words } from "../../src/cli/commands.ts"
import type { CommandWord } from "../../src/cli/grammar.ts"
import { Streams } from "../../src/cli/output.ts"
import { Environment, type EnvironmentRecord } from "../../src/config/Environment.ts"
import { Paths } from "../../src/config/Paths.ts"
import { Program } from "../../src/daemon/Program.ts"

const secret = "sk-a-secret-that-nobody-may-see"
const config = `# mine
[[profiles]]
name = "mine"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:9/v1"
api_key = "${secret}"
default_model = "a-model"
`

const homes: Array<string> = []
afterEach(() => Promise.all(homes.splice(0).map((home) => rm(home, { recursive: true, force: true }))))

/** Nothing of this machine: no home, no PATH, no variables. */
const makeWorld = async (variables: EnvironmentRecord = {}) => {
  const home = await mkdtemp(join(tmpdir(), "claudex-in-process-"))
  homes.push(home)
  const file = join(home, "claudex.toml")
  await writeFile(file, config, { mode: 0o600 })
  const run = async (...argv: ReadonlyArray<string>) => {
    const said = { out: "", err: "" }
    const listening = Layer.succeed(Streams, {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text)
    })
    const world = Layer.mergeAll(
      NodeFileSystem.layer,
      NodePath.layer,
      NodeTerminal.layer,
      Layer.succeed(Program, { command: process.execPath, arguments: [] }),
      Logger.remove(Logger.defaultLogger),
      listening
    ).pipe(
      Layer.provideMerge(Paths.layer),
      Layer.provideMerge(Environment.layerOf({ HOME: home, PATH: join(home, "bin"), ...variables }))
    )
    const code = await Effect.runPromise(Effect.provide(commandLine(argv, Effect.succeed(home)), world))
    return { code, ...said }
  }
  return { run, text: () => readFile(file, "utf8") }
}

interface Case {
  readonly argv: string
  readonly code: number
  readonly out?: RegExp
  readonly err?: RegExp
  /** The configuration afterwards; as it was unless told. */
  readonly leaves?: string
}

/** By the command's words. */
const cases: Readonly<Record<string, Case>> = {
  run: { argv: "run mine", code: 1, err: /^claudex: Claude Code was not found: .*\nNext: npm install -g / },
  env: { argv: "env mine", code: 0, out: /\n {2}ANTHROPIC_MODEL=a-model\n/ },
  "profile list": { argv: "profile list", code: 0, out: /\nmine +Chat +a-model +127\.0\.0\.1:9 / },
  "profile show": { argv: "profile show mine", code: 0, out: /^profile +mine\n[^]*\nkey +in the configuration\n/ },
  "profile add": {
    argv: "profile add grok --provider xai --api-key-env XAI_API_KEY --model grok-4",
    code: 0,
    out: /^The profile grok is in .*\/config\.toml\.\nNext: claudex profile test grok\n$/
  },
  "profile edit": {
    argv: "profile edit mine --model another",
    code: 0,
    leaves: config.replace("a-model", "another")
  },
  "profile use": {
    argv: "profile use mine",
    code: 0,
    out: /^claudex run takes the profile "mine" where none is named/
  },
  "profile remove": { argv: "profile remove mine", code: 0, leaves: "" },
  "profile forget-key": {
    argv: "profile forget-key nobody-api-key",
    code: 1,
    err: /^claudex: There is no key stored as "nobody-api-key"\.\nNext: claudex doctor\n$/
  },
  "profile set-key": { argv: "profile set-key nobody", code: 1, err: /^claudex: There is no profile "nobody"/ },
  "profile test": { argv: "profile test mine", code: 1, out: /^fail +mine .*ECONNREFUSED[^]*Remedy: / },
  "config show": { argv: "config show", code: 0, out: /profiles\.mine\.api_key = "\[masked\]"\n/ },
  "config get": { argv: "config get profiles.mine.default_model", code: 0, out: /^a-model\n$/ },
  "config set": {
    argv: "config set profiles.mine.default_model another",
    code: 0,
    leaves: config.replace("a-model", "another")
  },
  "config unset": {
    argv: "config unset profiles.mine.api_key",
    code: 0,
    leaves: config.replace(`api_key = "${secret}"\n`, "")
  },
  "config path": { argv: "config path", code: 0, out: /^\+ .*\/claudex\.toml \(project\)\n/ },
  "config init": { argv: "config init", code: 1, err: /^claudex: There is a configuration already: .*\nNext: / },
  "config validate": { argv: "config validate", code: 0, out: /^The configuration is valid\.\n/ },
  "config export": {
    argv: "config export --format toml",
    code: 0,
    out: /\n\[\[profiles\]\]\nname = "mine"\n[^]*\napi_key = "\[masked\]"\n/,
    err: /^claudex: Masked, and to be written in before it is used as a configuration: profiles\.mine\.api_key\n$/
  },
  "config schema": { argv: "config schema", code: 0, out: /^\{\n {2}"\$schema": / },
  "config trust": { argv: "config trust", code: 0, out: /decides nothing that needs your consent/ },
  "config migrate": { argv: "config migrate", code: 0, out: /there is nothing to migrate/ },
  "config edit": { argv: "config edit", code: 2, err: /^claudex: There is no terminal here for an editor/ },
  explain: { argv: "explain last", code: 1, err: /^claudex: No request is recorded yet\.\nNext: claudex run demo\n$/ },
  logs: { argv: "logs", code: 1, err: /^claudex: There is no log yet: / },
  doctor: { argv: "doctor", code: 1, out: /^ok +node [^]*\nfail +claude [^]*\nok +config / },
  completions: { argv: "completions bash", code: 0, out: /^# Completions of claudex for bash/ },
  "proxy start": { argv: "proxy start -p 65536", code: 2, err: /^claudex: A port is a whole number from 0 to 65535/ },
  "proxy status": { argv: "proxy status", code: 1, out: /^The gateway does not run\./ },
  "proxy stop": { argv: "proxy stop", code: 0, out: /^The gateway does not run\./ },
  "proxy token": { argv: "proxy token", code: 0, out: /^[\w-]{40,}\n$/ }
}

const leaves = (command: CommandWord, path: ReadonlyArray<string> = []): ReadonlyArray<string> =>
  command.commands.length === 0 ? [path.join(" ")] : command.commands.flatMap((one) => leaves(one, [...path, one.name]))

describe("in this process, with layers", () => {
  it("every command is tried", () => {
    expect(Object.keys(cases).toSorted()).toEqual(leaves(words).toSorted())
  })

  it.each(Object.entries(cases))(
    "claudex %s",
    async (_, { argv, code, err = /^$/, leaves: after = config, out = /^/ }) => {
      const world = await makeWorld({ XAI_API_KEY: secret })
      const outcome = await world.run(...argv.split(" "))
      expect(outcome).toEqual({ code, out: expect.stringMatching(out), err: expect.stringMatching(err) })
      expect(outcome.out + outcome.err).not.toContain(secret)
      expect(await world.text()).toBe(after)
    }
  )

  it("alone, it says what to type next", async () => {
    const { run } = await makeWorld()
    expect(await run()).toEqual({ code: 0, out: expect.stringContaining("claudex run demo"), err: "" })
  })
})
