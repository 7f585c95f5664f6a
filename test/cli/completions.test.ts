import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname } from "node:path"
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { words } from "../../src/cli/commands.ts"
import { LogLevel } from "../../src/config/ConfigFile.ts"
import { bashScript } from "../../src/cli/completion/bash.ts"
import { fishScript } from "../../src/cli/completion/fish.ts"
import { placesOf } from "../../src/cli/completion/places.ts"
import { settingsAt, valuesOf } from "../../src/cli/completion/settings.ts"
import { optionValues } from "../../src/cli/completion/values.ts"
import { zshScript } from "../../src/cli/completion/zsh.ts"
import { fileShape, namedKeys } from "../../src/config/shape.ts"
import { readSettingPath } from "../../src/config/settingPath.ts"
import { treeOf } from "../../src/config/tree.ts"
import { ProviderType } from "../../src/domain/Profile.ts"
import { bin } from "../support/build.ts"
import { makeUser, type User } from "../support/claudex.ts"

const places = placesOf(words, optionValues)
const scripts = { bash: bashScript(places), zsh: zshScript(places), fish: fishScript(places) }
type Shell = keyof typeof scripts

/** Where a shell would offer files of its own accord. */
const files = ["(files)"]

/** Programs that load the script `$1` and print what it offers for the words after it, the last one at the cursor. */
const harnesses: Readonly<Record<Shell, string>> = {
  bash: `
    . "$1"; shift
    compopt() { none=yes; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); none=
    _claudex "$1" "\${COMP_WORDS[COMP_CWORD]}"
    if ((\${#COMPREPLY[@]})); then printf '%s\\n' "\${COMPREPLY[@]}"; elif [[ -z $none ]]; then echo '(files)'; fi`,
  zsh: `
    compdef() { : }
    compadd() { while [[ $1 != -- ]] { shift }; shift; (($#)) && print -l -- "$@" }
    compset() { : }
    _files() { echo '(files)' }
    _describe() { [[ $1 == -o ]] && shift; print -l -- "\${(@)\${(@P)2}%%:*}" }
    . "$1"; shift
    words=("$@") CURRENT=$#
    _claudex`,
  fish: `
    source $argv[1]
    complete -C (string join ' ' -- $argv[2..-1])`
}

const starts: Readonly<Record<Shell, ReadonlyArray<string>>> = {
  bash: ["--norc", "-c", harnesses.bash, "bash"],
  zsh: ["-f", "-c", harnesses.zsh, "zsh"],
  fish: ["--no-config", "-c", harnesses.fish]
}

const pathOf = (shell: Shell): string | undefined =>
  ["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map((dir) => `${dir}/${shell}`).find(existsSync)

/** bash hands the pieces of a word that it cuts at these characters. */
const asCut = (word: string): ReadonlyArray<string> =>
  word === "" ? [word] : word.split(/([=:@]+)/).filter((piece) => piece !== "")

const config = `
[model_aliases]
fast = "grok-4-fast"
cheap = "grok-3-mini"

[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
default_model = "grok-4"

[[profiles]]
name = "my grok"
api_key_keyring = "grok-key"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
default_model = "grok-4"

[[profiles]]
name = "gone"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
default_model = "grok-4"
enabled = false
`

const other = `
[[profiles]]
name = "other:one"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
default_model = "grok-4"
`

const prepared = async (text = config) => {
  const user = await makeUser(text)
  await user.write("bin/claudex", `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`, 0o755)
  await user.write("work/notes.txt", "")
  const stored = ["left-1", "grok-key"].map((account) => ({ account, secret: "sk-canary" }))
  const secrets = JSON.stringify({ secrets: stored, keyring: ["left-2"] })
  await user.write("home/.local/state/claudex/secrets.json", secrets, 0o600)
  return user
}

/** What the shell offers at the end of the line; nothing may come on stderr. */
const offered = async (user: User, shell: Shell, line: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const script = await user.write(`completions.${shell}`, scripts[shell])
  const typed = ["claudex", ...line]
  const given = shell === "bash" ? typed.flatMap(asCut) : typed
  const child = spawn(pathOf(shell) ?? "", [...starts[shell], script, ...given], {
    cwd: user.work,
    stdio: ["ignore", "pipe", "pipe"],
    env: { HOME: user.home, PATH: `${user.root}/bin:${dirname(process.execPath)}:/usr/bin:/bin` }
  })
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (piece) => (stdout += String(piece)))
  child.stderr.on("data", (piece) => (stderr += String(piece)))
  await new Promise((done) => child.once("close", done))
  expect(stderr).toBe("")
  const last = (line.at(-1) ?? "").replace(/^--[^=]+=/, "")
  const found = stdout
    .split("\n")
    .map((text) => text.split("\t")[0]?.replace(/^--[^=]+=/, "") ?? "")
    // zsh itself leaves out what begins otherwise
    .filter((text) => text !== "" && (shell !== "zsh" || text === files[0] || text.startsWith(last)))
  return found.join() === "notes.txt" ? files : found.sort()
}

