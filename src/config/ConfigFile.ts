/** The configuration file as one schema: every key, its type and its default. */
import { Schema } from "effect"
import { Profile } from "../domain/Profile.ts"

export const ConfigFile = Schema.Struct({
  profiles: Schema.optionalWith(Schema.Array(Profile), { default: () => [] })
})
export type ConfigFile = typeof ConfigFile.Type
