/**
 * The environment Claude Code is started with, as data: every variable that is set or removed, and why. Pure, so that
 * it can be tested as a table and shown to the user as it is.
 */
import { Redacted } from "effect"
import { modelSlots, type ModelSlot, type Profile, usesClaudeLogin } from "../domain/Profile.ts"
import { isAnthropicApi } from "../provider/endpoint.ts"
import { meantBy } from "../provider/models.ts"
import { configHeader, environmentHeader, profilePath, workspaceHeader } from "../gateway/contract.ts"
import type { EnvironmentRecord } from "../config/Environment.ts"

/** One variable of the child. `value` is absent when the variable is removed, redacted when it may be a secret. */
export interface Change {
  readonly name: string
  readonly value?: string | Redacted.Redacted<string>
  readonly reason: string
}

/** Where the gateway answers, and what it wants to see from its clients. */
export interface GatewayAccess {
  /** Without a trailing slash, e.g. `http://127.0.0.1:13456`. */
  readonly url: string
  readonly token: Redacted.Redacted<string>
  /** The name under which the session's variables are lent to it; absent where none are. */
  readonly lent?: string
}

export interface LaunchFacts {
  readonly profile: Profile
  /** The model asked for with `-m`. */
  readonly model: string | undefined
  readonly aliases: Readonly<Record<string, string>>
  /** Absent when the child will not talk to a model (`--help`, `mcp list`). */
  readonly gateway: GatewayAccess | undefined
  readonly inherited: EnvironmentRecord
  /** The working directory, and the file given with `--config`; absolute. */
  readonly workspace: string
  readonly configFile: string | undefined
  /** The main model's context window in tokens, when it is known. */
  readonly contextWindow: number | undefined
  readonly interactive: boolean
  /** `--no-gateway`. */
  readonly direct: boolean
}

const slotVariable = (slot: ModelSlot): string => `ANTHROPIC_DEFAULT_${slot.toUpperCase()}_MODEL`

const set = (name: string, value: string | Redacted.Redacted<string>, reason: string): Change => ({
  name,
  value,
  reason
})

const conflicting: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
  [["ANTHROPIC_API_KEY"], "Claude Code would send it along and ask about it; the profile decides who is paid"],
  [
    [
      "CLAUDE_CODE_USE_BEDROCK",
      "CLAUDE_CODE_USE_VERTEX",
      "CLAUDE_CODE_USE_FOUNDRY",
      "CLAUDE_CODE_USE_MANTLE",
      "CLAUDE_CODE_USE_ANTHROPIC_AWS",
      "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
      "CLAUDE_CODE_USE_GATEWAY"
    ],
    "it would send the conversation to another provider than the profile's"
  ]
]

const conflictingWithGateway: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
  ...conflicting,
  [["CLAUDE_CODE_OAUTH_TOKEN"], "a claude.ai login is for claude.ai alone; the gateway must not receive it"],
  [["ANTHROPIC_UNIX_SOCKET"], "it would lead past the gateway"],
  [["ANTHROPIC_SMALL_FAST_MODEL"], "it names a model of another provider"],
  [
    modelSlots.flatMap((slot) => [`${slotVariable(slot)}_DESCRIPTION`, `${slotVariable(slot)}_SUPPORTED_CAPABILITIES`]),
    "it describes a model of another provider"
  ]
]

const removals = (
  inherited: EnvironmentRecord,
  table: ReadonlyArray<readonly [ReadonlyArray<string>, string]>
): ReadonlyArray<Change> =>
  table.flatMap(([names, reason]) =>
    names.filter((name) => inherited[name] !== undefined).map((name) => ({ name, reason }))
  )

const headerName = (line: string): string =>
  line
    .slice(0, Math.max(line.indexOf(":"), 0))
    .trim()
    .toLowerCase()
const ownHeaders: ReadonlySet<string> = new Set([workspaceHeader, configHeader, environmentHeader])

