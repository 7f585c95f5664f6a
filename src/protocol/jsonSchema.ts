/** JSON Schema as a provider accepts it (wire specification §4.13): only ever weaker than what the client sent. */

/** How much has to change. Each level is described in the wire specification; `base` is what every server needs. */
export type SchemaLevel = "base"
