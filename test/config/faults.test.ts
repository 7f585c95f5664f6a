import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { globalFile, platform, sandbox } from "./support.ts"

/** The lines of the error that a global file alone causes, without the file's name. */
const faultsIn = (text: string) =>
  Effect.gen(function* () {
    const { faults, write } = yield* sandbox
    yield* write(globalFile, text)
    return (yield* faults()).map((line) => line.replace(`/${globalFile}:`, ""))
  }).pipe(Effect.provide(platform))

const golden = (name: string, text: string, expected: ReadonlyArray<string>) =>
  it.scoped(name, () => Effect.map(faultsIn(text), (found) => assert.deepStrictEqual(found, expected)))

const profile = '[[profiles]]\nname = "a"\nbase_url = "https://a.example"\ndefault_model = "m"\n'

describe("a faulty file is told", () => {
  golden("the line of a syntax error, in one line", 'proxy_port = 1\nlog_level = "x', [
    "2: is not valid TOML: unfinished string"
  ])

  golden("a key that is written twice", "proxy_port = 1\nproxy_port = 2", [
    "2: is not valid TOML: trying to redefine an already defined table or value"
  ])

  golden("a key that would not survive, such as __proto__", '[model_aliases]\n"__proto__" = "x"', [
    "2: is not valid TOML: document contains an unsafe property"
  ])

  golden(
    "wrong types and values by what they are and what is expected",
    `proxy_port = "80"
log_level = "verbose"
hyperlinks = 1
allow_remote = "yes"
profiles = 3
model_aliases = ["a"]
claude_binary = ""
timeouts.idle_seconds = 0
router.rules.code = 1979-05-27
context.rag.top_k = 1.5
context.rag.index_paths = [1, "a", true]
`,
    [
      "1: proxy_port: is a string, expected a whole number from 0 to 65535",
      '2: log_level: is not known, expected one of "off", "error", "warn", "info", "debug", "trace"',
      '3: hyperlinks: is a number, expected "auto", true or false',
      "4: allow_remote: is a string, expected true or false",
      "5: profiles: is a number, expected a list of [[profiles]] tables",
      "6: model_aliases: is a list, expected a table",
      "7: claude_binary: is empty, expected a non-empty string",
      "8: timeouts.idle_seconds: does not fit, expected a number of seconds greater than 0",
      "9: router.rules.code: is a date, expected a string",
      "10: context.rag.top_k: does not fit, expected a whole number, 1 or more",
      "11: context.rag.index_paths[0]: is a number, expected a string",
      "11: context.rag.index_paths[2]: is true or false, expected a string"
    ]
  )

  golden(
    "the same of what is said about a provider's dialect",
    `${profile}dialect = "vllmm"

[profiles.quirks]
tool_choise = "full"
tool_choice = "ful"
max_stop = -1
vision = "yes"
efforts = ["low", "huge"]
session_header = "authorization"
empty_result = "\${SECRET}"
`,
    [
      '5: profiles.a.dialect: is not known, did you mean "vllm"? Expected one of openai, azure, chatgpt, copilot, xai, anthropic, deepseek, kimi, kimi-code, glm, minimax, qwen, mistral, gemini, openrouter, groq, together, cerebras, perplexity, ollama, lmstudio, llamacpp, vllm, sglang, generic',
      '8: profiles.a.quirks.tool_choise: unknown key, did you mean "tool_choice"?',
      '9: profiles.a.quirks.tool_choice: is not known, did you mean "full"? Expected one of "full", "words", "none"',
      "10: profiles.a.quirks.max_stop: does not fit, expected a whole number, 0 or more",
      "11: profiles.a.quirks.vision: is a string, expected true or false",
      '12: profiles.a.quirks.efforts[1]: is not known, expected one of "none", "minimal", "low", "medium", "high", "xhigh", "max"',
      '13: profiles.a.quirks.session_header: does not fit, expected a header in lower case: "session_id", or a name that begins with "x-"',
      "14: profiles.a.quirks.empty_result: is taken as it stands, expected no ${...}"
    ]
  )

  golden(
    "the same of what is said about models",
    `[model_info."my-model*"]
context_window = 0
output_limit = "many"
vision = "yes"
efforts = ["low", "huge"]
price_input = -1
price_cached = inf
window = 3
["model_info"."a*b"]
[model_info.""]
[model_info."*"]
`,
    [
      '2: model_info."my-model*".context_window: does not fit, expected a whole number, 1 or more',
      '3: model_info."my-model*".output_limit: is a string, expected a whole number, 1 or more',
      '4: model_info."my-model*".vision: is a string, expected true or false',
      '5: model_info."my-model*".efforts[1]: is not known, expected one of "none", "minimal", "low", "medium", "high", "xhigh", "max"',
      '6: model_info."my-model*".price_input: does not fit, expected a number, 0 or more',
      '7: model_info."my-model*".price_cached: does not fit, expected a number, 0 or more',
      '8: model_info."my-model*".window: unknown key, expected one of context_window, output_limit, vision, efforts, price_input, price_cached, price_write, price_output',
      '9: model_info."a*b": fits no model, expected its name, or a beginning and one * behind it',
      '10: model_info."": fits no model, expected its name, or a beginning and one * behind it'
    ]
  )

  golden(
    "the same of profiles, each by its name",
    `${profile}priority = -1
strip_params = ["a", 1]
max_tokens = "many"
custom_headers = { X-Team = 1 }
[profiles.models]
opus = ""
[profiles.timeouts]
idle_seconds = "5"
[[profiles]]
name = "b c"
default_model = 5
base_url = "https://b.example"
`,
    [
      "5: profiles.a.priority: does not fit, expected a whole number, 0 or more",
      "6: profiles.a.strip_params[1]: is a number, expected a string",
      "7: profiles.a.max_tokens: is a string, expected a whole number, 1 or more",
      "8: profiles.a.custom_headers.X-Team: is a number, expected a string",
      "10: profiles.a.models.opus: is empty, expected a non-empty string",
      "12: profiles.a.timeouts.idle_seconds: is a string, expected a number of seconds greater than 0",
      '15: profiles."b c".default_model: is a number, expected a non-empty string'
    ]
  )

  golden("that [profiles] must be [[profiles]]", '[profiles]\nname = "a"', [
    "1: profiles: is a table, expected a list of [[profiles]] tables"
  ])

  golden(
    "what a word was probably meant to be",
    `${profile}provider_type = "openai-compatible"\noauth_provider = "gogle"`,
    [
      '5: profiles.a.provider_type: is not known, did you mean "OpenAICompatible"? Expected one of "DirectAnthropic", "OpenAICompatible", "OpenAIResponses"',
      '6: profiles.a.oauth_provider: is not known, did you mean "google"? Expected one of "claude", "chatgpt", "openai", "google", "qwen", "kimi", "github", "gitlab"'
    ]
  )

  golden(
    "unknown keys, with the nearest known one, or where the key belongs",
    `proxy_prot = 1
base_url = "x"
moon = 1
[router]
modle = "x"
phase = 1
${profile}priorty = 1
proxy_port = 1
[profiles.models]
turbo = "x"
`,
    [
      '1: proxy_prot: unknown key, did you mean "proxy_port"?',
      "2: base_url: unknown key here, expected in a [[profiles]] table",
      "3: moon: unknown key",
      '5: router.modle: unknown key, did you mean "model"?',
      "6: router.phase: unknown key, expected one of enabled, profile, model, rules",
      '11: profiles.a.priorty: unknown key, did you mean "priority"?',
      "12: profiles.a.proxy_port: unknown key here, expected above the first [table] of the file",
      "14: profiles.a.models.turbo: unknown key, expected one of haiku, sonnet, opus, fable"
    ]
  )

  golden(
    "missing and empty names, and what else such a profile lacks",
    '[[profiles]]\n[[profiles]]\nname = ""\nbase_url = "http://a"',
    [
      "1: profiles[0].name: is missing, expected a non-empty string",
      "1: profiles[0].base_url: is missing, expected a string",
      "1: profiles[0].default_model: is missing, expected a non-empty string",
      "2: profiles[1].default_model: is missing, expected a non-empty string",
      "3: profiles[1].name: is empty, expected a non-empty string"
    ]
  )

  golden("elements of profiles that are no tables", 'profiles = ["grok"]', [
    "1: profiles[0]: is a string, expected a table"
  ])

  golden("names that two profiles share", `${profile}${profile}`, [
    "6: profiles.a.name: is the name of another profile (line 2), expected a name of its own"
  ])

  golden(
    "references to profiles that do not exist",
    `[router]
enabled = true
profile = "aa"
rules = { code = "b", math = "a", search = "demo" }
[context.compression]
enabled = true
profile = "c"
[context.rag]
profile = "not looked at while rag is off"
${profile}backup_providers = ["a", "demo", "d"]
`,
    [
      '3: router.profile: there is no profile "aa", expected the name of a profile',
      '4: router.rules.code: there is no profile "b", expected the name of a profile',
      '7: context.compression.profile: there is no profile "c", expected the name of a profile',
      "14: profiles.a.backup_providers[0]: names the profile itself, expected another one",
      '14: profiles.a.backup_providers[2]: there is no profile "d", expected the name of a profile'
    ]
  )

  golden(
    "addresses that nothing can be sent to",
    ["demo:", "api.x.ai/v1", "ftp://a", "https://", "localhost:80", ""]
      .map((url, at) => `[[profiles]]\nname = "p${at}"\ndefault_model = "m"\nbase_url = "${url}"\n`)
      .join(""),
    [4, 8, 12, 16, 20, 24].map(
      (line, at) => `${line}: profiles.p${at}.base_url: is not an address, expected http:// or https:// and a host`
    )
  )

  golden(
    "a key that is given in two ways, and a subscription without its provider",
    `${profile}api_key = "k"
api_key_keyring = "entry"
auth_type = "oauth"
`,
    [
      "6: profiles.a.api_key_keyring: stands together with api_key, expected one of the two",
      '7: profiles.a.auth_type: is "oauth", expected together with oauth_provider'
    ]
  )

  golden(
    "references to variables where they are not read, or are malformed",
    `[[profiles]]
name = "a\${B}"
base_url = "https://a.example/\${1}"
default_model = "\${B"
backup_providers = ["\${C}"]
`,
    [
      '2: profiles."a${B}".name: is taken as it stands, expected no ${...}',
      `3: profiles."a\${B}".base_url: has a \${ that is no reference, expected \${NAME}, or $\${ for a plain \${`,
      `4: profiles."a\${B}".default_model: has a \${ that is no reference, expected \${NAME}, or $\${ for a plain \${`,
      '5: profiles."a${B}".backup_providers: is taken as it stands, expected no ${...}'
    ]
  )
})

