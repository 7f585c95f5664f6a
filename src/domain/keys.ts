/**
 * Properties of file schemas: a key in the file's spelling, a property in the code's, what stands for "not written", and
 * what the key means. The meaning is for users: docs/configuration.md and the JSON Schema that editors read repeat it. What
 * the value must look like is said by the annotations of its own schema, which faults quote.
 */
import { Schema } from "effect"

/** A key that must be written. */
export const required = <A, I, R, Key extends string>(schema: Schema.Schema<A, I, R>, key: Key, meaning: string) =>
  Schema.propertySignature(schema).pipe(Schema.fromKey(key)).annotations({ description: meaning })

/** A key that may be left out: the property then has this value. */
export const withDefault = <A, I, R, Key extends string>(
  schema: Schema.Schema<A, I, R>,
  key: Key,
  value: () => NoInfer<A>,
  meaning: string
) => Schema.optionalWith(schema, { default: value }).pipe(Schema.fromKey(key)).annotations({ description: meaning })

/** A key that may be left out: the property is then absent. */
export const optional = <A, I, R, Key extends string>(schema: Schema.Schema<A, I, R>, key: Key, meaning: string) =>
  Schema.optionalWith(schema, { exact: true }).pipe(Schema.fromKey(key)).annotations({ description: meaning })
