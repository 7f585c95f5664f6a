/** Where the configuration is looked for: for people and, as the JSON of `claudex config path --json`, for programs. Pure. */
import { Schema } from "effect"
import { field } from "../domain/field.ts"

export const PlaceList = Schema.Struct({
  places: field(
    Schema.Array(
      Schema.Struct({
        path: field(Schema.String, "The file."),
        used: field(Schema.Boolean, "Whether it is there and takes part."),
        layer: Schema.optional(
          field(
            Schema.Literal("global", "project", "explicit"),
            "The role in which it takes part; absent where it does not."
          )
        )
      })
    ),
    "Every place that is looked at, the strongest first."
  )
})
export type PlaceList = typeof PlaceList.Type

/** `+` before the files that take part. */
export const placeList = ({ places }: PlaceList): ReadonlyArray<string> =>
  places.map(({ layer, path }) => (layer === undefined ? `  ${path}` : `+ ${path} (${layer})`))
