/** Leave to show secrets in clear, which only a person in front of a terminal gives. */
import { Effect } from "effect"
import { agrees, canAnswer } from "./ask.ts"
import { Failure } from "./output.ts"

/**
 * Whether the user wants to see the secrets; Enter and Ctrl-C are no. Fails where nobody can be asked, or the output goes
 * elsewhere than to the screen. `what`: whose secrets, as in "Show the secrets of …"; `masked`: the command without them.
 */
export const mayReveal = (what: string, masked: string): Effect.Effect<boolean, Failure> =>
  Effect.suspend(() =>
    canAnswer()
      ? agrees(`Show the secrets of ${what} in clear, on this screen?`, "no")
      : new Failure({
          message: "--reveal shows secrets only on a terminal, and only after a question. Without it they are masked.",
          next: masked,
          code: 2
        })
  )