const commands = words.commands.map(({ name }) => name).sort()

const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>, ReadonlyArray<string>]> = [
  ["every command", [""], commands],
  ["the command that begins so", ["ru"], ["run"]],
  ["the commands of a group", ["proxy", "st"], ["start", "status", "stop"]],
  ["profiles that can be run", ["run", ""], ["demo", "grok", "my grok"]],
  ["every profile to show", ["profile", "show", "g"], ["gone", "grok"]],
  ["every profile to test, and all of them", ["profile", "test", ""], ["all", "demo", "gone", "grok", "my grok"]],
  ["a profile after options with values", ["run", "-m", "x", "g"], ["grok"]],
  ["a profile after the border", ["run", "--", "g"], ["grok"]],
  ["a profile as the value of an option", ["logs", "-f", "-p", "gr"], ["grok"]],
  ["a profile in the word of its option", ["logs", "--profile=gr"], ["grok"]],
  ["the profiles of another file", ["--config", "../other.toml", "run", "o"], ["other:one"]],
  ["the profiles of a file in the word of its option", ["--config=../other.toml", "env", "o"], ["other:one"]],
  ["files for Claude Code", ["run", "grok", ""], files],
  ["files for Claude Code after its options", ["run", "grok", "-m", "x", "--print", ""], files],
  ["claudex's own options behind the profile", ["run", "grok", "--no"], ["--no-gateway"]],
  [
    "them as long as nothing else stands there",
    ["run", "grok", "-mx", "--no-gateway", "--config=a", "--m"],
    ["--model"]
  ],
  ["the short names of models behind the profile", ["run", "grok", "--no-gateway", "-m", "f"], ["fast"]],
  ["files for an option that takes one", ["--config", ""], files],
  ["the short names of models", ["run", "-m", ""], ["cheap", "fast"]],
  ["a short name in the word of its option", ["profile", "show", "--model=f"], ["fast"]],
  ["the providers", ["profile", "add", "--provider", "xa"], ["xai"]],
  ["the protocols", ["profile", "add", "--type", "OpenAI"], ["OpenAICompatible", "OpenAIResponses"]],
  ["settings that begin so", ["config", "get", "proxy"], ["proxy_host", "proxy_port"]],
  ["the first key of settings below it", ["config", "set", "tele"], ["telemetry."]],
  ["settings below a key", ["config", "unset", "telemetry."], ["telemetry.otlp_endpoint"]],
  ["the profiles that have settings", ["config", "set", "profiles.g"], ["profiles.gone.", "profiles.grok."]],
  ["the settings of a profile", ["config", "get", "profiles.grok.base"], ["profiles.grok.base_url"]],
  [
    "settings that were named by somebody",
    ["config", "get", "model_aliases."],
    ["model_aliases.cheap", "model_aliases.fast"]
  ],
  ["nothing below a setting that is none", ["config", "get", "proxy_port."], []],
  ["nothing where anything can stand", ["config", "set", "proxy_port", ""], []],
  ["stored keys that no profile uses", ["profile", "forget-key", ""], ["left-1", "left-2"]],
  ["the words that a setting can be", ["config", "set", "log_level", ""], [...LogLevel.literals].sort()],
  ["both of yes and no", ["config", "set", "--global", "profiles.grok.enabled", ""], ["false", "true"]],
  ["the profiles for a setting that names one", ["config", "set", "default_profile", "g"], ["gone", "grok"]],
  ["nothing for a setting that is a table, or none", ["config", "set", "telemetry", ""], []],
  ["nothing after the last argument", ["profile", "show", "grok", ""], []],
  ["nothing for a command that is none", ["prxy", ""], []],
  ["the words that a value can be", ["logs", "--level", ""], ["debug", "error", "info", "trace", "warn"]],
  ["the words that an argument can be", ["completions", ""], ["bash", "fish", "zsh"]],
  ["options that begin so", ["proxy", "start", "--p"], ["--port"]],
  ["no options after the border", ["profile", "show", "--", "--m"], []]
]