/** The header lines that the user set, without those of an enclosing claudex session. */
const foreignHeaders = (inherited: EnvironmentRecord): ReadonlyArray<string> =>
  (inherited["ANTHROPIC_CUSTOM_HEADERS"] ?? "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !ownHeaders.has(headerName(line)))

const ofEnclosing = "it belongs to the claudex session around this one"

/** Whether claudex was started by a Claude Code that claudex started. */
const isNested = (inherited: EnvironmentRecord): boolean =>
  (inherited["ANTHROPIC_CUSTOM_HEADERS"] ?? "").split(/\r?\n/).some((line) => ownHeaders.has(headerName(line)))

const headers = ({ inherited, workspace, configFile }: LaunchFacts, { lent }: GatewayAccess): Change => {
  const own = [`${workspaceHeader}: ${encodeURIComponent(workspace)}`]
  if (configFile !== undefined) own.push(`${configHeader}: ${encodeURIComponent(configFile)}`)
  if (lent !== undefined) own.push(`${environmentHeader}: ${lent}`)
  return set(
    "ANTHROPIC_CUSTOM_HEADERS",
    Redacted.make([...foreignHeaders(inherited), ...own].join("\n")),
    "tells the gateway which configuration and which variables hold; headers that were set stay"
  )
}

const proxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]

/** Keeps an HTTP proxy of the user away from the local gateway. */
const loopback = ({ inherited, gateway }: LaunchFacts): ReadonlyArray<Change> => {
  if (gateway === undefined || proxyVariables.every((name) => (inherited[name] ?? "") === "")) return []
  const host = new URL(gateway.url).hostname.replace(/^\[|\]$/g, "")
  const upper = inherited["NO_PROXY"]
  const lower = inherited["no_proxy"]
  const list = (upper ?? "") === "" ? (lower ?? "") : (upper ?? "")
  const withHost = (current: string) => {
    const entries = current.split(",").map((entry) => entry.trim())
    return entries.includes(host) || entries.includes("*") ? current : [...entries, host].filter(Boolean).join(",")
  }
  const reason = "the local gateway must be reached directly, not through the HTTP proxy"
  const changes = [set("NO_PROXY", withHost(list), reason)]
  if (lower !== undefined) changes.push(set("no_proxy", withHost(lower), reason))
  return changes
}

/** A variable that a user may have chosen otherwise for a reason. */
const unlessChosen = (
  inherited: EnvironmentRecord,
  name: string,
  value: string,
  reason: string
): ReadonlyArray<Change> => ((inherited[name] ?? "") === "" ? [set(name, value, reason)] : [])

const extra = (profile: Profile): ReadonlyArray<Change> =>
  Object.entries(profile.extraEnv).map(([name, value]) =>
    set(name, Redacted.make(value), `extra_env of the profile "${profile.name}"`)
  )

/** Takes what an enclosing session set for a tier away. */
const ofSlot = (inherited: EnvironmentRecord, slot: ModelSlot): ReadonlyArray<Change> =>
  removals(inherited, [[[slotVariable(slot), `${slotVariable(slot)}_NAME`], ofEnclosing]])

const models = ({ profile, model, aliases, inherited }: LaunchFacts): ReadonlyArray<Change> => {
  const resolve = (name: string) => meantBy(name, aliases)
  const slots = modelSlots.flatMap((slot) => {
    const own = profile.models[slot]
    // the client's own names for the tier are the provider's too
    if (own === undefined && isAnthropicApi(profile)) return isNested(inherited) ? ofSlot(inherited, slot) : []
    const name = resolve(own ?? profile.defaultModel)
    const reason = own === undefined ? "default_model of the profile, which sets no" : "the profile's"
    return [
      set(slotVariable(slot), name, `${reason} model for the tier ${slot}`),
      set(`${slotVariable(slot)}_NAME`, `${name} (${profile.name})`, "what the /model menu shows for it")
    ]
  })
  const main = resolve(model ?? profile.defaultModel)
  return [
    set("ANTHROPIC_MODEL", main, model === undefined ? "default_model of the profile" : "the model asked for with -m"),
    set("ANTHROPIC_DEFAULT_MODEL", main, "what Default means in the /model menu; else a window of 1M would be assumed"),
    ...slots
  ]
}

/** What the child takes for the size of the context; never that of another session's model. */
const window = ({ contextWindow, inherited }: LaunchFacts): ReadonlyArray<Change> => {
  const name = "CLAUDE_CODE_MAX_CONTEXT_TOKENS"
  if (contextWindow === undefined) return isNested(inherited) ? removals(inherited, [[[name], ofEnclosing]]) : []
  const reason = "the model's context window, so that the conversation is compacted in time"
  return [set(name, String(contextWindow), reason)]
}

/**
 * Its requests hold what only Anthropic's API understands, or the gateway, which writes it out for others. Where they are
 * handed on as they are, Claude Code's own choice for such addresses stands: off.
 */
