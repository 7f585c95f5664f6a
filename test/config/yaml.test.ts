import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { readYaml } from "../../src/config/yamlDocument.ts"
import { yamlTree } from "../../src/config/yamlTree.ts"
import { globalFile, platform, sandbox } from "./support.ts"

const faultOf = (text: string): string =>
  Either.match(yamlTree(text), {
    onLeft: ({ column, line, message }) => `${line}:${column}: ${message}`,
    onRight: () => "none"
  })

const whole = `# of the original
proxy_port: 4000
profiles:
  - name: grok
    provider_type: OpenAICompatible
    base_url: https://api.x.ai/v1
    api_key: sk-planted-0123456789
    api_key_keyring:
    default_model: grok-4
    models: {haiku: grok-3-mini}
    backup_providers:
      - other
  - {name: other, provider_type: DirectAnthropic, base_url: "https://other.example", default_model: m}
model_aliases:
  fast: grok-3
`

describe("a configuration in YAML", () => {
  it.scoped("is read, with the line of every value", () =>
    Effect.gen(function* () {
      const { load, shown, write } = yield* sandbox
      yield* write("repo/claudex.yaml", whole)
      const { files, origin, settings } = yield* load()
      assert.deepStrictEqual(
        files.map(({ layer, path }) => `${layer} ${shown(path)}`),
        ["project /repo/claudex.yaml"]
      )
      assert.strictEqual(settings.proxyPort, 4000)
      assert.deepStrictEqual(settings.modelAliases, { fast: "grok-3" })
      const grok = settings.profiles.find(({ name }) => name === "grok")
      assert.deepStrictEqual([grok?.models.haiku, grok?.backupProviders], ["grok-3-mini", ["other"]])
      const line = (path: string) => {
        const found = origin(path)
        return "line" in found ? found.line : found.layer
      }
      assert.deepStrictEqual(
        [
          "proxy_port",
          "profiles.grok",
          "profiles.grok.default_model",
          "profiles.grok.models.haiku",
          "profiles.grok.api_key_keyring",
          "profiles.other.base_url",
          "model_aliases.fast"
        ].map(line),
        [2, 4, 9, 10, "default", 13, 15]
      )
    }).pipe(Effect.provide(platform))
  )

  it.scoped("merges with TOML like any other file", () =>
    Effect.gen(function* () {
      const { load, write } = yield* sandbox
      yield* write(globalFile, 'log_level = "warn"\nproxy_port = 1\n')
      yield* write("repo/claudex.yml", "proxy_port: 2\n")
      const { settings } = yield* load()
      assert.deepStrictEqual([settings.logLevel, settings.proxyPort], ["warn", 2])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("has its faults told with file and line, and with the column where it is no YAML", () =>
    Effect.gen(function* () {
      const { faults, write } = yield* sandbox
      yield* write(
        "repo/claudex.yaml",
        "proxy_prot: 1\nrouter:\n  enabled: maybe\n  rules: [~]\nmodel_aliases: {a: [1]}\n"
      )
      assert.deepStrictEqual(yield* faults(), [
        '/repo/claudex.yaml:1: proxy_prot: unknown key, did you mean "proxy_port"?',
        "/repo/claudex.yaml:3: router.enabled: is a string, expected true or false",
        "/repo/claudex.yaml:4: router.rules: is a list, expected a table",
        "/repo/claudex.yaml:5: model_aliases.a: is a list, expected a string"
      ])
      yield* write("repo/claudex.yaml", "profiles:\n  - name: a\n  - name: a\n")
      assert.include(
        yield* faults(),
        "/repo/claudex.yaml:3: profiles.a.name: is the name of another profile (line 2), expected a name of its own"
      )
      yield* write("repo/claudex.yaml", "a:\n  b: 1\n c: 2\n")
      assert.deepStrictEqual(yield* faults(), [
        "/repo/claudex.yaml:3:1: is not valid YAML: the indentation does not fit, or a bracket is not closed, expected keys of one table in one column"
      ])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("needs consent like any other project's file", () =>
    Effect.gen(function* () {
      const { faults, write } = yield* sandbox
      yield* write("repo/claudex.yaml", "claude_binary: /tmp/other\n")
      assert.deepStrictEqual(yield* faults(), [
        '/repo/claudex.yaml:1: claude_binary: is set by a project file that you have not agreed to, expected your consent: read the file, then type "claudex config trust"'
      ])
    }).pipe(Effect.provide(platform))
  )

  it("may be empty, or hold comments only", () => {
    for (const text of ["", "\n", "# nothing\n", "---\n", "~", "{}"]) assert.strictEqual(faultOf(text), "none", text)
  })
})

describe("YAML is not read where it is", () => {
  const cases: ReadonlyArray<readonly [what: string, text: string, fault: RegExp]> = [
    ["a list or a text", "- a", /^1:1: does not begin with key: value/],
    ["a key given twice", "a: 1\nb: 2\na: 3", /^3:1: the key stands there twice/],
    ["a key given twice within", "a:\n  b: 1\n  b: 2", /^3:3: the key stands there twice/],
    ["a second document", "a: 1\n---\nb: 2", /^2:1: a second document begins/],
    ["a tag of somebody's own", "a: !foo x", /^1:4: a tag is not known/],
    ["a tag that the core schema has not", "a: !!binary aGk=", /^1:4: a tag is not known/],
    ["a tag of a program's", "a: !!js/function 'x'", /^1:4: a tag is not known/],
    ["a key that is no text", "? [a]\n: 1", /^1:3: a key is a table, a list or an alias/],
    ["an alias as a key", "a: &x b\n*x : 1", /a key is a table, a list or an alias/],
    ["a key of the language's own", "model_aliases:\n  __proto__: x", /^2:3: a key cannot be used/],
    ["an alias without an anchor", "a: *x", /^1:4: an alias stands for nothing/],
    ["an alias in itself", "a: &x\n  b: *x", /^2:6: an alias stands within/],
    ["an alias before its anchor", "a: *x\nb: &x 1", /^1:4: an alias stands for nothing/],
    ["an open bracket", "a: [1, 2", /^1:\d+: the indentation does not fit, or a bracket/],
    ["an open quote", 'a: "x', /^1:\d+: a character is missing/],
    ["a tab in the indentation", "a:\n\tb: 1", /^2:\d+: a tab stands in the indentation/],
    ["an unknown escape", 'a: "\\q"', /^1:\d+: an escape behind/]
  ]
  for (const [what, text, fault] of cases) {
    it(`${what}`, () => {
      assert.match(faultOf(text), fault)
    })
  }

  it("aliases of aliases that stand for billions", () => {
    const laughs = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? "a0: &a0 [lol, lol]"
        : `a${level}: &a${level} [${Array(9)
            .fill(`*a${level - 1}`)
            .join(", ")}]`
    ).join("\n")
    assert.match(faultOf(laughs), /aliases repeat more than 10000 values/)
  })

  it("brackets without an end", () => {
    assert.notStrictEqual(faultOf(`a: ${"[".repeat(100_000)}`), "none")
    assert.notStrictEqual(faultOf(`a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`), "none")
  })

  it("and a fault never tells what stands there", () => {
    for (const text of [
      "api_key: [sk-planted",
      "a: *sk-planted",
      "a: !sk-planted x",
      "sk-planted",
      "sk-planted: 1\nsk-planted: 1"
    ])
      assert.notInclude(faultOf(text), "planted")
  })
})

describe("a value in YAML", () => {
  it("is what YAML 1.2 has it be, whatever version the text asks for", () => {
    const text = "yes: no\nold: 0o17\nnew: 017\nhex: 0x1f\nday: 2026-01-02\nbig: 1_000\nbool: TRUE\nmerge: {<<: 1}\n"
    for (const head of ["", "%YAML 1.2\n---\n", "%YAML 1.1\n---\n"]) {
      const read = Either.getOrThrow(yamlTree(head + text))
      const values = read.entries.map(({ key, value }) => [key, value.kind === "scalar" ? value.value : value.kind])
      assert.deepStrictEqual(Object.fromEntries(values), {
        yes: "no",
        old: 15,
        new: 17,
        hex: 31,
        day: "2026-01-02",
        big: "1_000",
        bool: true,
        merge: "table"
      })
    }
  })

  it("may be repeated by an alias, and is then from where it was written", () => {
    const text = "model_aliases: &all\n  fast: x\nmodel_info: {}\nrouter:\n  rules: *all\n"
    const { tree } = Either.getOrThrow(readYaml(text, "global", "f.yaml"))
    const router = tree.root.entries.get("router")
    const rules = router?.kind === "table" ? router.entries.get("rules") : undefined
    const fast = rules?.kind === "table" ? rules.entries.get("fast") : undefined
    assert.deepStrictEqual(fast, { kind: "leaf", value: "x", origin: { layer: "global", file: "f.yaml", line: 2 } })
  })
})