/** As a person would see it: what bash quotes for the command line, and cuts. */
const plain = (shell: Shell, found: ReadonlyArray<string>, line: ReadonlyArray<string>): ReadonlyArray<string> =>
  shell === "bash" ? found.map((text) => text.replaceAll("\\", "")).filter((text) => !line.includes(text)) : found

for (const shell of ["bash", "zsh", "fish"] as const) {
  if (pathOf(shell) === undefined) continue
  describe(`completions in ${shell}`, () => {
    for (const [what, line, expected] of cases) {
      it(`offer ${what}: claudex ${line.join(" ")}`, async () => {
        const user = await prepared()
        await user.write("other.toml", other)
        expect(plain(shell, await offered(user, shell, line), line)).toEqual(expected)
      })
    }

    it("offer exactly the options of every command", async () => {
      const user = await prepared()
      for (const { options, path } of places) {
        const line = [...path.split(" ").filter(Boolean), "--"]
        expect(await offered(user, shell, line), path).toEqual(options.map(({ name }) => name).sort())
      }
    })

    it("offer no options of claudex's where those of Claude Code stand", async () => {
      const user = await prepared()
      const behind = [["hi"], ["--print"], ["--"], ["--x=y"], ["-m", "x", "-p"]].map((all) => ["grok", ...all])
      for (const typed of [...behind, ["--", "grok"]]) {
        expect([typed, await offered(user, shell, ["run", ...typed, "--no"])]).not.toContainEqual(["--no-gateway"])
      }
      expect(await offered(user, shell, ["run", "grok", "--h"])).not.toContain("--help")
    })

    it("offer what can be read of a configuration that is broken, and say nothing", async () => {
      const user = await prepared("proxy_prot = [")
      await user.write("work/claudex.toml", `proxy_prot = 1\n${other.replace("other:one", "mine")}`)
      expect(await offered(user, shell, ["run", ""])).toEqual(["demo", "mine"])
    })
  })
}

describe("completions in bash", () => {
  it("offer a name with a space as the shell takes it for one word, and the rest of one with a colon", async () => {
    const user = await prepared(config + other)
    expect(await offered(user, "bash", ["run", "my"])).toEqual(["my\\ grok"])
    expect(await offered(user, "bash", ["run", "my\\ g"])).toEqual(["my\\ grok"])
    expect(await offered(user, "bash", ["run", "'my g"])).toEqual(["my grok"])
    expect(await offered(user, "bash", ["run", "other:o"])).toEqual(["one"])
    expect(await offered(user, "bash", ["run", "other:"])).toEqual(["one"])
    expect(await offered(user, "bash", ["run", "other:one", ""])).toEqual(files)
  })
})

describe("claudex completions", () => {
  it("prints the script of each shell, which knows every command", async () => {
    const user = await makeUser()
    for (const shell of ["bash", "zsh", "fish"] as const) {
      const outcome = await user.run(["completions", shell])
      expect(outcome).toEqual({ code: 0, signal: null, stdout: scripts[shell], stderr: "" })
      for (const { path } of places) expect(outcome.stdout).toContain(`'${path}'`)
    }
  })

  it("says which shells it knows", async () => {
    const user = await makeUser()
    const outcome = await user.run(["completions", "tcsh"])
    expect(outcome).toMatchObject({ code: 2, stdout: "" })
    expect(outcome.stderr).toContain("bash")
    expect(outcome.stderr).toContain("Next: claudex completions --help\n")
    expect((await user.run(["completions"])).stderr).toContain("bash, zsh or fish")
  })
})

