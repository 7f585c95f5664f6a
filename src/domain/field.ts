/** Fields of the documents that claudex hands to programs. */
import type { Schema } from "effect"

/** A value with what it means, which docs/json-output.md and the description of the admin API repeat. */
export const field = <A, I, R>(schema: Schema.Schema<A, I, R>, meaning: string): Schema.Schema<A, I, R> =>
  schema.annotations({ description: meaning })
