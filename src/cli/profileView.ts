/** What a profile comes to, as the JSON of `profile show --json`. Pure. */
import { Either, Option, Schema } from "effect"
import type { Origin } from "../config/LoadedConfig.ts"
import type { KeyState } from "../credentials/keyState.ts"
import { field } from "../domain/field.ts"
import { slotModel } from "../domain/Profile.ts"
import { modelInfoAt, policyLayers } from "../provider/modelInfo.ts"
import { resolveModel } from "../provider/models.ts"
import { recognise } from "../provider/quirks.ts"
import { policyTable } from "./policyReport.ts"
import { ListedProfile, originOf } from "./profileList.ts"
import { endpointOf, type ProfileReport } from "./profileReport.ts"
import { settingsView, viewAt } from "./settingsView.ts"

const tokens = (meaning: string) => field(Schema.NullOr(Schema.Int), meaning)
const tier = field(Schema.String, "The provider's model of this tier.")
const dollars = (meaning: string) => field(Schema.Number, `US dollars per million tokens ${meaning}.`)

export const ProfileView = Schema.Struct({
  name: field(Schema.String, "Of the profile."),
  enabled: field(Schema.Boolean, "Whether it can be used."),
  provider: field(
    Schema.Struct({
      kind: field(Schema.String, "As dialect would name it."),
      label: field(Schema.String, "The same for people."),
      told_by: field(Schema.Literal("dialect", "host", "port", "nothing"), "How claudex knows.")
    }),
    "Who the provider is."
  ),
  provider_type: ListedProfile.fields.provider_type,
  endpoint: field(
    Schema.NullOr(Schema.String),
    "Where requests go; null where they go nowhere, or need a variable that is not set."
  ),
  key: field(
    Schema.Struct({
      state: ListedProfile.fields.key,
      place: field(Schema.String, "Where it is, or is missing, in words."),
      value: Schema.optional(field(Schema.String, "The key itself, with --reveal only."))
    }),
    "What it proves itself with."
  ),
  models: field(
    Schema.Struct({ haiku: tier, sonnet: tier, opus: tier, fable: tier }),
    "What the tiers of Claude Code stand for."
  ),
  model: field(
    Schema.Struct({
      name: field(Schema.String, "The provider's own."),
      context_window: tokens("Prompt and answer together, in tokens."),
      output_limit: tokens("The longest answer, in tokens."),
      vision: field(Schema.NullOr(Schema.Boolean), "Whether it reads images."),
      reasoning: field(
        Schema.NullOr(Schema.Union(Schema.String, Schema.Array(Schema.String))),
        "none, always, switch, or the efforts there are."
      ),
      price: field(
        Schema.NullOr(
          Schema.Struct({
            input: dollars("of a prompt"),
            output: dollars("of an answer"),
            cached: field(Schema.NullOr(Schema.Number), "The same of what a cache had; null: as input.")
          })
        ),
        "By the catalog, or as you say."
      )
    }),
    "The one that was asked about; null stands for what is not known."
  ),
  quirks: field(
    Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
    "How the provider is spoken to, by the keys of [profiles.quirks]; null where nothing is translated."
  ),
  missing_variables: field(
    Schema.Array(
      Schema.Struct({
        key: field(Schema.String, "Of the profile, such as base_url."),
        variable: field(Schema.String, "The environment variable that it refers to.")
      })
    ),
    "What refers to a variable that is not set, and stands here as it is written; the key has its own place."
  ),
  settings: field(
    Schema.Unknown,
    "The profile as a file would have it, defaults too; references to variables are not filled in."
  ),
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
  const { key, missing, model, profile, revealed, settings } = report
  const name = resolveModel(model ?? profile.defaultModel, profile, settings.modelAliases)
  const { by, row } = recognise(profile.baseUrl, profile.dialect)
  const view = settingsView(settings, revealed === undefined ? "masked" : "clear")
  return {
    name: profile.name,
    enabled: profile.enabled,
    provider: { kind: row.kind, label: row.label, told_by: by },
    provider_type: profile.providerType,
    endpoint: Option.getOrNull(Either.getRight(endpointOf(report))),
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
    missing_variables: missing.map((one) => ({ key: one.key, variable: one.variable })),
    settings: viewAt(view, ["profiles", profile.name]),
    origin: originOf(origin)
  }
}