describe("the faults of several layers", () => {
  it.scoped("are reported together, also of values that a stronger layer replaces", () =>
    Effect.gen(function* () {
      const { faults, write } = yield* sandbox
      yield* write(globalFile, 'proxy_port = "a"\n[[profiles]]\nname = "x"\nbase_url = "x"')
      yield* write("repo/claudex.toml", 'proxy_port = 1\nlog_levl = "info"')
      yield* write(
        "mine.toml",
        '[[profiles]]\nname = "x"\nbase_url = "https://x.example"\ndefault_model = "m"\npriority = "1"'
      )
      const where = { explicit: "../mine.toml", environment: { CLAUDEX_PROXY_HOST: "h", CLAUDEX_HOST: "h" } }
      assert.deepStrictEqual(yield* faults(where), [
        `/${globalFile}:1: proxy_port: is a string, expected a whole number from 0 to 65535`,
        `/${globalFile}:4: profiles.x.base_url: is not an address, expected http:// or https:// and a host`,
        '/repo/claudex.toml:2: log_levl: unknown key, did you mean "log_level"?',
        "/mine.toml:5: profiles.x.priority: is a string, expected a whole number, 0 or more",
        "CLAUDEX_HOST: is no setting of claudex"
      ])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("do not include what one layer leaves to another", () =>
    Effect.gen(function* () {
      const { load, write } = yield* sandbox
      yield* write(
        globalFile,
        '[[profiles]]\nname = "x"\nauth_type = "oauth"\nbackup_providers = ["y"]\ndefault_model = "m"'
      )
      const y = '[[profiles]]\nname = "y"\nbase_url = "http://y"\ndefault_model = "m"'
      yield* write("mine.toml", `[[profiles]]\nname = "x"\nbase_url = "http://x"\noauth_provider = "kimi"\n${y}`)
      assert.strictEqual((yield* load({ explicit: "../mine.toml" })).settings.profiles.length, 3)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("name a missing key at the strongest place where its profile is mentioned", () =>
    Effect.gen(function* () {
      const { faults, write } = yield* sandbox
      yield* write(globalFile, '[[profiles]]\nname = "x"\ndefault_model = "m"')
      yield* write("repo/claudex.toml", '\n[[profiles]]\nname = "x"\npriority = 1')
      assert.deepStrictEqual(yield* faults(), [
        "/repo/claudex.toml:2: profiles.x.base_url: is missing, expected a string"
      ])
    }).pipe(Effect.provide(platform))
  )
})

describe("variables outside of profiles", () => {
  it.scoped("are filled in when the file is read, and are faults when they are not set", () =>
    Effect.gen(function* () {
      const { faults, load, write } = yield* sandbox
      yield* write(globalFile, 'claude_binary = "${TOOLS}/$${x}/$claude"\ncontext.rag.index_paths = ["a", "${TOOLS}"]')
      const { settings } = yield* load({ environment: { TOOLS: "/opt" } })
      assert.strictEqual(settings.claudeBinary, "/opt/${x}/$claude")
      assert.deepStrictEqual(settings.context.rag.indexPaths, ["a", "/opt"])
      assert.deepStrictEqual(yield* faults({ environment: { TOOLS: "" } }), [
        `/${globalFile}:1: claude_binary: \${TOOLS} is not set, expected a variable that has a value`,
        `/${globalFile}:2: context.rag.index_paths: \${TOOLS} is not set, expected a variable that has a value`
      ])
      yield* write(globalFile, 'claude_binary = "${TOOLS:-x}"')
      assert.deepStrictEqual(yield* faults({ environment: { TOOLS: "/opt" } }), [
        `/${globalFile}:1: claude_binary: has a \${ that is no reference, expected \${NAME}, or $\${ for a plain \${`
      ])
    }).pipe(Effect.provide(platform))
  )
})
