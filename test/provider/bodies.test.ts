/** Whatever a client asks for, every provider of the table is sent what a strict server of its kind takes. */
import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { decodeRequest } from "../../src/protocol/anthropic/request.ts"
import { encodeFor } from "../../src/protocol/encode.ts"
import type { Protocol } from "../../src/protocol/policy.ts"
import { policyFor } from "../../src/provider/quirks.ts"
import { generic, providers } from "../../src/provider/table/index.ts"
import { anthropicRequest } from "../../src/testing/anthropicRequests.ts"
import { chatBodyViolations } from "../../src/testing/chatBody.ts"
import { responsesBodyViolations } from "../../src/testing/responsesBody.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const judges = { chat: chatBodyViolations, responses: responsesBodyViolations }

describe.each([...providers, generic].map((row) => [row.kind, row] as const))("what %s is sent", (_, row) => {
  const models = ["some-model", ...(row.models ?? []).map(({ example }) => example)]

  it.each<Protocol>(["chat", "responses"])("over %s is what it takes, for each of its models", async (protocol) => {
    await holds(
      fc.property(anthropicRequest(), fc.constantFrom(...models), (request, model) => {
        const policy = policyFor({ baseUrl: row.example, dialect: row.kind }, model, protocol)
        const conversation = Either.getOrThrow(decodeRequest(request))
        const encoded = Either.getOrThrow(encodeFor(protocol, conversation, { model, policy }))
        if (encoded.local !== undefined) return
        const body: unknown = JSON.parse(JSON.stringify(encoded.body))
        expect(judges[protocol](body, policy)).toEqual([])
      }),
      { numRuns: Math.ceil(runs / 10) }
    )
  })
})
