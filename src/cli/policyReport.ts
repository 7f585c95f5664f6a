/** A policy as the lines of `[profiles.quirks]` that would say the same, in sections by where the values come from. */
import { Quirks } from "../domain/Quirks.ts"
import { genericPolicy } from "../protocol/policy.ts"
import type { PolicyLayer } from "../provider/quirks.ts"

type Origin = PolicyLayer["origin"]

/** The headings, in the order in which the sections stand. */
export type Headings = Readonly<Record<Origin, string>>

interface Value {
  readonly key: string
  readonly value: unknown
  readonly origin: Origin
}

/** Keys of the code in the spelling of the file. */
const fileKey = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** What holds in the end, each value with the last layer that gave it. */
const valuesOf = (layers: ReadonlyArray<PolicyLayer>): ReadonlyArray<Value> => {
  const found = new Map<string, Value>()
  for (const { origin, values } of layers)
    for (const [key, value] of Object.entries(values)) found.set(key, { key, value, origin })
  found.delete("kind")
  return [...found.values()]
}

const written = (value: unknown): string => {
  if (value instanceof RegExp) return String(value)
  return Array.isArray(value) ? `[${value.map(written).join(", ")}]` : JSON.stringify(value)
}

/** What holds, by the keys of the file; patterns as they are written. */
export const policyTable = (layers: ReadonlyArray<PolicyLayer>): { readonly [key: string]: unknown } =>
  Object.fromEntries(
    valuesOf(layers).map(({ key, value }) => [
      fileKey(key),
      JSON.parse(JSON.stringify(value, (_, inner: unknown) => (inner instanceof RegExp ? String(inner) : inner)))
    ])
  )

const width = 80

/** What a profile cannot say stands as a comment, which may go on in the next line. */
const linesOf = ({ key, value }: Value): ReadonlyArray<string> => {
  const assignment = `${fileKey(key)} = ${written(value)}`
  if (Object.hasOwn(Quirks.fields, key)) return [`  ${assignment}`]
  const comment = `  # ${assignment}`
  return comment.length <= width ? [comment] : [`  # ${fileKey(key)} =`, `  #   ${written(value)}`]
}

const generic: Readonly<Record<string, unknown>> = { ...genericPolicy }

/** What the generic dialect says too is left out unless the user said it or `all` is asked for. */
const isTold = ({ key, origin, value }: Value): boolean =>
  origin === "profile" || origin === "model_info" || written(value) !== written(generic[key])

/** Sections with a heading each; empty ones are left out. */
export const policyReport = (
  layers: ReadonlyArray<PolicyLayer>,
  headings: Headings,
  all: boolean
): ReadonlyArray<string> => {
  const values = valuesOf(layers).filter((value) => all || isTold(value))
  const origins: ReadonlyArray<Origin> = ["provider", "model", "catalog", "model_info", "profile", "generic"]
  return origins.flatMap((origin) => {
    const lines = values.filter((value) => value.origin === origin).flatMap(linesOf)
    return lines.length === 0 ? [] : ["", `${headings[origin]}:`, ...lines]
  })
}
