/** Properties of file schemas: a key in the file's spelling, a property in the code's, and what stands for "not written". */
import { Schema } from "effect"

/** A key that must be written. */
export const required = <A, I, R, Key extends string>(schema: Schema.Schema<A, I, R>, key: Key) =>
  Schema.propertySignature(schema).pipe(Schema.fromKey(key))

/** A key that may be left out: the property then has this value. */
export const withDefault = <A, I, R, Key extends string>(
  schema: Schema.Schema<A, I, R>,
  key: Key,
  value: () => NoInfer<A>
) => Schema.optionalWith(schema, { default: value }).pipe(Schema.fromKey(key))

/** A key that may be left out: the property is then absent. */
export const optional = <A, I, R, Key extends string>(schema: Schema.Schema<A, I, R>, key: Key) =>
  Schema.optionalWith(schema, { exact: true }).pipe(Schema.fromKey(key))