describe("the words for a shell", () => {
  const offers = async (user: User, ...more: ReadonlyArray<string>) => {
    const { code, stderr, stdout } = await user.run(["offers", ...more])
    expect([code, stderr]).toEqual([0, ""])
    return stdout.split("\n").slice(0, -1).sort()
  }

  it("are the profiles of all files, or those that can be run, one a line", async () => {
    const user = await makeUser(
      `${config}\n[[profiles]]\n${other.replace(/^.*\n.*/, "").replace("other:one", "two\\nlines")}`
    )
    await user.write("work/claudex.toml", `${other}[[profiles]]\nname = "grok"\nenabled = false\n`)
    expect(await offers(user, "enabled")).toEqual(["demo", "my grok", "other:one"])
    expect(await offers(user, "profile")).toEqual(["demo", "gone", "grok", "my grok", "other:one"])
    expect(await user.stateFiles()).toEqual([])
  })

  it("are what can be read, without a word or a failure, whatever is wrong", async () => {
    const user = await makeUser("proxy_prot = 1")
    expect(await offers(user)).toEqual([])
    expect(await offers(user, "nonsense")).toEqual([])
    expect(await offers(user, "toString")).toEqual([])
    expect(await offers(user, "profile", "--config", "nowhere.toml")).toEqual(["demo"])
    expect(await offers(user, "profile", "--config")).toEqual(["demo"])
    expect(await offers(user, "key", "--at", "proxy_port.")).toEqual([])
    expect(await offers(user, "value", "--of", "proxy_port.")).toEqual([])
    expect(await offers(user, "value")).toEqual([])
  })

  it("are the settings of a profile whose name stands in quotes", async () => {
    const user = await makeUser(config)
    expect(await offers(user, "key", "--at", "profiles.")).toContain('profiles."my grok".')
    expect(await offers(user, "key", "--at", 'profiles."my grok".')).toContain('profiles."my grok".default_model')
  })
})

describe("the settings for a shell", () => {
  const tree = treeOf({ profiles: [{ name: "grok" }, { name: "a.b" }], model_aliases: { fast: "m" } }, () => ({
    layer: "default"
  }))

  /** Every path that can be typed with what is offered alone. */
  const reached = (typed: string): ReadonlyArray<string> =>
    settingsAt(tree, typed).flatMap((one) => (one.endsWith(".") ? [one, ...reached(one)] : [one]))

  it("lead, one after the other, to every key of the schema, and each is a path that is understood", () => {
    const paths = reached("").map((text) => readSettingPath(text.replace(/\.$/, "")))
    const found = new Set(paths.map((path) => JSON.stringify(Either.getOrThrow(path))))
    for (const [first = "", ...rest] of namedKeys(fileShape)) {
      // a profile's name stands between its list and its keys
      const whole =
        first === "profiles" && rest.length > 0
          ? [
              [first, "grok", ...rest],
              [first, "a.b", ...rest]
            ]
          : [[first, ...rest]]
      for (const path of whole) expect(found).toContain(JSON.stringify(path))
    }
    expect(found).toContain(JSON.stringify(["model_aliases", "fast"]))
  })

  it("have words for values that the schema takes, for every key that has such", () => {
    const ofProfile = valuesOf(tree, "profiles.grok.provider_type")
    expect(ofProfile).toEqual(ProviderType.literals)
    expect(valuesOf(tree, 'profiles."a.b".enabled')).toEqual(["true", "false"])
    expect(valuesOf(tree, "default_profile")).toEqual(["grok", "a.b"])
    expect(valuesOf(tree, "model_aliases.fast")).toEqual([])
    const none = ["", ".", "nonsense", "profiles", "profiles.grok", "profiles.grok.default_model", "proxy_port"]
    for (const typed of none) expect([typed, valuesOf(tree, typed)]).toEqual([typed, []])
  })
})
