/** A request that gets no answer but an error, in the client's own terms. */
import { Data, Effect, Either } from "effect"
import { gatewayError, type ErrorType, type GatewayError } from "../protocol/errors.ts"

export class Refused extends Data.TaggedError("Refused")<{
  readonly error: GatewayError
  /** More headers for the answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** The provider's own answer in the client's protocol, to be handed on as it came; absent when there is none. */
  readonly verbatim?: {
    readonly body: Uint8Array
    readonly headers: Readonly<Record<string, string>>
    readonly status: number
  }
}> {
  override get message(): string {
    return this.error.message
  }
}

/** Refuses with an error of our own making. */
export const refuse = (
  type: ErrorType,
  message: string,
  extra?: Partial<Pick<GatewayError, "status" | "retryAfter" | "shouldRetry">>
): Effect.Effect<never, Refused> => Effect.fail(new Refused({ error: gatewayError(type, message, extra) }))

/** The value of a pure step, or the refusal it found. */
export const orRefuse = <A>(step: Either.Either<A, GatewayError>): Effect.Effect<A, Refused> =>
  Either.isRight(step) ? Effect.succeed(step.right) : Effect.fail(new Refused({ error: step.left }))
