import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import {
  isAgain,
  type KeyHome,
  keyQuestion,
  noNameIn,
  refusedQuestion,
  unseenQuestion,
  variableQuestion,
  wayOf,
  withEntry,
  withKey
} from "../../src/cli/wizard/keyQuestions.ts"
import { answered, begin, lines, offered } from "../../src/cli/wizard/question.ts"
import type { ProfileWords } from "../../src/cli/newProfile.ts"
import type { ProviderRow } from "../../src/provider/table/row.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"
import { nothing, providerRows } from "./profileWords.ts"

const of = (kind: string): readonly [ProfileWords, ProviderRow] => {
  const row = providerRows.find((one) => one.kind === kind)
  if (row === undefined) throw new Error(`no provider ${kind}`)
  return [{ ...nothing, provider: kind }, row]
}

const environment = { HOME: "/h", A_API_KEY: "sk-1", XAI_API_KEY: "sk-2", EMPTY_API_KEY: "", GH_TOKEN: "sk-3" }
const homes: ReadonlyArray<KeyHome> = ["keyring", "file", "config"]
const profile = { name: "mine", provider_type: "T", base_url: "https://x.example", default_model: "m" }

describe("the question where a key is", () => {
  it("offers variables that are set and may hold a key, the provider's own first, and never shows what is in them", () => {
    const { choices } = keyQuestion(...of("xai"), environment, homes)
    const ways = choices.map(({ value }) => wayOf(value))
    expect(ways).toEqual([
      { is: "variable", name: "XAI_API_KEY" },
      { is: "variable", name: "A_API_KEY" },
      { is: "variable", name: "GH_TOKEN" },
      { is: "typed", home: "keyring" },
      { is: "typed", home: "file" },
      { is: "typed", home: "config" },
      { is: "another" },
      { is: "variable", name: undefined }
    ])
    expect(JSON.stringify(choices)).not.toContain("sk-")
  })

  it("offers only places that can be used, and none first to a server of one's own", () => {
    const { choices } = keyQuestion(...of("xai"), {}, ["file"])
    expect(choices.map(({ value }) => wayOf(value))).toEqual([
      { is: "typed", home: "file" },
      { is: "another" },
      { is: "variable", name: undefined }
    ])
    expect(keyQuestion(...of("ollama"), environment, homes).choices[0]?.value).toBe("")
  })

  it("fits into 80 columns, whatever it offers", () => {
    for (const row of providerRows) {
      const question = keyQuestion({ ...nothing, provider: row.kind }, row, environment, homes)
      const whole = lines(question, begin(question, 400, 40))
      expect(lines(question, begin(question, 80, 40))).toEqual(whole)
      const stays = question.choices.map((choice) => answered(question, choice))
      expect(stays.filter((line) => line.length > 80)).toEqual([])
    }
    const unseen = unseenQuestion("mine")
    expect(lines(unseen, begin(unseen, 80, 24))).toEqual(lines(unseen, begin(unseen, 400, 24)))
  })

  it("finds a place by any word of it", () => {
    const question = keyQuestion(...of("xai"), environment, homes)
    const found = (typed: string) => offered(question, typed).map(({ value }) => wayOf(value))
    expect(found("keyring")[0]).toEqual({ is: "typed", home: "keyring" })
    expect(found("private")[0]).toEqual({ is: "typed", home: "file" })
    expect(found("configuration")[0]).toEqual({ is: "typed", home: "config" })
  })

  it("takes the name of any variable that is typed, and nothing that looks like a key", () => {
    for (const question of [keyQuestion(...of("xai"), {}, homes), variableQuestion(noNameIn(of("xai")[0]))]) {
      expect(question.fault?.("OTHER")).toBeUndefined()
      for (const wrong of ["sk-ant-api03-abc", "two words", "1X"]) {
        expect(question.fault?.(wrong)).toContain("no name of a variable")
        expect(question.fault?.(wrong)).not.toContain(wrong)
      }
    }
    expect(variableQuestion(noNameIn(of("xai")[0])).fault?.("")).toBeDefined()
  })

  it("takes no text that is typed for a place", () =>
    holds(
      fc.property(fc.string(), (typed) => {
        const name = typed.trim()
        expect(wayOf(name)).toEqual({ is: "variable", name: name === "" ? undefined : name })
      }),
      { numRuns: runs }
    ))
})

describe("a key that was typed", () => {
  it("is asked for again where a provider answers as to a wrong one", () => {
    expect(refusedQuestion(401)?.label).toBe("The key is not accepted (HTTP 401)")
    for (const status of [400, 401, 403]) {
      expect(refusedQuestion(status)?.choices.map(({ value }) => isAgain(value))).toEqual([true, false])
    }
    for (const status of [undefined, 200, 404, 429, 500]) expect(refusedQuestion(status)).toBeUndefined()
  })

  it("stands where keys do, and is not seen before that", () => {
    const entries = Object.keys(withEntry(profile, "api_key", "sk-1"))
    expect(entries).toEqual(["name", "provider_type", "base_url", "api_key", "default_model"])
    expect(withKey(profile, undefined)).toBe(profile)
    for (const home of homes) {
      const { api_key, api_key_keyring } = withKey(profile, { home, account: "mine-api-key" })
      expect(home === "config" ? api_key : api_key_keyring).toContain("the typed key")
    }
  })
})
