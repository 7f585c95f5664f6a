import { describe, expect, it } from "@effect/vitest"
import { Either, Schema } from "effect"
import * as fc from "fast-check"
import { newProfile, type ProfileWords, usualAddress } from "../../src/cli/newProfile.ts"
import { splitRunArgs } from "../../src/cli/argv.ts"
import { words as commandWords } from "../../src/cli/commands.ts"
import { readWords } from "../../src/cli/words.ts"
import { Profile } from "../../src/domain/Profile.ts"
import { providerOf, recognise } from "../../src/provider/quirks.ts"
import { runs } from "../support/runs.ts"
import { nothing, providerRows, someWords } from "./profileWords.ts"

const drafted = (words: Partial<ProfileWords>) =>
  Either.match(newProfile({ ...nothing, ...words }), {
    onLeft: ({ code, message, next }) => ({ code, message, next }),
    onRight: ({ profile }) => profile
  })

const kinds = providerRows.map(({ kind }) => kind)
const ownAddresses = providerRows.filter(({ ownAddress }) => ownAddress === true)

describe("a profile from words", () => {
  it("gets its name, its protocol and its address from the provider", () => {
    expect(drafted({ provider: "xai", model: "grok-4" })).toEqual({
      name: "xai",
      provider_type: "OpenAICompatible",
      base_url: "https://api.x.ai/v1",
      default_model: "grok-4"
    })
    expect(drafted({ provider: "anthropic", model: "claude-sonnet-4-6" })).toMatchObject({
      provider_type: "DirectAnthropic",
      base_url: "https://api.anthropic.com"
    })
    expect(drafted({ provider: "chatgpt", model: "gpt-5.6" })).toMatchObject({
      provider_type: "OpenAIResponses",
      base_url: "https://chatgpt.com/backend-api/codex"
    })
    expect(drafted({ provider: "deepseek", model: "m", type: "DirectAnthropic" })).toMatchObject({
      base_url: "https://api.deepseek.com/anthropic"
    })
  })

  it("has what was typed in place of it, in the order of the file", () => {
    const profile = drafted({
      name: "mine",
      provider: "xai",
      baseUrl: "https://relay.example/v1",
      apiKeyEnv: "XAI_API_KEY",
      model: "grok-4",
      opus: "grok-5",
      haiku: "grok-3-mini",
      type: "OpenAIResponses"
    })
    expect(JSON.stringify(profile)).toBe(
      JSON.stringify({
        name: "mine",
        provider_type: "OpenAIResponses",
        base_url: "https://relay.example/v1",
        api_key_env: "XAI_API_KEY",
        default_model: "grok-4",
        models: { haiku: "grok-3-mini", opus: "grok-5" },
        dialect: "xai"
      })
    )
  })

  it("is valid, and spoken to as its provider wants it, whoever that is and wherever the server", () => {
    fc.assert(
      fc.property(someWords, (words) => {
        const result = newProfile({ ...nothing, ...words })
        const lacksAddress = Either.isLeft(result) && result.left.message.includes("--base-url")
        expect(Either.isRight(result) || (lacksAddress && words.baseUrl === undefined)).toBe(true)
        if (Either.isLeft(result)) return
        const { profile } = result.right
        const decoded = Schema.decodeUnknownSync(Profile, { onExcessProperty: "error" })(profile)
        expect(providerOf(decoded.baseUrl, decoded.dialect).kind).toBe(words.provider)
        expect(decoded).toMatchObject({ name: words.name ?? words.provider, defaultModel: words.model })
        // no more is written than is needed
        expect(decoded.dialect === undefined).toBe(recognise(decoded.baseUrl).row.kind === words.provider)
      }),
      { numRuns: runs }
    )
  })

  it("can be had of every provider with a model alone, save those without an address for all", () => {
    const complete = kinds.filter((provider) => Either.isRight(newProfile({ ...nothing, provider, model: "m" })))
    expect(kinds.filter((kind) => !complete.includes(kind))).toEqual(ownAddresses.map(({ kind }) => kind))
    for (const row of ownAddresses) expect(usualAddress(row, "OpenAICompatible")).toBeUndefined()
  })
})