const toolSearch = ({ inherited, profile }: LaunchFacts): ReadonlyArray<Change> => {
  const name = "ENABLE_TOOL_SEARCH"
  return profile.providerType !== "DirectAnthropic" || isAnthropicApi(profile)
    ? unlessChosen(inherited, name, "true", "otherwise off behind a base URL of one's own")
    : isNested(inherited)
      ? removals(inherited, [[[name], ofEnclosing]])
      : []
}

const throughGateway = (facts: LaunchFacts): ReadonlyArray<Change> => {
  const { profile, gateway, inherited, interactive } = facts
  const access =
    gateway === undefined
      ? []
      : [
          set("ANTHROPIC_BASE_URL", `${gateway.url}${profilePath(profile.name)}`, "the profile's place on the gateway"),
          set("ANTHROPIC_AUTH_TOKEN", gateway.token, "opens the local gateway; it is not the provider's key"),
          headers(facts, gateway)
        ]
  // the client asks for the list at each start and shows it in a menu that only an interactive session has
  const discovery = interactive
    ? unlessChosen(
        inherited,
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY",
        "1",
        "lists the models of all profiles in the /model menu"
      )
    : []
  return [
    ...removals(inherited, conflictingWithGateway),
    ...access,
    ...models(facts),
    ...window(facts),
    set(
      "CLAUDE_CODE_ATTRIBUTION_HEADER",
      "0",
      "its line differs in every conversation and defeats the provider's prompt cache"
    ),
    ...toolSearch(facts),
    ...discovery,
    ...loopback(facts),
    ...extra(profile)
  ]
}

/** What an enclosing session of claudex set: it must not lead this one to the other profile. */
const enclosing = [
  "ANTHROPIC_BASE_URL",
  "ANTHROPIC_MODEL",
  "ANTHROPIC_DEFAULT_MODEL",
  "CLAUDE_CODE_MAX_CONTEXT_TOKENS",
  "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY",
  "CLAUDE_CODE_ATTRIBUTION_HEADER",
  "ENABLE_TOOL_SEARCH",
  ...modelSlots.flatMap((slot) => [slotVariable(slot), `${slotVariable(slot)}_NAME`])
]

/** What would lead elsewhere than to Anthropic, whoever set it. */
const detours: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
  [["ANTHROPIC_BASE_URL", "ANTHROPIC_UNIX_SOCKET"], "--no-gateway: nothing stands between Claude Code and Anthropic"]
]

const withClaudeLogin = (facts: LaunchFacts): ReadonlyArray<Change> => {
  const { profile, inherited, model, aliases, direct } = facts
  const resolve = (name: string) => meantBy(name, aliases)
  const kept = foreignHeaders(inherited)
  const leftovers = isNested(inherited)
    ? [
        ...removals(inherited, [[enclosing, ofEnclosing]]),
        kept.length === 0
          ? { name: "ANTHROPIC_CUSTOM_HEADERS", reason: ofEnclosing }
          : set(
              "ANTHROPIC_CUSTOM_HEADERS",
              Redacted.make(kept.join("\n")),
              "without what the session around this one set"
            )
      ]
    : []
  const slots = modelSlots.flatMap((slot) => {
    const name = profile.models[slot]
    return name === undefined
      ? []
      : [set(slotVariable(slot), resolve(name), `the profile's model for the tier ${slot}`)]
  })
  return [
    ...removals(inherited, [
      ...conflicting,
      [["ANTHROPIC_AUTH_TOKEN"], "it would take the place of Claude Code's own login"]
    ]),
    ...leftovers,
    ...(direct ? removals(inherited, detours) : []),
    ...(model === undefined ? [] : [set("ANTHROPIC_MODEL", resolve(model), "the model asked for with -m")]),
    ...slots,
    ...extra(profile)
  ]
}

/** Every variable that differs from the inherited environment, in the order of application. */
export const childEnvironment = (facts: LaunchFacts): ReadonlyArray<Change> =>
  usesClaudeLogin(facts.profile) ? withClaudeLogin(facts) : throughGateway(facts)

/** The child's whole environment. Opens the redacted values: for the child only. */
export const applyChanges = (
  inherited: EnvironmentRecord,
  changes: ReadonlyArray<Change>
): Readonly<Record<string, string>> => {
  const result = new Map<string, string>()
  for (const [name, value] of Object.entries(inherited)) if (value !== undefined) result.set(name, value)
  for (const { name, value } of changes) {
    if (value === undefined) result.delete(name)
    else result.set(name, Redacted.isRedacted(value) ? Redacted.value(value) : value)
  }
  return Object.fromEntries(result)
}
