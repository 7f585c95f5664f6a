/** What a profile comes to, as the JSON of `profile show --json`. Pure. */
import { Either, Option, Schema } from "effect"
import type { Origin } from "../config/LoadedConfig.ts"
import { KeyState } from "../credentials/keyState.ts"
import { slotModel } from "../domain/Profile.ts"
import { modelInfoAt, policyLayers } from "../provider/modelInfo.ts"
import { resolveModel } from "../provider/models.ts"
import { recognise } from "../provider/quirks.ts"
import { policyTable } from "./policyReport.ts"
import { ListedProfile, originOf } from "./profileList.ts"
import { endpointOf, type ProfileReport } from "./profileReport.ts"
import { settingsView, viewAt } from "./settingsView.ts"

const Tokens = Schema.NullOr(Schema.Int)

export const ProfileView = Schema.Struct({
  name: Schema.String,
  enabled: Schema.Boolean,
  provider: Schema.Struct({
    kind: Schema.String,
    label: Schema.String,
    told_by: Schema.Literal("dialect", "host", "port", "nothing")
  }),
  provider_type: ListedProfile.fields.provider_type,
  /** Where requests go; null where they go nowhere. */
  endpoint: Schema.NullOr(Schema.String),
  key: Schema.Struct({
    state: KeyState,
    /** Where it is, or is missing, in words. */
    place: Schema.String,
    /** The key itself, with --reveal only. */
    value: Schema.optional(Schema.String)
  }),
  /** The provider's model of each slot. */
  models: Schema.Struct({
    haiku: Schema.String,
    sonnet: Schema.String,
    opus: Schema.String,
    fable: Schema.String
  }),
  /** Of the one that was asked about. Null: not known. */
  model: Schema.Struct({
    name: Schema.String,
    context_window: Tokens,
    output_limit: Tokens,
    vision: Schema.NullOr(Schema.Boolean),
    /** none, always, switch, or the efforts there are. */
    reasoning: Schema.NullOr(Schema.Union(Schema.String, Schema.Array(Schema.String))),
    /** US dollars per million tokens. */
    price: Schema.NullOr(
      Schema.Struct({ input: Schema.Number, output: Schema.Number, cached: Schema.NullOr(Schema.Number) })
    )
  }),
  /** How the provider is spoken to, by the keys of [profiles.quirks]; null where nothing is translated. */
  quirks: Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  /** The profile as a file would have it, defaults too; references to variables are not filled in. */
  settings: Schema.Unknown,
  origin: ListedProfile.fields.origin
})
export type ProfileView = typeof ProfileView.Type

const modelOf = ({ profile, settings }: ProfileReport, name: string): ProfileView["model"] => {
  const { contextWindow, outputLimit, price, reasoning, vision } = modelInfoAt(profile, name, settings.modelInfo)
  return {
    name,
    context_window: contextWindow ?? null,
    output_limit: outputLimit ?? null,
    vision: vision ?? null,
    reasoning: reasoning ?? null,
    price: price === undefined ? null : { input: price.input, output: price.output, cached: price.cached ?? null }
  }
}

/** Without secrets, unless they are to be seen. */
export const profileView = (report: ProfileReport, state: KeyState, origin: Origin): ProfileView => {
  const { key, model, profile, revealed, settings } = report
  const name = resolveModel(model ?? profile.defaultModel, profile, settings.modelAliases)
  const { by, row } = recognise(profile.baseUrl, profile.dialect)
  const view = settingsView(settings, revealed === undefined ? "masked" : "clear")
  return {
    name: profile.name,
    enabled: profile.enabled,
    provider: { kind: row.kind, label: row.label, told_by: by },
    provider_type: profile.providerType,
    endpoint: Option.getOrNull(Either.getRight(endpointOf(profile, revealed !== undefined))),
    key: { state, place: key, ...(revealed?.key === undefined ? {} : { value: revealed.key }) },
    models: {
      haiku: slotModel(profile, "haiku"),
      sonnet: slotModel(profile, "sonnet"),
      opus: slotModel(profile, "opus"),
      fable: slotModel(profile, "fable")
    },
    model: modelOf(report, name),
    quirks:
      profile.providerType === "DirectAnthropic" ? null : policyTable(policyLayers(profile, name, settings.modelInfo)),
    settings: viewAt(view, ["profiles", profile.name]),
    origin: originOf(origin)
  }
}