describe("words that make no profile", () => {
  it("are answered with all flags that are missing, and the command with them", () => {
    expect(drafted({})).toMatchObject({
      code: 2,
      message: expect.stringMatching(
        /^"claudex profile add" needs --provider and --model\. The providers are openai, /
      ),
      next: "claudex profile add --provider PROVIDER --model MODEL"
    })
    expect(drafted({ name: "my own", provider: "xai", apiKeyEnv: "K" })).toEqual({
      code: 2,
      message: '"claudex profile add" needs --model.',
      next: "claudex profile add 'my own' --provider xai --api-key-env K --model MODEL"
    })
    expect(drafted({ provider: "azure", model: "m" })).toMatchObject({
      message: expect.stringMatching(/ needs --base-url\. Azure OpenAI has no address that is the same for all/),
      next: "claudex profile add --provider azure --model m --base-url URL"
    })
    expect(drafted({ provider: "xai", model: "m", type: "DirectAnthropic" })).toMatchObject({
      message: expect.stringContaining("xAI speaks Anthropic Messages")
    })
  })

  it("are answered with the provider that was meant, also where it has another name", () => {
    const meant = (provider: string) => drafted({ provider, model: "m" })
    for (const [typed, kind] of [
      ["xia", "xai"],
      ["XAI", "xai"],
      ["grok", "xai"],
      ["claude", "anthropic"],
      ["Google", "gemini"],
      ["open-router", "openrouter"]
    ] as const) {
      expect(meant(typed)).toEqual({
        code: 2,
        message: `There is no provider "${typed}". Did you mean "${kind}"?`,
        next: `claudex profile add --provider ${kind} --model m`
      })
    }
    expect(meant("nobody-knows-it")).toMatchObject({ message: expect.stringContaining("The providers are openai, ") })
    expect(drafted({ provider: "xai", model: "m", type: "openai-compatible" })).toMatchObject({
      message: 'There is no protocol "openai-compatible". Did you mean "OpenAICompatible"?'
    })
  })

  it("are refused where the name means something else, or cannot be typed", () => {
    for (const name of ["auto", "all", " x", "a\nb", "\u001b[2J"])
      expect(drafted({ name, provider: "xai", model: "m" })).toMatchObject({ code: 2 })
  })

  it("are refused when one of them is a key, which is not repeated", () => {
    const keys = ["sk-ant-planted0123456789", "gsk_planted0123456789", "xai-planted0123456789", "planted key"]
    for (const key of keys) {
      const refused = drafted({ provider: "xai", model: "m", apiKeyEnv: key })
      expect(refused).toMatchObject({ code: 2, message: expect.stringContaining("never the key itself") })
      expect(JSON.stringify(refused)).not.toContain("planted")
    }
    const addresses = [
      "https://user:planted@llm.example/v1",
      "https://planted@llm.example/v1",
      "https://llm.example/v1?api_key=planted",
      "https://${HOST}/v1?api_key=planted"
    ]
    for (const baseUrl of addresses) {
      const refused = drafted({ provider: "generic", model: "m", baseUrl })
      expect(refused).toMatchObject({ code: 2, message: expect.stringContaining("--base-url takes no key") })
      expect(JSON.stringify(refused)).not.toContain("planted")
    }
    for (const baseUrl of ["https://user:${PW}@llm.example/v1", "https://llm.example/v1?api_key=${KEY}&region=eu"])
      expect(drafted({ provider: "generic", model: "m", baseUrl })).toMatchObject({ base_url: baseUrl })
  })

  it("are refused before any of them is read when a key has an option of its own", () => {
    for (const option of ["--api-key", "--key", "--token", "--api_key"]) {
      for (const value of [[option, "sk-planted"], [`${option}=sk-planted`]]) {
        const { own } = splitRunArgs(["profile", "add", "--provider", "xai", ...value])
        const mistake = Either.getOrThrow(Either.flip(readWords(commandWords, own)))
        expect(mistake.message).toMatch(/history of the shell.*--api-key-env.*profile set-key/)
        expect(mistake.message).not.toContain("planted")
      }
    }
  })
})
