/** Arbitraries of the laws: a script with a way to send it. */
import { FastCheck as fc } from "effect"
import { chatStyle } from "../../../../src/testing/chatRender.ts"
import { chunking, framing } from "../../../../src/testing/sseBytes.ts"
import type { Manner } from "./exchange.ts"

/** Any style, any framing, any cuts. */
export const manner: fc.Arbitrary<Manner> = fc.record({ style: chatStyle, framing, chunking })
