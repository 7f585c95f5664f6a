import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { renderEvent } from "../../../src/protocol/anthropic/render.ts"
import { anthropicTurnDecoder } from "../../../src/protocol/anthropic/turnDecoder.ts"
import { turnEncoder } from "../../../src/protocol/anthropic/turnEncoder.ts"
import { chatFold, chatTurnEncoder } from "../../../src/protocol/chat/turnEncoder.ts"
import type { TurnSink } from "../../../src/protocol/turn.ts"
import { readAnthropicSse, streamViolations } from "../../../src/testing/anthropicGrammar.ts"
import { accumulateSse } from "../../../src/testing/anthropicMessage.ts"
import { heard } from "../../../src/testing/chatMeaning.ts"
import { badEnd, goodEnd, turnScript } from "../../../src/testing/chatScript.ts"
import { type Json, type JsonObject, oneOf } from "../../../src/testing/json.ts"
import { plainId } from "../../../src/testing/text.ts"
import { runs } from "../../support/runs.ts"
import { mergedBlocks } from "./support/compare.ts"
import { contextFor, play, playScript, playWhole } from "./support/exchange.ts"
import { manner } from "./support/manners.ts"
import { holds } from "../../support/holds.ts"

const context = contextFor()
const about = { provider: "first", model: "claude", now: 0 }
const chatAnswer = { id: "chatcmpl-1", model: "m", created: 1 }

/** Feeds an Anthropic stream to the decoder of that protocol. */
const decodeStream = (sse: string, sink: TurnSink): void => {
  const decoder = anthropicTurnDecoder(about, sink)
  readAnthropicSse(sse).events.forEach((event) => decoder.record(event.type, JSON.stringify(event)))
  decoder.end()
}

/** An Anthropic stream, decoded and encoded again. */
const again = (decode: (sink: TurnSink) => void): string => {
  let out = ""
  const encoder = turnEncoder(
    context,
    (event) => {
      out += renderEvent(event)
    },
    () => true
  )
  decode(encoder.sink)
  return out
}

/** Ids that need no encoding: an encoded one, coming from a provider, would be encoded once more. */
const id = oneOf(plainId, fc.constant(""))

const ended = turnScript({ id, end: oneOf(goodEnd, badEnd) })

/** A message up to its id, its cutting into blocks, and why it was refused. */
const kept = (message: JsonObject | undefined): JsonObject | undefined => {
  if (message === undefined) return undefined
  const { stop_details: _, ...rest } = message
  return { ...rest, id: "msg_*", content: mergedBlocks(message) }
}

/** What a Chat answer can say of a message: no envelopes, no name of a stop sequence. */
const sayable = (message: JsonObject | undefined): Json => {
  const { text, thinking, calls, stopReason } = heard(message ?? {})
  return {
    text,
    thinking,
    calls: calls.map((call) => ({ id: call.id, name: call.name, input: call.input })),
    stop: stopReason === "stop_sequence" ? "end_turn" : (stopReason ?? null),
    usage: message?.["usage"] ?? null
  }
}

describe("answers pass the hub unchanged", () => {
  it("an Anthropic stream, decoded and encoded again, gives the same message", async () => {
    await holds(
      fc.property(ended, manner, (script, how) => {
        const { sse } = playScript(context, script, how)
        const first = accumulateSse(sse)
        const copy = again((sink) => decodeStream(sse, sink))
        const second = accumulateSse(copy)
        expect(sse === "" || !first.complete ? [] : streamViolations(copy)).toEqual([])
        expect(second.complete).toBe(first.complete)
        expect(kept(second.complete ? second.message : undefined)).toEqual(
          kept(first.complete ? first.message : undefined)
        )
        expect(second.error?.["type"]).toBe(first.error?.["type"])
      }),
      { numRuns: runs }
    )
  })

  it("a whole Anthropic message gives the stream of that message", async () => {
    await holds(
      fc.property(turnScript({ id }), manner, (script, how) => {
        const { message, complete } = accumulateSse(playScript(context, script, how).sse)
        if (!complete || message === undefined || message["stop_reason"] === "max_tokens") return
        const copy = again((sink) => anthropicTurnDecoder(about, sink).whole(message))
        expect(streamViolations(copy)).toEqual([])
        expect(kept(accumulateSse(copy).message)).toEqual(kept(message))
      }),
      { numRuns: runs }
    )
  })

  it("an Anthropic stream, told in Chat and translated back, says the same", async () => {
    await holds(
      fc.property(ended, manner, (script, how) => {
        const { sse } = playScript(context, script, how)
        const first = accumulateSse(sse)
        let chat = ""
        const encode = chatTurnEncoder(chatAnswer, (text) => {
          chat += text
        })
        decodeStream(sse, encode)
        const back = accumulateSse(play(context, [new TextEncoder().encode(chat)]).sse)
        expect(back.complete).toBe(first.complete)
        expect(first.complete ? sayable(back.message) : null).toEqual(first.complete ? sayable(first.message) : null)
      }),
      { numRuns: runs }
    )
  })

  it("an Anthropic stream, folded to a Chat completion and translated back, says the same", async () => {
    const turn = turnScript({ id }).filter(
      ({ end }) => end.type !== "finish" || !["length", "max_tokens"].includes(end.reason)
    )
    await holds(
      fc.property(turn, manner, (script, how) => {
        const { sse } = playScript(context, script, how)
        const { message, complete } = accumulateSse(sse)
        if (!complete) return
        const fold = chatFold(chatAnswer)
        decodeStream(sse, fold.sink)
        expect(sayable(playWhole(context, JSON.parse(JSON.stringify(fold.completion() ?? null))).message)).toEqual(
          sayable(message)
        )
      }),
      { numRuns: runs }
    )
  })
})
