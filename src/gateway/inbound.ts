/** A Messages request as far as somebody needs to know it: to be handed on it is looked through, to be translated read. */
import { Effect } from "effect"
import { decodeRequest } from "../protocol/anthropic/request.ts"
import type { Survey } from "../protocol/anthropic/splice.ts"
import type { Conversation } from "../protocol/conversation.ts"
import { parsed, surveyed } from "./body.ts"
import { orRefuse, type Refused } from "./Refused.ts"

export interface Inbound {
  /** As the client names it. */
  readonly model: string
  readonly stream: boolean
  /** Named by the body, where it was read. */
  readonly session: string | undefined
  readonly body: Uint8Array
  readonly survey: Effect.Effect<Survey, Refused>
  readonly conversation: Effect.Effect<Conversation, Refused>
  /**
   * Whoever asks for the conversation again has it read again: while an answer is on its way, which takes minutes, the bytes
   * are enough.
   */
  readonly forget: () => void
}

const nothing = () => {}

const read = (body: Uint8Array): Effect.Effect<Conversation, Refused> =>
  Effect.flatMap(parsed(body), (value) => orRefuse(decodeRequest(value)))

/** Takes the way that will probably do; the other one is open until it is known who answers. */
export const inbound = (body: Uint8Array, handedOn: boolean): Effect.Effect<Inbound, Refused> =>
  handedOn
    ? Effect.map(surveyed(body), (survey) => ({
        model: survey.model ?? "",
        stream: survey.stream,
        session: undefined,
        body,
        survey: Effect.succeed(survey),
        conversation: Effect.suspend(() => read(body)),
        forget: nothing
      }))
    : Effect.map(read(body), (conversation) => {
        let held: Conversation | undefined = conversation
        return {
          model: conversation.model,
          stream: conversation.stream,
          session: conversation.sessionId,
          body,
          survey: Effect.suspend(() => surveyed(body)),
          conversation: Effect.suspend(() => (held === undefined ? read(body) : Effect.succeed(held))),
          forget: () => {
            held = undefined
          }
        }
      })
