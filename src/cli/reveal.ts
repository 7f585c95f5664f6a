/** Leave to show secrets in clear, which only a person in front of a terminal gives. */
import { Effect } from "effect"
import { agrees, canAnswer, canAsk } from "./ask.ts"
import { type Ended, Failure } from "./output.ts"

const refused = (message: string, masked: string): Failure => new Failure({ message, next: masked, code: 2 })

/**
 * Whether the user wants to see the secrets; Enter is no. Ends at Ctrl-C; fails where nobody can be asked, or the output
 * goes elsewhere than to the screen. `what`: whose secrets, as in "Show the secrets of …"; `masked`: the command without them.
 */
export const mayReveal = (what: string, masked: string): Effect.Effect<boolean, Ended | Failure> =>
  Effect.if(Effect.sync(canAnswer), {
    onTrue: () => agrees(`Show the secrets of ${what} in clear, on this screen?`, "no"),
    onFalse: () =>
      refused(
        "--reveal shows secrets only on a terminal, and only after a question. Without it they are masked.",
        masked
      )
  })

/** The same where they go into a file, for which a terminal for the question is enough. */
export const mayWrite = (what: string, file: string, masked: string): Effect.Effect<boolean, Ended | Failure> =>
  Effect.if(Effect.sync(canAsk), {
    onTrue: () => agrees(`Write the secrets of ${what} in clear into ${file}?`, "no"),
    onFalse: () => refused("--reveal asks first, which takes a terminal. Without it secrets are masked.", masked)
  })
