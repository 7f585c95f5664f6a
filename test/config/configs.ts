/** Configurations of every kind, as a file holds them. */
import { Arbitrary, FastCheck as fc, Schema } from "effect"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import type { EnvironmentRecord } from "../../src/config/Environment.ts"
import type { TomlTable, TomlValue } from "../../src/config/tomlText.ts"
import { opened } from "../../src/config/tree.ts"
import { dialects } from "../../src/provider/quirks.ts"

const encode = Schema.encodeSync(ConfigFile)

type Plain = Readonly<Record<string, unknown>>

const isTable = (value: unknown): value is Plain => typeof value === "object" && value !== null && !Array.isArray(value)

const isToml = (value: unknown): value is TomlValue =>
  Array.isArray(value)
    ? value.every(isToml)
    : isTable(value)
      ? Object.values(value).every(isToml)
      : ["string", "number", "boolean"].includes(typeof value)

const isDocument = (value: Plain): value is TomlTable => isToml(value)

const onlyTable = (value: unknown): Plain => (isTable(value) ? value : {})

/** As a file can hold it: without what is undefined, of one kind of object, and with one kind of zero. */
export const plain = (found: unknown): unknown => {
  const value = opened(found)
  if (Array.isArray(value)) return value.map(plain)
  if (isTable(value)) {
    const entries = Object.entries(value).filter(([key, inner]) => inner !== undefined && key !== "__proto__")
    return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]))
  }
  return value === 0 ? 0 : value
}

/** Valid for the schema: every key, and texts of every kind. */
export const configs = Arbitrary.make(ConfigFile).map((config) => plain(encode(config)))

/** Set to something that looks like a reference itself. */
export const environment: EnvironmentRecord = { HERE: "here ${HERE} and $${HERE}" }

const changed = (value: unknown, change: (text: string) => unknown): unknown => {
  if (typeof value === "string") return change(value)
  if (Array.isArray(value)) return value.map((one: unknown) => changed(one, change))
  return isTable(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, changed(inner, change)]))
    : value
}

/** Tables of texts that may be anything. */
const free = ["default_model", "models", "custom_headers", "extra_env", "query_params"]

const templates = ["${HERE}", "Bearer ${HERE}", "a $${HERE} b", "$$${HERE}", "${HERE}${HERE}", "cost: $5"]

const choices = fc.record({
  names: fc.shuffledSubarray(["grok", "my own", "ü.x", 'the "best"', "a\nb", "写作"], { minLength: 6 }),
  address: fc.array(
    fc.constantFrom(
      "https://one.example/v1",
      "https://${HERE}.example/v1",
      "${HERE}",
      "http://user:password-of-mine@h.example/?key=a-key-of-mine"
    ),
    { minLength: 6, maxLength: 6 }
  ),
  key: fc.array(
    fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9"\\#= -]{1,24}$/).map((api_key) => ({ api_key })),
      fc.constantFrom({ api_key: "${HERE}" }, { api_key_env: "HERE" }, { api_key_keyring: "HERE" }, {})
    ),
    { minLength: 6, maxLength: 6 }
  ),
  text: fc.array(fc.option(fc.constantFrom(...templates), { freq: 3 }), { minLength: 5, maxLength: 5 }),
  demo: fc.constantFrom([], [{ name: "demo", enabled: false }], [{ name: "demo", models: { haiku: "d" }, priority: 1 }])
})

type Choices = typeof choices extends fc.Arbitrary<infer A> ? A : never

/** With names where names belong, and with no reference but well-formed ones where they may be. */
const valid = ([config, { address, demo, key, names, text }]: readonly [unknown, Choices]): Plain => {
  const { context, default_profile: _, model_info: models, profiles, router, ...others } = onlyTable(config)
  // in the order of the texts, which repeat
  let turn = 0
  const any = (given: string): string => text[turn++ % text.length] ?? given.replaceAll("${", "")
  const none = (given: string): string => given.replaceAll("${", "")
  const list: ReadonlyArray<unknown> = Array.isArray(profiles) ? profiles.slice(0, names.length) : []
  const used = list.map((_one, at) => names[at] ?? "")
  const [first = ""] = used
  const { compression, rag, sharing } = onlyTable(context)
  const profile = (one: unknown, at: number) => {
    const { api_key: _a, api_key_env: _b, api_key_keyring: _c, dialect, ...kept } = onlyTable(one)
    return {
      ...Object.fromEntries(
        Object.entries(kept).map(([name, value]) => [name, changed(value, free.includes(name) ? any : none)])
      ),
      ...key[at],
      ...(dialect === undefined ? {} : { dialect: dialects[at] }),
      name: used[at],
      base_url: address[at],
      backup_providers: used.filter((other) => other !== used[at]).slice(0, at),
      ...(kept["auth_type"] === "oauth" ? { oauth_provider: "claude" } : {})
    }
  }
  const named = (table: unknown, more: Plain = {}): Plain => ({
    ...onlyTable(changed(table, any)),
    profile: first,
    ...more
  })
  const { rules, ...routing } = onlyTable(router)
  return {
    ...onlyTable(changed(others, any)),
    ...Object.fromEntries(
      ["log_level", "hyperlinks"].flatMap((name) => (name in others ? [[name, others[name]] as const] : []))
    ),
    default_profile: first,
    model_info: Object.fromEntries(Object.values(onlyTable(models)).map((value, at) => [`m-${at}*`, value])),
    router: named(first === "" ? { ...routing, enabled: false } : routing, {
      rules: Object.fromEntries(Object.keys(onlyTable(rules)).map((intent) => [intent, first]))
    }),
    context: {
      sharing,
      compression: named(first === "" ? { ...onlyTable(compression), enabled: false } : compression),
      rag: named(first === "" ? { ...onlyTable(rag), enabled: false } : rag)
    },
    profiles: [...demo, ...list.map(profile)]
  }
}

/** Valid as a whole, together with `environment`; as a TOML file holds it. */
export const validConfigs: fc.Arbitrary<TomlTable> = fc.tuple(configs, choices).map(valid).filter(isDocument)
