/** What is written from the sources: the pages under docs/ and the JSON Schema beside the example. */
import { configJsonSchema } from "../src/config/jsonSchema.ts"
import { configurationPage } from "./configDocs.ts"
import { jsonPage } from "./jsonOutput.ts"

/** Files by their path in the checkout. */
export const written = (): { readonly [path: string]: string } => ({
  "config.schema.json": `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  "docs/configuration.md": configurationPage(),
  "docs/json-output.md": jsonPage()
})
