import { FastCheck as fc } from "effect"
import { describe, expect, test } from "vitest"
import {
  errorBody,
  errorHeaders,
  fromErrorObject,
  fromUpstream,
  type GatewayError
} from "../../../src/protocol/errors.ts"
import { runs } from "../../support/runs.ts"
import { about as clock } from "../upstreamErrors/case.ts"
import type { Known, Provider } from "../upstreamErrors/known.ts"
import { mapTexts, mutations, valueOf } from "../upstreamErrors/mutations.ts"
import { planted } from "../upstreamErrors/planted.ts"
import { providers } from "../upstreamErrors/providers/index.ts"
import { holds } from "../../support/holds.ts"

type Change = (value: unknown) => unknown

/** What the client gets when the body of a known failure arrives changed. */
const changed = ({ given }: Known, { about }: Provider, change: Change): GatewayError => {
  const exchange = { ...about, now: clock.now }
  if ("inside" in given) return fromErrorObject(change(given.inside), exchange)
  const value = change(valueOf(given.response.body))
  return fromUpstream({ ...given.response, body: typeof value === "string" ? value : JSON.stringify(value) }, exchange)
}

/** All but the provider's words. */
const classOf = ({ message, ...rest }: GatewayError) => ({
  ...rest,
  sentence: /^(?:prompt is too long|input length and)[^.]*/.exec(message)?.[0]
})

const all = providers.flatMap((provider) => provider.cases.map((failure) => ({ provider, failure })))

describe("a known failure keeps its class when a relay passes it on (L22)", () => {
  for (const [name, change] of Object.entries(mutations)) {
    test(`${name}`, () => {
      for (const { failure, provider } of all) {
        const where = `${provider.name}: ${failure.says}`
        expect(classOf(changed(failure, provider, change)), where).toEqual(
          classOf(changed(failure, provider, (value) => value))
        )
      }
    })
  }

  test("and when two relays do, one after the other", async () => {
    const names = fc.constantFrom(...Object.keys(mutations))
    await holds(
      fc.property(fc.nat(all.length - 1), names, names, (index, first, second) => {
        for (const { failure, provider } of all.slice(index, index + 1)) {
          const twice: Change = (value) => mutations[second]?.(mutations[first]?.(value))
          expect(classOf(changed(failure, provider, twice)), `${provider.name}: ${failure.says}`).toEqual(
            classOf(changed(failure, provider, (value) => value))
          )
        }
      }),
      { numRuns: runs * 2 }
    )
  })
})

test("a secret in the words of any known failure reaches nobody (L22)", async () => {
  await holds(
    fc.property(fc.nat(all.length - 1), planted, fc.boolean(), (index, [secret, shown], isFirst) => {
      const plant: Change = (value) => mapTexts(value, (text) => (isFirst ? `${shown} ${text}` : `${text} ${shown}`))
      for (const { failure, provider } of all.slice(index, index + 1)) {
        const error = changed(failure, provider, plant)
        expect(JSON.stringify([errorBody(error), errorHeaders(error)])).not.toContain(secret.slice(0, 12))
      }
    }),
    { numRuns: runs * 2 }
  )
})
