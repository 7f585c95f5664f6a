import { describe, expect, test } from "vitest"
import { fromErrorObject, fromUpstream, type GatewayError } from "../../src/protocol/errors.ts"
import { providers as table } from "../../src/provider/table/index.ts"
import { about as clock } from "./upstreamErrors/case.ts"
import { type Kind, type Known, outcomes, type Provider } from "./upstreamErrors/known.ts"
import { providers } from "./upstreamErrors/providers/index.ts"

const received = ({ given }: Known, { about }: Provider): GatewayError => {
  const exchange = { ...about, now: clock.now }
  return "response" in given ? fromUpstream(given.response, exchange) : fromErrorObject(given.inside, exchange)
}

const advice = (kind: Kind, { about: { host, model, provider } }: Provider): string => {
  if (kind === "bad key") return ` Check the API key of profile "${provider}".`
  return kind === "unknown model"
    ? ` Asked for model "${model}" at ${host}: check the model name and the base URL of profile "${provider}".`
    : ""
}

const wanted = ({ kind, says, sentence, wait }: Known, provider: Provider): GatewayError => {
  const next = advice(kind, provider)
  const stop = next === "" || /[.!?…。]$/.test(says) ? "" : "."
  return {
    _tag: "GatewayError",
    ...outcomes[kind],
    message: `${sentence === undefined ? "" : `${sentence}. `}${provider.about.provider}: ${says}${stop}${next}`,
    ...(wait === undefined ? {} : { retryAfter: wait })
  }
}

const titleOf = ({ given, kind, says }: Known): string =>
  `${kind}${"response" in given ? ` under ${given.response.status}` : " inside of an answer"}: ${says.slice(0, 70)}`

for (const provider of providers) {
  describe(`errors of ${provider.name}`, () => {
    for (const failure of provider.cases) {
      test(`${titleOf(failure)}`, () => expect(received(failure, provider)).toEqual(wanted(failure, provider)))
    }
  })
}

test("every row of the table of providers has its failures in the corpus", () => {
  const kinds = table.map(({ kind }) => kind)
  expect(providers.flatMap(({ rows }) => rows).toSorted()).toEqual(kinds.toSorted())
})

test("the corpus is large, and knows of each provider what happens most", () => {
  expect(providers.flatMap(({ cases }) => cases).length).toBeGreaterThanOrEqual(300)
  const needed: ReadonlyArray<readonly [need: "bad key" | "rate limit" | "overflow", kinds: ReadonlyArray<Kind>]> = [
    ["bad key", ["bad key"]],
    ["rate limit", ["rate limit", "used up", "overload"]],
    ["overflow", ["overflow"]]
  ]
  for (const { cases, lacks = [], name } of providers) {
    for (const [need, kinds] of needed) {
      const has = cases.some(({ kind }) => kinds.includes(kind))
      expect(has, `${name}: ${need}`).toBe(!lacks.includes(need))
    }
    expect(new Set(cases.map(({ kind }) => kind)).size, name).toBeGreaterThanOrEqual(5)
  }
})
