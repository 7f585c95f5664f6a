import { configJsonSchema } from "../../config/jsonSchema.ts"
import { print } from "../output.ts"

/** `claudex config schema`: for editors that know TOML. */
export const handle = print(JSON.stringify(configJsonSchema(), null, 2))
