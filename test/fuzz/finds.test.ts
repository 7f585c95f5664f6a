/** What the fuzz targets found, by name; finds that belong to one unit stand beside its other tests. */
import { expect, it } from "vitest"
import { argsDelta, added, call, completed, itemDone, stream } from "../protocol/responses/answers.ts"
import { judgeInput, shrink, type FuzzTarget } from "./engine.ts"
import { targets } from "./targets/index.ts"

it("a Responses answer of thousands of items keeps them apart, whatever it costs to look for them", () => {
  const many = Array.from({ length: 1000 }, (_, index) => index)
  const records = many.flatMap((index) => [
    added(index, call(`c${index}`, "Read", "")),
    argsDelta(index, `{"n":${index}}`),
    itemDone(index, call(`c${index}`, "Read", `{"n":${index}}`))
  ])
  const told = stream([...records, completed()])
  expect(told.content).toEqual(many.map((index) => `Read {"n":${index}}`))
  expect(told.end).toBe("tool_use")
})

it.each([
  ["anthropic", 'data:{"type":"content_block_start","content_block":{"type":"tool_use"}}'],
  [
    "anthropic",
    'data: {"type":"message_start"}\n\ndata: {"type":"content_block_del\n\ndata: {"type":"message_stop"}\n\n'
  ],
  ["responses", 'data:{"type":"response.refusal.done","refusal":"o"}'],
  ["anthropic", 'data:\ufeff{"type":"message_stop"}'],
  ["splice", '{"messages":[{"content":[{"type":"thinking","thinking":"hm"}]}]}'],
  ["pass", "\n"],
  ["sse", "error:}"],
  ["sse", "\ufeff\ufeff{"]
])("%s keeps its word on %j", async (name, input) => {
  const target = targets.find((one) => one.name === name)
  const bytes = new TextEncoder().encode(input)
  const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1)
  for (const seed of seeds)
    expect(target === undefined ? ["no such target"] : await judgeInput(target, bytes, seed)).toEqual([])
})

it("a find shrinks to the bytes that make it one", async () => {
  const picky: FuzzTarget = {
    name: "picky",
    cases: 1,
    make: () => new Uint8Array(0),
    judge: (input) => (new TextDecoder().decode(input).match(/b.*d/) === null ? [] : ["b before d"])
  }
  const input = new TextEncoder().encode(`${"x".repeat(500)}b${"y".repeat(300)}d${"z".repeat(100)}`)
  const smallest = await shrink(picky, { target: "picky", seed: 1, input, wrong: ["b before d"] })
  expect(new TextDecoder().decode(smallest.input)).toBe("bd")
})
