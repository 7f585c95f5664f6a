import { describe, expect, it } from "@effect/vitest"
import { FileSystem, Path } from "@effect/platform"
import { Effect, Layer, Option, Redacted, Schema } from "effect"
import { Config } from "../../src/config/Config.ts"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import { Environment, type EnvironmentRecord } from "../../src/config/Environment.ts"
import { Paths, placesOf } from "../../src/config/Paths.ts"
import { SecretStore } from "../../src/credentials/SecretStore.ts"
import { childEnvironment } from "../../src/launcher/childEnvironment.ts"
import { planSession, requireKey, type SessionRequest } from "../../src/launcher/session.ts"
import { noKeyring } from "../support/keyring.ts"

const settings = Schema.decodeSync(ConfigFile)({
  model_aliases: { fast: "grok-4-fast" },
  model_info: { "grok-*": { context_window: 64_000 } },
  profiles: [
    {
      name: "grok",
      provider_type: "OpenAICompatible",
      base_url: "https://api.x.ai/v1",
      api_key_env: "XAI_API_KEY",
      default_model: "grok-4",
      extra_env: { TEAM: "${TEAM_NAME}" }
    },
    {
      name: "max",
      base_url: "https://api.anthropic.com",
      default_model: "opus",
      auth_type: "oauth",
      oauth_provider: "claude"
    }
  ]
})

const environment: EnvironmentRecord = { HOME: "/home/ann", TEAM_NAME: "red", XAI_API_KEY: "k" }

/** What can be reached: the settings files of Claude Code, by path, and nothing to write to. */
const world = (inherited: EnvironmentRecord, files: Readonly<Record<string, string>>) =>
  Layer.mergeAll(
    Config.layerOf(settings),
    Environment.layerOf(inherited),
    Layer.succeed(Paths, placesOf(inherited, "linux")),
    Path.layer,
    FileSystem.layerNoop({ readFileString: (path) => Effect.succeed(files[path] ?? "") })
  )

const asked = (fields: Partial<SessionRequest>): SessionRequest => ({
  profile: "grok",
  model: Option.none(),
  child: [],
  anchor: { cwd: "/project", explicit: Option.none() },
  direct: false,
  command: "env",
  ...fields
})

const planned = (fields: Partial<SessionRequest>, inherited = environment, files = {}) =>
  Effect.provide(planSession(asked(fields)), world(inherited, files))

/** On a machine where no key is stored. */
const keyRequired = (session: Effect.Effect.Success<ReturnType<typeof planned>>) =>
  Effect.provide(
    requireKey(session),
    SecretStore.layerWith(noKeyring).pipe(Layer.provide(Layer.merge(world(environment, {}), Path.layer)))
  )

const variables = (session: Effect.Effect.Success<ReturnType<typeof planned>>) =>
  Object.fromEntries(
    childEnvironment({ ...session.facts, gateway: undefined }).map(({ name, value }) => [
      name,
      Redacted.isRedacted(value) ? Redacted.value(value) : value
    ])
  )

describe("the plan of a session", () => {
  it.effect("knows the model by the provider's name, how long a prompt it takes, and the profile's variables", () =>
    Effect.gen(function* () {
      const session = yield* planned({ model: Option.some("fast") })
      expect(session.model).toBe("grok-4-fast")
      expect(session.needsGateway).toBe(true)
      expect(variables(session)).toMatchObject({
        ANTHROPIC_MODEL: "grok-4-fast",
        ANTHROPIC_DEFAULT_OPUS_MODEL: "grok-4",
        CLAUDE_CODE_MAX_CONTEXT_TOKENS: "64000",
        TEAM: "red"
      })
    })
  )

  it.effect("takes the file of --config from where the command was typed", () =>
    Effect.gen(function* () {
      const session = yield* planned({ anchor: { cwd: "/project", explicit: Option.some("../a.toml") } })
      expect(session.facts).toMatchObject({ workspace: "/project", configFile: "/a.toml" })
    })
  )

  it.effect("leaves the permission mode to the settings of Claude Code, where they choose one", () =>
    Effect.gen(function* () {
      expect((yield* planned({})).plan.added).toHaveLength(1)
      const file = { "/project/.claude/settings.json": '{"permissions":{"defaultMode":"plan"}}' }
      expect((yield* planned({}, environment, file)).plan.added).toEqual([])
    })
  )

  it.effect(
    "needs no gateway, and no key of ours, for Claude Code's own login or for a command that asks no model",
    () =>
      Effect.gen(function* () {
        for (const fields of [{ profile: "max" }, { child: ["mcp", "list"] }]) {
          const session = yield* planned(fields, { HOME: "/home/ann", TEAM_NAME: "red" })
          expect(session.needsGateway).toBe(false)
          yield* keyRequired(session)
        }
      })
  )

  it.effect("says what is missing before anything is started", () =>
    Effect.gen(function* () {
      const withoutKey = yield* planned({}, { HOME: "/home/ann", TEAM_NAME: "red" })
      expect((yield* Effect.flip(keyRequired(withoutKey))).variable).toBe("XAI_API_KEY")
      expect(yield* Effect.flip(planned({}, { HOME: "/home/ann" }))).toMatchObject({ variable: "TEAM_NAME" })
    })
  )

  it.effect("names the command to type for the profile that was meant", () =>
    Effect.gen(function* () {
      for (const command of ["env", "run"]) {
        const error = yield* Effect.flip(planned({ profile: "grk", command }))
        expect(error).toMatchObject({ _tag: "UnknownProfile", next: `claudex ${command} grok` })
      }
    })
  )
})
