/** The JSON of `claudex proxy status --json`. */
import { Schema } from "effect"
import { field } from "../domain/field.ts"
import { ProfileView, Status } from "../gateway/admin/schemas.ts"
import { Health } from "../gateway/contract.ts"

export const StatusDocument = Schema.Union(
  Schema.Struct({ running: Schema.Literal(false) }),
  Schema.Struct({
    running: field(Schema.Literal(true), "Whether a gateway runs; nothing else is told where none does."),
    url: field(Schema.String, "Its address."),
    log: field(Schema.String, "The file of its log."),
    health: field(Health, "What it tells everybody."),
    status: Schema.optional(field(Status, "What it tells its user; absent where it is of another version.")),
    profiles: Schema.optional(
      field(Schema.Array(ProfileView), "As they are for someone who works here; absent where that is not known.")
    )
  })
)
export type StatusDocument = typeof StatusDocument.Type
