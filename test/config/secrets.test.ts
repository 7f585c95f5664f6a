import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Either, FastCheck as fc } from "effect"
import { assemble } from "../../src/config/assemble.ts"
import { readDocument } from "../../src/config/document.ts"
import { ConfigError } from "../../src/config/errors.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

/** Stands where the code keeps secrets redacted, even in a configuration that is valid. */
const secret = "sk-canary-0123456789"
/** Stands where the code must open values, as in the variables of the child: it must not show in faults. */
const opened = "canary-of-the-child"
const variable = "canary-in-a-variable"
const environment = { KEY: variable, CLAUDEX_PROFILES__GROK__API_KEY: secret }

const lines = [
  'claude_binary = "claude"',
  "proxy_port = 8080",
  "[model_aliases]",
  'fast = "grok-fast"',
  "[[profiles]]",
  'name = "grok"',
  `api_key = "${secret}"`,
  'base_url = "https://api.x.ai/v1"',
  'default_model = "grok-4"',
  'backup_providers = ["local"]',
  "[profiles.custom_headers]",
  `Authorization = "Bearer ${secret}"`,
  `X-Other = "\${KEY} ${secret}"`,
  "[profiles.extra_env]",
  `TOKEN = "${opened}"`,
  "[[profiles]]",
  'name = "local"',
  `api_key = '''${secret}'''`,
  'base_url = "http://127.0.0.1:8000"',
  'default_model = "llama"',
  `custom_headers = { X-Key = '${secret}' }`,
  `query_params = { key = "${opened}" }`
]

/** A change of one line, or of the order of lines; it never moves a value behind another key. */
const breakage: fc.Arbitrary<(text: ReadonlyArray<string>) => ReadonlyArray<string>> = fc
  .record({
    kind: fc.constantFrom("cut", "insert", "drop", "repeat", "swap", "end", "wrap"),
    at: fc.nat(),
    other: fc.nat(),
    from: fc.nat(),
    length: fc.integer({ min: 1, max: 12 }),
    piece: fc.constantFrom('"', "'", '"""', "[", "]", "{", "}", "=", ".", "#", " ", "\\", "x", "1", ",", "${", "\u0000")
  })
  .map(({ at, from, kind, length, other, piece }) => (text) => {
    if (text.length === 0) return text
    const line = at % text.length
    const second = other % text.length
    const written = text[line] ?? ""
    const column = from % (written.length + 1)
    switch (kind) {
      case "cut":
        return text.with(line, written.slice(0, column) + written.slice(column + length))
      case "insert":
        return text.with(line, written.slice(0, column) + piece + written.slice(column))
      case "drop":
        return text.toSpliced(line, 1)
      case "repeat":
        return text.toSpliced(second, 0, written)
      case "swap":
        return text.with(line, text[second] ?? "").with(second, written)
      case "wrap":
        return text.with(line, written.replace(/= (.*)$/, "= [ $1, { a = $1 } ]"))
      default:
        return [...text.slice(0, line), written.slice(0, column)]
    }
  })

/** Everything a log, a crash or a curious caller could make of a value. */
const shown = (value: unknown): string =>
  [JSON.stringify(value), String(value), inspect(value, { depth: 20, showHidden: true })].join("\n")

const load = (text: string) =>
  assemble(
    [{ layer: "global", path: "/config.toml", content: readDocument(text, "global", "/config.toml") }],
    environment,
    []
  )

describe("a secret in a configuration", () => {
  it("appears in no fault, however the file is broken", async () => {
    await holds(
      fc.property(fc.array(breakage, { minLength: 1, maxLength: 4 }), (breakages) => {
        const text = breakages.reduce<ReadonlyArray<string>>((broken, change) => change(broken), lines).join("\n")
        const result = load(text)
        // the environment always has a fault, which keeps every text on this side
        assert.isTrue(Either.isLeft(result))
        if (Either.isRight(result)) return
        const error = new ConfigError({ faults: result.left })
        const everything = `${shown(error)}\n${error.message}\n${error.stack}\n${Cause.pretty(Cause.fail(error))}`
        for (const canary of [secret, opened, variable]) assert.notInclude(everything, canary, text)
      }),
      { numRuns: runs * 2 }
    )
  })

  it("appears in no rendering of the settings, and is still there to be used", () => {
    const result = assemble(
      [{ layer: "global", path: "/config.toml", content: readDocument(lines.join("\n"), "global", "/config.toml") }],
      { KEY: variable },
      []
    )
    const loaded = Either.getOrThrow(result)
    const rendered = `${shown(loaded)}\n${shown(loaded.settings)}\n${shown(loaded.settings.profiles)}`
    assert.notInclude(rendered, secret)
    assert.notInclude(rendered, variable)
    assert.include(rendered, "redacted")
    assert.deepStrictEqual(
      loaded.settings.profiles.map(({ apiKey }) => apiKey !== undefined),
      [false, true, true]
    )
  })
})
