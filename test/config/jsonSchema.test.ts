import { readFileSync } from "node:fs"
import { Ajv } from "ajv"
import { describe, expect, it } from "@effect/vitest"
import { parse } from "smol-toml"
import { configJsonSchema } from "../../src/config/jsonSchema.ts"

const schema = configJsonSchema()
const accepts = new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(JSON.stringify(schema)))
const problems = (toml: string): ReadonlyArray<string> =>
  accepts(parse(toml)) ? [] : (accepts.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)

const example = readFileSync("config.example.toml", "utf8")

describe("the JSON Schema of the configuration", () => {
  it("takes the example, and a part of a profile", () => {
    expect(problems(example)).toEqual([])
    expect(problems('[[profiles]]\nname = "grok"\nenabled = false\n')).toEqual([])
  })

  it("refuses what the loader refuses", () => {
    expect(problems("proxy_prot = 1")).toHaveLength(1)
    expect(problems("proxy_port = 65536")).not.toEqual([])
    expect(problems('log_level = "loud"')).not.toEqual([])
    expect(problems("[timeouts]\nidle_seconds = 0")).not.toEqual([])
    expect(problems('[[profiles]]\nbase_url = "https://x"')).not.toEqual([])
    expect(problems('[[profiles]]\nname = "x"\nbase_ulr = "https://x"')).not.toEqual([])
  })

  it("takes the example with every setting that stands there as a comment", () => {
    expect(problems(example.replace(/^#(?=[^\s:])/gm, "").replace(/^api_key(_keyring)? =.*$/gm, ""))).toEqual([])
  })

  it("says what each key means", () => {
    expect(schema).toMatchObject({
      properties: {
        proxy_port: { description: "The port of the gateway; 0 takes any free one." },
        timeouts: { properties: { idle_seconds: { description: "Silence inside an answer, in seconds." } } }
      }
    })
  })

  it("refers to nothing, as beside a reference nothing counts in Draft 7", () => {
    expect(JSON.stringify(schema)).not.toContain('"$ref"')
  })

  it("tells the defaults that the example tells", () => {
    const defaults: Array<readonly [string, unknown]> = []
    const walk = (inner: unknown, path: string) => {
      if (typeof inner !== "object" || inner === null) return
      if ("default" in inner) defaults.push([path, inner.default])
      if ("properties" in inner && typeof inner.properties === "object" && inner.properties !== null)
        for (const [key, one] of Object.entries(inner.properties)) walk(one, path === "" ? key : `${path}.${key}`)
    }
    walk(schema, "")
    const written = (path: string): unknown =>
      path.split(".").reduce<unknown>((inner, key) => Object(inner)[key], parse(example))
    expect(defaults.length).toBeGreaterThan(30)
    for (const [path, value] of defaults) expect([path, written(path)]).toEqual([path, value])
  })
})
