import { Schema } from "effect"
import { Profile } from "../../src/domain/Profile.ts"

/** A profile from the keys of a configuration file; the rest by default. */
export const profileOf = (fields: Readonly<Record<string, unknown>>): Profile =>
  Schema.decodeUnknownSync(Profile)({
    name: "p",
    provider_type: "OpenAICompatible",
    base_url: "https://example.com/v1",
    default_model: "m",
    ...fields
  })
