/**
 * The variables claudex was started with, as a value: whoever reads the environment asks this service, so that tests
 * and the gateway (which is lent the variables of the sessions it serves) can substitute their own.
 */
import { Context, Layer } from "effect"

/** Variable names to values; `undefined` stands for "not set". */
export type EnvironmentRecord = Readonly<Record<string, string | undefined>>

/** The variables claudex was started with. */
export class Environment extends Context.Tag("claudex/Environment")<Environment, EnvironmentRecord>() {
  /** The variables of this process, copied once when the layer is built. */
  static readonly layer: Layer.Layer<Environment> = Layer.sync(Environment, () => ({ ...globalThis.process.env }))

  /** A fixed set of variables. */
  static readonly layerOf = (variables: EnvironmentRecord): Layer.Layer<Environment> =>
    Layer.succeed(Environment, variables)
}

/** A variable's value; one that is set to nothing counts as not set, as is the custom for XDG_* and the like. */
export const variable = (environment: EnvironmentRecord, name: string): string | undefined => {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined
  return value === "" ? undefined : value
}
