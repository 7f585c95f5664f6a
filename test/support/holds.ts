/** Properties that are tried very often without keeping the test runner waiting. */
import { FastCheck as fc } from "effect"

/** So many tries take far less than the minute after which the runner takes a silent worker for dead. */
const batch = 200

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * Tries the property `numRuns` times, as `fc.assert` does, in batches between which the event loop turns. A fixed seed
 * makes one batch of all.
 */
export const holds = async <Values>(
  property: fc.IProperty<Values> | fc.IAsyncProperty<Values>,
  options: fc.Parameters<Values> & { readonly numRuns: number }
): Promise<void> => {
  const whole = options.seed !== undefined || options.examples !== undefined
  if (whole) return fc.assert(property, options)
  const { seed } = fc.readConfigureGlobal() ?? {}
  for (let done = 0; done < options.numRuns; done += batch) {
    const numRuns = Math.min(options.numRuns - done, batch)
    await fc.assert(property, { ...options, numRuns, ...(seed === undefined ? {} : { seed: seed + done }) })
    await breathe()
  }
}
